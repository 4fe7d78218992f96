const outlook = require('node-outlook');
outlook.base.setApiEndpoint('https://outlook.office.com/api/v2.0');

outlook.base.makeApiCall({ url: '/me/photo', token }, (error, result) => {
  if (!error) console.log(result.body.Width);
});
