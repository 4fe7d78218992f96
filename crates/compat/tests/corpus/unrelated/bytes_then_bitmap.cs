using var stream = await client.GetStreamAsync("https://outlook.office.com/api/v2.0/me/photo/$value");
using var bitmap = new Bitmap(stream);
Console.WriteLine(bitmap.Width + " by " + bitmap.Height);
