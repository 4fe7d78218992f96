var scopes = []string{"User.Read", "ProfilePhoto.Read.All", "https://graph.microsoft.com/.default"}
