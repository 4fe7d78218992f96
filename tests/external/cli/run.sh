#!/bin/sh
# The command, seen from outside: the report of sync in a headless Chromium, and
# sync into an S3-compatible store.
#
#     tests/external/cli/run.sh [report|store|disk]...
#
# What is needed comes from npm, crates.io and Debian, into GRAPH_PHOTO_EXTERNAL
# (by default graph-photo-external in the temporary directory), not into the
# repository. What cannot be had is a failure: nothing is ever skipped. The disk
# checks mount file systems and need root; they are left to `run.sh disk`.
#
# GRAPH_PHOTO_BIN  a graph-photo with object stores; built if unset
# CHROMIUM         the browser; found or installed if unset
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
work=${GRAPH_PHOTO_EXTERNAL:-${TMPDIR:-/tmp}/graph-photo-external}
mkdir -p "$work"
scratch=$(mktemp -d)

fail() {
    echo "run.sh: $1" >&2
    exit 1
}

if [ -z "${GRAPH_PHOTO_BIN:-}" ]; then
    (cd "$root" && cargo build --quiet --package graph-photo-cli)
    GRAPH_PHOTO_BIN=${CARGO_TARGET_DIR:-$root/target}/debug/graph-photo
fi
[ -x "$GRAPH_PHOTO_BIN" ] || fail "there is no $GRAPH_PHOTO_BIN"

started=
mounted=
clean() {
    for process in $started; do
        kill "$process" 2>/dev/null || true
        wait "$process" 2>/dev/null || true
    done
    for place in $mounted; do
        umount "$place"
    done
    rm -rf "$scratch"
}
trap clean EXIT
trap 'exit 130' INT TERM

# Starts an emulator on a free port and sets $base. The pipe ends the waiting
# when the emulator ends without a line.
emulator() {
    rm -f "$scratch/ready"
    mkfifo "$scratch/ready"
    "$GRAPH_PHOTO_BIN" emulator --listen 127.0.0.1:0 "$@" >"$scratch/ready" &
    started="$started $!"
    read -r line <"$scratch/ready" || fail "the emulator did not start"
    base=$(printf '%s' "$line" | sed -n 's/.*"v1":"\([^"]*\)".*/\1/p')
    [ -n "$base" ] || fail "no address in: $line"
}

report() {
    command -v npm >/dev/null || fail "node and npm are needed"
    mkdir -p "$work/cli"
    cp "$here/package.json" "$work/cli/"
    npm --prefix "$work/cli" install --silent --no-audit --no-fund ||
        fail "npm packages could not be installed"
    if [ -z "${CHROMIUM:-}" ]; then
        CHROMIUM=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
    fi
    if [ -z "$CHROMIUM" ]; then
        apt-get update --quiet >"$work/apt.log" 2>&1 || true
        apt-get install --yes --quiet chromium >"$work/apt.log" 2>&1 ||
            fail "there is no Chromium and apt-get could not install one; see $work/apt.log"
        CHROMIUM=$(command -v chromium) || fail "apt-get installed no chromium"
    fi
    emulator --fault 'kind=status,status=400,path=/users/alex*'
    printf '%s\n' 'adele@contoso.com,Adele <script>alert(1)</script>' megan@contoso.com \
        alex@contoso.com lidia@contoso.com nomailbox@contoso.com >"$scratch/users"
    code=0
    "$GRAPH_PHOTO_BIN" sync --users "$scratch/users" --to "$scratch/photos" --quiet \
        --report "$scratch/report.html" --base-url "$base" >/dev/null 2>&1 || code=$?
    [ "$code" = 6 ] || fail "sync ended with $code instead of 6"
    # The driver is found beside the script that asks for it.
    cp "$here/report.mjs" "$work/cli/"
    node "$work/cli/report.mjs" "$scratch/report.html" "$work/report.png" "$CHROMIUM"
}

# A store of its own, from crates.io: s3s-fs serves S3 from a directory.
store() {
    [ -x "$work/bin/s3s-fs" ] ||
        cargo install --quiet --locked --root "$work" --features binary --version 0.14.1 s3s-fs ||
        fail "s3s-fs could not be installed"
    mkdir -p "$scratch/s3/photos"
    port=$(free_port)
    "$work/bin/s3s-fs" --host 127.0.0.1 --port "$port" --access-key key --secret-key secret \
        "$scratch/s3" >"$scratch/s3.log" 2>&1 &
    started="$started $!"
    export AWS_ENDPOINT="http://127.0.0.1:$port" AWS_ALLOW_HTTP=true AWS_REGION=us-east-1 \
        AWS_ACCESS_KEY_ID=key AWS_SECRET_ACCESS_KEY=secret
    tries=0
    until curl --silent --output /dev/null "$AWS_ENDPOINT"; do
        tries=$((tries + 1))
        [ "$tries" -lt 100 ] || fail "the store did not start; see $scratch/s3.log"
        sleep 0.1
    done

    emulator --synthetic-users 300 --without-photo 30
    sync() {
        "$GRAPH_PHOTO_BIN" sync --all-users --json --quiet --base-url "$base" "$@"
    }
    sync --to "$scratch/folder" >/dev/null
    first=$(sync --to s3://photos/people)
    second=$(sync --to s3://photos/people)
    for shard in 1/2 2/2; do
        sync --to s3://photos/parts --shard "$shard" >/dev/null
    done
    for tree in people parts; do
        diff -r --exclude=.graph-photo --exclude='.*.json' "$scratch/folder" "$scratch/s3/photos/$tree" ||
            fail "the store's $tree differ from the folder's"
    done
    echo "$first" | grep -q '"added":213,' || fail "the first run: $first"
    echo "$second" | grep -q '"unchanged":213,.*"bytes":0,' || fail "the second run: $second"
    [ -f "$scratch/s3/photos/people/.graph-photo/state.redb" ] || fail "the store has no state"
    if AWS_SECRET_ACCESS_KEY=wrong sync --to s3://photos/people >"$scratch/out" 2>&1; then
        fail "a wrong secret was taken"
    fi
    echo 'store: ok'
}

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# A full disk, a read-only one, and a state on another device than the photos.
disk() {
    emulator --synthetic-users 300
    run() {
        "$GRAPH_PHOTO_BIN" sync --all-users --quiet --base-url "$base" "$@"
    }
    mkdir "$scratch/small" "$scratch/other"
    mount -t tmpfs -o size=3m none "$scratch/small" || fail "mounting needs root"
    mounted="$scratch/small"
    mount -t tmpfs none "$scratch/other"
    mounted="$mounted $scratch/other"

    code=0
    run --to "$scratch/small/photos" --state "$scratch/state" >/dev/null 2>"$scratch/err" || code=$?
    cat "$scratch/err"
    [ "$code" = 1 ] || fail "a full disk ended with $code"
    grep -q 'No space left on device' "$scratch/err" || fail "a full disk is not told"
    mount -o remount,size=100m "$scratch/small"
    run --to "$scratch/small/photos" --state "$scratch/state" >/dev/null
    run --to "$scratch/other/photos" --state "$scratch/other-state" >/dev/null
    diff -r --exclude=.graph-photo "$scratch/small/photos" "$scratch/other/photos" ||
        fail "a run after a full disk differs"

    mount -o remount,ro "$scratch/small"
    code=0
    run --to "$scratch/small/photos" >/dev/null 2>"$scratch/err" || code=$?
    cat "$scratch/err"
    [ "$code" = 1 ] || fail "a read-only target ended with $code"
    grep -qi 'read-only file system' "$scratch/err" || fail "a read-only target is not told"
    echo 'disk: ok'
}

[ $# -gt 0 ] || set -- report store
for part; do
    "$part"
done
