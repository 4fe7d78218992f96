"""What schemathesis has to know about the emulator.

Ids come from the demo tenant most of the time, so that the fuzzer gets past
"no such user", and bodies are pictures in all states of decay. The built-in
check for server errors gives way to one that knows the two answers above 499
that are meant: the observed 500 for what is no image, and 501.
"""

import random

import schemathesis
from hypothesis import strategies as st

TENANT = {
    "user-id": ["adele@contoso.com", "alex@contoso.com", "megan@contoso.com",
                "lidia@contoso.com", "nomailbox@contoso.com",
                "11111111-0000-4000-8000-000000000002"],
    "group-id": ["22222222-0000-4000-8000-000000000001",
                 "22222222-0000-4000-8000-000000000002"],
    "team-id": ["22222222-0000-4000-8000-000000000001"],
    "contact-id": ["contact-1", "contact-2", "contact-3"],
    "contactFolder-id": ["folder-1"],
    "profilePhoto-id": ["48x48", "96X96", "648x648", "256x256", "1x1"],
}

# A grey JPEG and PNG of 48x48 pixels.
JPEG = bytes.fromhex(
    "ffd8ffe000104a46494600010100000100010000ffdb004300080606070605080707070909080a0c140d0c0b"
    "0b0c1912130f141d1a1f1e1d1a1c1c20242e2720222c231c1c2837292c30313434341f27393d38323c2e3334"
    "32ffc0000b080030003001011100ffc4001f0000010501010101010100000000000000000102030405060708"
    "090a0bffc400b5100002010303020403050504040000017d0102030004110512213141061351610722711432"
    "8191a1082342b1c11552d1f02433627282090a161718191a25262728292a3435363738393a43444546474849"
    "4a535455565758595a636465666768696a737475767778797a838485868788898a92939495969798999aa2a3"
    "a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae1e2e3e4e5e6e7e8e9ea"
    "f1f2f3f4f5f6f7f8f9faffda0008010100003f0028a28a28a28a28a28a28a28a28a28a28a28a28a28a28a28a"
    "28a28affd9"
)
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000300000003008000000007269a65b0000002449444154789c63"
    "6c60200d3091a87e54c3a886510da31a46358c6a18d530aa61886b00005a0a00e03a0c62930000000049454e"
    "44ae426082"
)


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    lot = random.Random(repr(path_parameters))
    for name in path_parameters or {}:
        if name in TENANT and lot.random() < 0.8:
            path_parameters[name] = lot.choice(TENANT[name])
    return path_parameters


@schemathesis.hook
def filter_query(context, query):
    """An empty list, as in $select=, is none at all; that is meant."""
    lists = ("$select", "$orderby")
    return all((query or {}).get(name, "id") not in ("", [""], [], None) for name in lists)


@st.composite
def decayed(draw):
    picture = bytearray(draw(st.sampled_from([JPEG, PNG])))
    for _ in range(draw(st.integers(0, 8))):
        picture[draw(st.integers(0, len(picture) - 1))] = draw(st.integers(0, 255))
    end = draw(st.one_of(st.just(len(picture)), st.integers(0, len(picture))))
    return bytes(picture[:end])


pictures = st.one_of(st.just(JPEG), st.just(PNG), decayed(), st.binary(max_size=2000))
schemathesis.openapi.media_type("image/jpeg", pictures)


@schemathesis.check
def meant_server_errors(context, response, case):
    if response.status_code < 500:
        return
    error = response.json()["error"]
    no_image = (500, "ErrorInternalServerError")
    meant = [no_image, (501, "EmulatorNotImplemented")]
    assert (response.status_code, error["code"]) in meant, error
    if (response.status_code, error["code"]) == no_image:
        assert "isn't an image" in error["message"], error
        assert case.method.upper() in ("PUT", "PATCH"), case.method
