function metadataUrl(mail) {
  return "https://outlook.office.com/api/v2.0/Users('" + mail + "')/photo";
}
function area(response) {
  return response.Width * response.Height;
}
