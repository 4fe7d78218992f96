const url = 'https://graph.microsoft.com/v1.0/me/photo/$value';
const sized = `https://graph.microsoft.com/v1.0/users/${id}/photos/48x48/$value`;
const scopes = ['https://graph.microsoft.com/User.Read'];
