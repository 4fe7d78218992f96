"""Microsoft's Python SDK, unmodified, against the emulator.

    python python_sdk.py http://127.0.0.1:8787

Nothing of the SDK is replaced: it gets a base URL and a credential. Any
difference from what is expected ends the script with a traceback.
"""

import asyncio
import base64
import sys
import urllib.request

from kiota_abstractions.authentication import AccessTokenProvider, AllowedHostsValidator
from kiota_abstractions.authentication import BaseBearerTokenAuthenticationProvider
from kiota_abstractions.base_request_configuration import RequestConfiguration
from msgraph import GraphRequestAdapter, GraphServiceClient
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.models.profile_photo import ProfilePhoto
from msgraph_core.requests.batch_request_builder import BatchRequestBuilder
from msgraph_core.requests.batch_request_content import BatchRequestContent
from msgraph_core.requests.batch_request_item import BatchRequestItem

ROOT = sys.argv[1]
GROUP = "22222222-0000-4000-8000-000000000001"


class AnyToken(AccessTokenProvider):
    """A credential: the emulator takes any bearer token."""

    async def get_authorization_token(self, uri, additional_authentication_context={}):
        return "any-token"

    def get_allowed_hosts_validator(self):
        return AllowedHostsValidator([])


def client():
    adapter = GraphRequestAdapter(BaseBearerTokenAuthenticationProvider(AnyToken()))
    adapter.base_url = f"{ROOT}/v1.0"
    return GraphServiceClient(request_adapter=adapter), adapter


def bytes_of(path):
    request = urllib.request.Request(f"{ROOT}{path}", headers={"Authorization": "Bearer x"})
    with urllib.request.urlopen(request) as answer:
        return answer.read()


async def refusal(call):
    try:
        await call
    except ODataError as error:
        return error.response_status_code, error.error.code
    raise AssertionError("expected an error")


async def main():
    graph, adapter = client()

    # Metadata: of oneself, of others, of one size, of all sizes.
    photo = await graph.me.photo.get()
    assert (photo.id, photo.width, photo.height) == ("default", 648, 648), photo
    assert photo.additional_data["@odata.mediaContentType"] == "image/jpeg"
    alex = graph.users.by_user_id("alex@contoso.com")
    photo = await alex.photos.by_profile_photo_id("48x48").get()
    assert (photo.id, photo.width) == ("48x48", 48), photo
    sizes = await alex.photos.get()
    assert [p.width for p in sizes.value] == [48, 64, 96, 120, 240, 360, 432, 504]
    contact = graph.me.contacts.by_contact_id("contact-1")
    assert (await contact.photo.get()).width == 96
    folder = graph.me.contact_folders.by_contact_folder_id("folder-1")
    assert (await folder.contacts.by_contact_id("contact-3").photo.get()).width == 120
    assert (await graph.groups.by_group_id(GROUP).photo.get()).width == 360
    assert (await graph.teams.by_team_id(GROUP).photo.get()).width == 360

    # Bytes.
    content = await graph.me.photo.content.get()
    assert content == bytes_of("/v1.0/me/photo/$value")
    small = await alex.photos.by_profile_photo_id("48x48").content.get()
    assert small[:3] == b"\xff\xd8\xff" and len(small) < len(content)

    # Upload: as the SDK sends it by default (octet-stream), and as an image.
    lidia = graph.users.by_user_id("lidia@contoso.com")
    await lidia.photo.content.put(content)
    assert await lidia.photo.content.get() == content
    jpeg = RequestConfiguration()
    jpeg.headers.add("Content-Type", "image/jpeg")
    await lidia.photo.content.put(small, jpeg)
    assert await lidia.photo.content.get() == small
    await graph.teams.by_team_id(GROUP).photo.content.put(small, jpeg)
    assert await graph.groups.by_group_id(GROUP).photo.content.get() == small

    # Delete, and then there is none.
    await lidia.photo.content.delete()
    missing = (404, "ImageNotFound")
    assert await refusal(lidia.photo.get()) == missing
    assert await refusal(lidia.photo.content.get()) == missing
    assert await refusal(alex.photos.by_profile_photo_id("648x648").get()) == missing
    assert await refusal(lidia.photo.content.put(b"no image")) == (
        500,
        "ErrorInternalServerError",
    )
    assert await refusal(graph.me.photo.patch(ProfilePhoto())) == (405, "Request_BadRequest")
    assert await refusal(contact.photo.content.delete()) == (405, "ErrorInvalidRequest")
    nomailbox = graph.users.by_user_id("nomailbox@contoso.com")
    assert await refusal(nomailbox.photo.get()) == (404, "MailboxNotEnabledForRESTAPI")

    # Users, to tell a missing photo from a missing user, and to walk the tenant.
    assert (await graph.me.get()).user_principal_name == "adele@contoso.com"
    assert (await refusal(graph.users.by_user_id("nobody@contoso.com").get())) == (
        404,
        "Request_ResourceNotFound",
    )
    page = await graph.users.get()
    assert len(page.value) == 6

    # $batch, built by the SDK. It cannot put an image into a batch (it parses
    # every body as JSON), and the dependencies that it writes are spelt
    # depends_on, which no service reads; the JavaScript run covers both.
    content_request = alex.photos.by_profile_photo_id("48x48").content
    batch = BatchRequestContent()
    for name, request in {
        "meta": graph.me.photo.to_get_request_information(),
        "bytes": content_request.to_get_request_information(),
        "none": lidia.photo.to_get_request_information(),
    }.items():
        batch.add_request(name, BatchRequestItem(request, id=name))
    answer = await BatchRequestBuilder(adapter).post(batch)
    status = {name: item.status for name, item in answer.responses.items()}
    assert status == {"meta": 200, "bytes": 200, "none": 404}, status
    # The SDK decodes base64 itself. JSON bodies it drops, its version 1.65 at
    # least: they are objects where it reads strings only.
    assert answer.get_response_stream_by_id("bytes").read() == small
    print("python: ok")


asyncio.run(main())
