URL = "https://outlook.office.com/api/v2.0/Users('{}')/photo".format(user)
info = get(URL)
w, h = info['Width'], info['Height']
