public static async Task<byte[]> GetPhotoAsync(HttpClient client)
{
    var request = new HttpRequestMessage(HttpMethod.Get, "https://outlook.office.com/api/beta/me/photos('96x96')/$value");
    request.Headers.Accept.ParseAdd("image/*");
    var response = await client.SendAsync(request);
    return await response.Content.ReadAsByteArrayAsync();
}
