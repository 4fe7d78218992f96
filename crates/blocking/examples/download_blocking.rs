//! Downloads a user's photo in one size; GRAPH_PHOTO_TOKEN holds the token.

use graph_photo_blocking::{Client, Size};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut builder = Client::builder().bearer_token(std::env::var("GRAPH_PHOTO_TOKEN")?);
    if let Ok(url) = std::env::var("GRAPH_PHOTO_BASE_URL") {
        builder = builder.base_url(url);
    }
    let client = builder.build()?;

    let adele = client.user("adele@contoso.com").photo();
    match adele.size(Size::S96).get()? {
        Some(photo) => println!("{} bytes of {}", photo.bytes().len(), photo.content_type()),
        None => println!("no photo of that size"),
    }
    Ok(())
}
