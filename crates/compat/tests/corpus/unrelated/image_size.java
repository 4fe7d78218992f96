int area = image.Width * image.Height;
String id = record.Id;
map.put("Width", 10);
