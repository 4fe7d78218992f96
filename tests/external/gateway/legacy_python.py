"""A program written for Outlook REST v2.0 on O365 2.0.19, with one line changed: the host.

    python legacy_python.py https://127.0.0.1:8025 PHOTO.jpg FOLDER

FOLDER holds o365_token.txt, where the library keeps the token of the last sign-in. Anything that
is not as it was with outlook.office.com ends the program with a traceback.
"""

import sys

from O365 import Account, FileSystemTokenBackend, MSOffice365Protocol
from O365.directory import User
from requests.exceptions import HTTPError

HOST, PHOTO, FOLDER = sys.argv[1:]

# The one line: it was https://outlook.office.com/api/
MSOffice365Protocol._protocol_url = f"{HOST}/api/"

TOKENS = FileSystemTokenBackend(token_path=FOLDER)


def account(version="v2.0", **settings):
    """As whom the program signed in, with a version of the API."""
    protocol = MSOffice365Protocol(api_version=version)
    return Account(
        ("client-id", "client-secret"), protocol=protocol, token_backend=TOKENS, requests_delay=0, **settings
    )


def user(of, resource):
    return User(con=of.con, protocol=of.protocol, main_resource=resource)


outlook = account()
assert outlook.is_authenticated
service = outlook.protocol.service_url
assert service.startswith(HOST), service

with open(PHOTO, "rb") as file:
    picture = file.read()

# Setting a photo, and what is there then.
me = user(outlook, "me")
assert me.update_profile_photo(picture)
assert me.get_profile_photo() == picture

metadata = outlook.con.get(service + "me/photo").json()
assert metadata["Id"] == "648X648", metadata
assert (metadata["Width"], metadata["Height"]) == (648, 648), metadata
assert metadata["@odata.mediaContentType"] == "image/jpeg", metadata
assert metadata["@odata.context"].startswith("https://outlook.office.com/api/v2.0/$metadata#Me/photo"), metadata

selected = outlook.con.get(service + "me/photo", params={"$select": "Id,Width"}).json()
assert selected["Id"] == "648X648" and selected["Width"] == 648 and "Height" not in selected, selected

# Sizes, in both spellings: the library has one, beta's documentation the other.
small = me.get_profile_photo("48x48")
assert small[:2] == b"\xff\xd8" and len(small) < len(picture)
beta = account("beta")
sizes = beta.con.get(beta.protocol.service_url + "me/photos").json()
assert {"48X48", "648X648"} <= {photo["Id"] for photo in sizes["value"]}, sizes
keyed = beta.con.get(beta.protocol.service_url + "me/photos('48x48')").json()
assert (keyed["Id"], keyed["Width"]) == ("48X48", 48), keyed
assert user(beta, "me").get_profile_photo("48x48") == small

# Others, with a photo, without one, and unknown.
assert user(outlook, "users/alex@contoso.com").get_profile_photo()
nobody = outlook.con.get(service + "Users('lidia@contoso.com')/photo").json()
assert (nobody["Id"], nobody["@odata.mediaContentType"], nobody["@odata.mediaEtag"]) == ("1X1", "image/gif", ""), nobody
assert user(outlook, "users/lidia@contoso.com").get_profile_photo() is None
try:
    outlook.con.get(service + "Users('nobody@contoso.com')/photo")
except HTTPError as error:
    assert error.response.status_code == 404, error
    assert error.response.json()["error"]["code"], error
else:
    raise AssertionError("an unknown user has a photo")

print("python: O365 2.0.19 through the gateway: ok")
