import requests
from requests.auth import HTTPBasicAuth

url = "https://outlook.office365.com/EWS/Exchange.asmx/s/GetUserPhoto?email=adele@contoso.com&size=HR64x64"
picture = requests.get(url, auth=HTTPBasicAuth(name, password))
