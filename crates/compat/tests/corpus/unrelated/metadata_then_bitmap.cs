var info = await client.GetStringAsync("https://outlook.office.com/api/v2.0/me/photo");
var bitmap = Image.FromFile(path);
Resize(bitmap.Width, bitmap.Height, user.Id, "The Width of it");
