answer <- GET("https://outlook.office.com/api/v2.0/me/photo", add_headers(Authorization = bearer))
meta <- content(answer)
cat(meta$Width, "x", meta$Height, "\n")
