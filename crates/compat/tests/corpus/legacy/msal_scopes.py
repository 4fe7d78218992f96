SCOPES = ["https://outlook.office.com/User.Read", "https://outlook.office.com/user.readbasic.all"]
app = msal.PublicClientApplication(CLIENT, authority=AUTHORITY)
token = app.acquire_token_interactive(scopes=SCOPES)
