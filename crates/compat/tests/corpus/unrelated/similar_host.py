URL = "https://outlook.office.com.proxy.example/api/v2.0/me/photo"
MAIL = "photos@outlook.office.com"
OTHER = "https://myoutlook.office.com/api/v2.0/me/photo"
