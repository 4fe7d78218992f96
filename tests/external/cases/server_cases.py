"""Runs the protocol cases of a server against `graph-photo emulator`, by docs/cases-for-implementers.md alone.

    server_cases.py GRAPH_PHOTO CASES.jsonl

CASES.jsonl is what `cargo xtask cases --json` prints. Nothing but Python's own library is used, and
nothing is known here that the page does not say: if this runs, so can a runner in any language.
"""

import base64
import json
import socket
import subprocess
import sys

TOKEN = "case-token"


def to_bytes(spec):
    """The bytes that an object with one member stands for."""
    ((member, value),) = spec.items()
    if member == "text":
        return value.encode()
    if member == "json":
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
    if member == "hex":
        return bytes.fromhex(value)
    if member == "base64":
        return base64.b64decode(value, validate=True)
    if member in ("utf16le", "utf16be"):
        return value.encode("utf-16-" + member[-2:])
    if member == "repeat":
        return to_bytes(value["of"]) * value["times"]
    if member == "parts":
        return b"".join(map(to_bytes, value))
    raise ValueError(f"no bytes are written as {member}")


class Emulator:
    """An emulator on a free port, set up as a case asks."""

    def __init__(self, binary, setup):
        options = []
        for member, option in (("no_photo", "--no-photo"), ("photo_id", "--photo-id")):
            if member in setup:
                options += [option, setup[member]]
        for fault in setup.get("faults", []):
            options += ["--fault", fault]
        command = [binary, "emulator", "--listen", "127.0.0.1:0", *options]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE)
        url = json.loads(self.process.stdout.readline())["url"]
        host, port = url.removeprefix("http://").rsplit(":", 1)
        self.address = (host, int(port))

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()

    def exchange(self, request):
        """Sends a request as it stands; the status, the headers by name in lower case, the body."""
        headers = {"authorization": f"Bearer {TOKEN}", **request.get("headers", {})}
        body = b""
        if "body" in request:
            body = to_bytes(request["body"])
            headers["content-length"] = str(len(body))
        lines = [f"{request['method']} {request['target']} HTTP/1.1"]
        lines += ["host: %s:%d" % self.address, "connection: close"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        with socket.create_connection(self.address, timeout=60) as connection:
            connection.sendall("\r\n".join([*lines, "", ""]).encode() + body)
            answer = b"".join(iter(lambda: connection.recv(65536), b""))
        head, _, body = answer.partition(b"\r\n\r\n")
        status, *lines = head.decode("latin-1").split("\r\n")
        headers = {}
        for line in lines:
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        return int(status.split(" ")[1]), headers, body


def differences(expected, found, at=""):
    """Compares JSON member by member; `any` stands for any value, and items with ids have no order."""
    if expected == "any":
        return
    if isinstance(expected, dict) and isinstance(found, dict):
        for key in sorted(expected.keys() | found.keys()):
            if key not in found:
                yield f"{at}/{key} is missing"
            elif key not in expected:
                yield f"{at}/{key} is not expected"
            else:
                yield from differences(expected[key], found[key], f"{at}/{key}")
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        if all(isinstance(item, dict) and "id" in item for item in expected + found):
            expected, found = (sorted(items, key=lambda item: str(item["id"])) for items in (expected, found))
        for index, pair in enumerate(zip(expected, found)):
            yield from differences(*pair, f"{at}/{index}")
    elif expected != found or isinstance(expected, bool) != isinstance(found, bool):
        yield f"{at}: expected {expected!r}, found {found!r}"


def run(case, emulator):
    """What is different between an exchange and what the server does."""
    status, headers, body = emulator.exchange(case["request"])
    answers = case["answers"]
    if status != answers["status"]:
        yield f"status: expected {answers['status']}, found {status}: {body[:300]!r}"
    media_type = headers.get("content-type", "").split(";")[0].strip() or None
    if media_type != answers.get("content_type"):
        yield f"content type: expected {answers.get('content_type')}, found {media_type}"
    for name in answers.get("has_headers", []):
        if name not in headers:
            yield f"the header {name} is missing"
    if "json" in answers:
        try:
            yield from differences(answers["json"], json.loads(body))
        except ValueError as error:
            yield f"the body is no JSON: {error}"


def main(binary, path):
    with open(path, encoding="utf-8") as lines:
        cases = [line["case"] for line in map(json.loads, lines) if line["kind"] == "exchange"]
    if not cases:
        sys.exit("there are no exchanges to run")
    shared, wrong = {}, 0
    for case in cases:
        setup = case.get("emulator", {})
        # What reads shares a server, and so does what uploads; a fault may count its requests.
        key = None if "faults" in setup else json.dumps([case["request"]["method"] == "GET", setup])
        emulator = shared.get(key) or Emulator(binary, setup)
        if key is not None:
            shared[key] = emulator
        found = list(run(case, emulator))
        if key is None:
            emulator.stop()
        wrong += bool(found)
        for difference in found:
            print(f"{case['name']}\n    {difference}")
    for emulator in shared.values():
        emulator.stop()
    print(f"{len(cases)} exchanges, {wrong} differ")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
