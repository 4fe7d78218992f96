var content = new ByteArrayContent(bytes);
content.Headers.ContentType = new MediaTypeHeaderValue("image/jpeg");
await client.PutAsync("https://outlook.office365.us/api/v2.0/me/photo/$value", content);
