const scopes = [
  'https://outlook.office.com/mail.read',
  'https://outlook.office.com/user.read',
];
