SCOPES = %w[openid https://outlook.office.com/mail.read https://outlook.office.com/calendars.readwrite]
