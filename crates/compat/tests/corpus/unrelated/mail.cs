const string Root = "https://outlook.office.com/api/v2.0";
var messages = await client.GetStringAsync(Root + "/me/messages?$top=10");
var width = image.Width;
