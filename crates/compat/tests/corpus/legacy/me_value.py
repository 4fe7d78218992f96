import requests

def my_photo(token):
    url = "https://outlook.office.com/api/v2.0/me/photo/$value"
    return requests.get(url, headers={"Authorization": "Bearer " + token}).content
