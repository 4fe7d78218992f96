#!/bin/sh
# The emulator, seen from outside: Microsoft's Python and JavaScript SDKs, a
# headless Chromium, and a fuzzer that reads the spec.
#
#     tests/external/emulator/run.sh [python|javascript|browser|fuzz]...
#
# What is needed comes from PyPI, npm and Debian, into GRAPH_PHOTO_EXTERNAL (by
# default graph-photo-external in the temporary directory), not into the
# repository. What cannot be had is a failure: nothing is ever skipped.
#
# GRAPH_PHOTO_BIN  the graph-photo to test; built if unset
# CHROMIUM         the browser; found or installed if unset
# FUZZ_EXAMPLES    how many requests per operation and phase; 30 if unset
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
work=${GRAPH_PHOTO_EXTERNAL:-${TMPDIR:-/tmp}/graph-photo-external}
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

need_python() {
    command -v python3 >/dev/null || fail "python3 is needed"
    [ -x "$work/python/bin/pip" ] || python3 -m venv "$work/python" || fail "python3 -m venv failed"
    "$work/python/bin/pip" install --quiet --disable-pip-version-check \
        --requirement "$here/requirements.txt" || fail "PyPI packages could not be installed"
}

need_node() {
    command -v node >/dev/null || fail "node is needed"
    command -v npm >/dev/null || fail "npm is needed"
    mkdir -p "$work/node"
    cp "$here/package.json" "$work/node/"
    npm --prefix "$work/node" install --silent --no-audit --no-fund ||
        fail "npm packages could not be installed"
    NODE_PATH=$work/node/node_modules
    export NODE_PATH
}

need_chromium() {
    if [ -z "${CHROMIUM:-}" ]; then
        CHROMIUM=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
    fi
    if [ -z "$CHROMIUM" ]; then
        apt-get update --quiet >"$work/apt.log" 2>&1 || true
        apt-get install --yes --quiet chromium >"$work/apt.log" 2>&1 ||
            fail "there is no Chromium and apt-get could not install one; see $work/apt.log"
        CHROMIUM=$(command -v chromium) || fail "apt-get installed no chromium"
    fi
}

emulator=
stop() {
    [ -z "$emulator" ] || kill "$emulator" 2>/dev/null || true
    [ -z "$emulator" ] || wait "$emulator" 2>/dev/null || true
    emulator=
}
trap stop EXIT
trap 'exit 130' INT TERM

# Starts an emulator on a free port and sets $url. The pipe ends the waiting
# when the emulator ends without a line.
start() {
    stop
    rm -f "$work/ready"
    mkfifo "$work/ready"
    "$GRAPH_PHOTO_BIN" emulator --listen 127.0.0.1:0 "$@" >"$work/ready" &
    emulator=$!
    read -r line <"$work/ready" || fail "the emulator did not start"
    url=$(printf '%s' "$line" | sed -n 's/.*"url":"\([^"]*\)".*/\1/p')
    [ -n "$url" ] || fail "no url in: $line"
}

# The examples in the crate's documentation, with the address put in.
example() {
    sed -n "/^\`\`\`$1\$/,/^\`\`\`\$/p" "$root/crates/emulator/README.md" |
        sed -e '/^```/d' -e "s|http://127.0.0.1:8787|$url|" >"$work/$2"
    [ -s "$work/$2" ] || fail "the documentation has no $1 example"
}

python() {
    need_python
    start
    "$work/python/bin/python" -B "$here/python_sdk.py" "$url"
    start
    example python example.py
    [ "$("$work/python/bin/python" -B "$work/example.py")" = 504 ] || fail "the Python example fails"
}

javascript() {
    need_node
    start
    node "$here/javascript_sdk.mjs" "$url"
    start
    example javascript node/example.cjs
    [ "$(node "$work/node/example.cjs")" = 504 ] || fail "the JavaScript example fails"
}

browser() {
    need_node
    need_chromium
    start
    node "$here/browser.mjs" "$url" "$CHROMIUM"
}

fuzz() {
    need_python
    spec=${GRAPH_PHOTO_SPEC:-$root/spec/graph-photo.json}
    [ -f "$spec" ] || fail "there is no $spec"
    # The fuzzer tries wrong tokens too, so there has to be a right one.
    echo 'fuzz work ProfilePhoto.ReadWrite.All TeamSettings.ReadWrite.All Contacts.ReadWrite User.Read.All' \
        >"$work/tokens"
    start --tokens "$work/tokens"
    # It leaves files where it runs.
    (
        cd "$work"
        PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$here SCHEMATHESIS_HOOKS=fuzz_hooks \
            "$work/python/bin/schemathesis" --config-file "$here/schemathesis.toml" \
            run "$spec" --url "$url/v1.0" --header 'Authorization: Bearer fuzz' \
            --max-examples "${FUZZ_EXAMPLES:-30}" --max-response-time 5 --request-timeout 30 \
            --generation-database none --no-color >"$work/fuzz.log" 2>&1
    ) || {
        cat "$work/fuzz.log"
        fail "the fuzzer found something"
    }
    grep 'generated,' "$work/fuzz.log"
    # Still there, and well?
    "$work/python/bin/python" -B - "$url" <<'PYTHON'
import sys, urllib.request
request = urllib.request.Request(
    f"{sys.argv[1]}/v1.0/users/alex@contoso.com", headers={"Authorization": "Bearer fuzz"})
assert urllib.request.urlopen(request, timeout=10).status == 200
PYTHON
    echo "fuzz: ok"
}

[ $# -gt 0 ] || set -- python javascript browser fuzz
for part in "$@"; do
    case $part in
    python | javascript | browser | fuzz) "$part" ;;
    *) fail "there is no part '$part'" ;;
    esac
done
