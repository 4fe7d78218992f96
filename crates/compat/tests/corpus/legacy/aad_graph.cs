var url = $"https://graph.windows.net/{tenant}/users/{upn}/thumbnailPhoto?api-version=1.6";
