option :client_options, site: 'https://outlook.office.com'
option :scope, 'openid email profile https://outlook.office.com/user.read'

def photo
  access_token.get('/api/v2.0/me/photo/$value').body
end
