JSONObject photo = fetch("https://outlook.office.com/api/v2.0/me/photo");
int width = photo.getInt("Width");
int height = photo.getInt("Height");
