def photo(mail: String): Request =
  basicRequest.get(uri"https://outlook.office.com/api/v2.0/Users('$mail')/photo/$$value").auth.bearer(token)
