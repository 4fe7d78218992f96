import requests

r = requests.get('https://outlook.office.com/api/v2.0/me/photo', headers=headers)
meta = r.json()
print(meta["Width"], meta["Height"])
size = meta.get('Id')
