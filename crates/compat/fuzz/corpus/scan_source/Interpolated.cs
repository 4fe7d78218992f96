public async Task<PhotoInfo> InfoAsync(string email)
{
    var json = await http.GetStringAsync($"https://outlook.office.com/api/v2.0/Users('{email}')/photo");
    return JsonConvert.DeserializeObject<PhotoInfo>(json);
}

public class PhotoInfo
{
    [JsonProperty("Width")]
    public int W { get; set; }
    public int Height { get; set; }
}
