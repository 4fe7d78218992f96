#[derive(Deserialize)]
struct Photo {
    #[serde(rename = "Width")]
    width: u32,
}

async fn photo(client: &Client) -> Result<Photo, Error> {
    client.get("https://outlook.office.com/api/v2.0/me/photo").send().await?.json().await
}
