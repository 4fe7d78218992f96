#!/bin/sh
# The gateway, seen by those it is for: programs written for Outlook REST v2.0 on
# O365 (Python) and node-outlook (Node), with the host changed and nothing else.
#
#     tests/external/gateway/run.sh [python|node]...
#
# Python comes by https, with its own token handed on to Graph. Node comes to a
# gateway that calls Graph as an application. Behind both is the emulator.
#
# What is needed comes from PyPI and npm, into GRAPH_PHOTO_EXTERNAL (by default
# graph-photo-external in the temporary directory), not into the repository.
# What cannot be had is a failure: nothing is ever skipped.
#
# GRAPH_PHOTO_BIN  the graph-photo to test; built if unset
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
work=${GRAPH_PHOTO_EXTERNAL:-${TMPDIR:-/tmp}/graph-photo-external}/gateway
mkdir -p "$work"

fail() {
    echo "run.sh: $1" >&2
    exit 1
}

if [ -z "${GRAPH_PHOTO_BIN:-}" ]; then
    (cd "$root" && cargo build --quiet --package graph-photo-cli)
    GRAPH_PHOTO_BIN=${CARGO_TARGET_DIR:-$root/target}/debug/graph-photo
fi
[ -x "$GRAPH_PHOTO_BIN" ] || fail "there is no $GRAPH_PHOTO_BIN"

emulator=
gateway=
stop() {
    for process in $gateway $emulator; do
        kill "$process" 2>/dev/null || true
        wait "$process" 2>/dev/null || true
    done
    gateway=
    emulator=
}
trap stop EXIT
trap 'exit 130' INT TERM

# Starts a command and sets $started to its process and $url to where it
# listens. The pipe ends the waiting when the command ends without a line.
start() {
    rm -f "$work/ready"
    mkfifo "$work/ready"
    "$GRAPH_PHOTO_BIN" "$@" --listen 127.0.0.1:0 >"$work/ready" &
    started=$!
    read -r line <"$work/ready" || fail "graph-photo $1 did not start"
    url=$(printf '%s' "$line" | sed -n 's/.*"url":"\([^"]*\)".*/\1/p')
    [ -n "$url" ] || fail "no url in: $line"
}

# A photo of 648 by 648, from an emulator that has one.
photo() {
    command -v curl >/dev/null || fail "curl is needed"
    curl --silent --fail --header 'Authorization: Bearer any' \
        --output "$work/photo.jpg" "$url/v1.0/me/photo/\$value" || fail "there is no photo to upload"
}

# The claims of a token as JSON, as a token that nobody signed; the emulator
# reads the claims and asks for no more.
token() {
    claims=$(printf '%s' "$1" | base64 | tr -d '\n=' | tr '/+' '_-')
    printf 'e30.%s.c2ln' "$claims"
}

python() {
    command -v python3 >/dev/null || fail "python3 is needed"
    command -v openssl >/dev/null || fail "openssl is needed"
    [ -x "$work/python/bin/pip" ] || python3 -m venv "$work/python" || fail "python3 -m venv failed"
    "$work/python/bin/pip" install --quiet --disable-pip-version-check \
        --requirement "$here/requirements.txt" || fail "PyPI packages could not be installed"
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=gateway \
        -addext subjectAltName=IP:127.0.0.1 \
        -keyout "$work/key.pem" -out "$work/cert.pem" 2>"$work/openssl.log" ||
        fail "openssl made no certificate; see $work/openssl.log"

    start emulator
    emulator=$started
    photo
    start gateway --graph "$url" --tls-cert "$work/cert.pem" --tls-key "$work/key.pem"
    gateway=$started
    mkdir -p "$work/tokens"
    cat >"$work/tokens/o365_token.txt" <<JSON
{"token_type": "Bearer", "access_token": "any-token", "refresh_token": "any",
 "expires_in": 3600, "expires_at": 4102444800, "scope": ["https://outlook.office.com/User.ReadWrite"]}
JSON
    REQUESTS_CA_BUNDLE=$work/cert.pem "$work/python/bin/python" -B \
        "$here/legacy_python.py" "$url" "$work/photo.jpg" "$work/tokens"
    stop
}

node_program() {
    command -v node >/dev/null || fail "node is needed"
    command -v npm >/dev/null || fail "npm is needed"
    mkdir -p "$work/node"
    cp "$here/package.json" "$work/node/"
    npm --prefix "$work/node" install --silent --no-audit --no-fund ||
        fail "npm packages could not be installed"

    start emulator
    emulator=$started
    photo
    echo 'the-token-of-the-node-program' >"$work/inbound"
    GRAPH_PHOTO_TOKEN=$(token '{"aud":"https://graph.microsoft.com","idtyp":"app","roles":["ProfilePhoto.ReadWrite.All","User.Read.All"]}')
    export GRAPH_PHOTO_TOKEN
    start gateway --graph "$url" --credential env --inbound-tokens "$work/inbound"
    gateway=$started
    unset GRAPH_PHOTO_TOKEN
    NODE_PATH=$work/node/node_modules node --no-deprecation \
        "$here/legacy_node.js" "$url" "$work/photo.jpg" the-token-of-the-node-program
    stop
}

[ $# -gt 0 ] || set -- python node
for part in "$@"; do
    case $part in
    python) python ;;
    node) node_program ;;
    *) fail "there is no part '$part'" ;;
    esac
done
