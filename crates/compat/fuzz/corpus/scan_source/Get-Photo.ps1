$uri = "https://outlook.office.com/api/v2.0/Users('$mail')/photo/`$value"
Invoke-RestMethod -Uri $uri -Headers @{ Authorization = "Bearer $token" } -OutFile photo.jpg
Invoke-RestMethod -Uri 'https://outlook.office.com/api/v2.0/Users(''adele@contoso.com'')/photo' | Select-Object Width
