const rp = require('request-promise');

module.exports = token => rp({
  uri: 'https://outlook.office.com/api/v2.0/me/photo/',
  json: true,
  auth: { bearer: token },
}).then(photo => ({ etag: photo['@odata.mediaEtag'], width: photo.Width, height: photo.Height }));
