$photo = "https://outlook.office365.com/ews/Exchange.asmx/s/GetUserPhoto?email=$($user.Mail)&size=HR648x648"
Invoke-WebRequest $photo -Credential $credential -OutFile "$($user.Alias).jpg"
