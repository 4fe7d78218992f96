#!/bin/sh
# How fast the emulator is, as a share of what nginx serves from files on the
# same machine in the same run; and whether its memory stays flat.
#
#     tests/external/emulator/speed.sh [SECONDS]
#
# Measures metadata and a photo of 60 KB at 32 connections, three times in turn,
# and takes the best of each. Ends with an error below half of nginx, or when
# 100,000 requests make the emulator grow by more than 16 MB.
#
# Needs nginx, wrk and curl; installs what is missing from Debian, or fails.
# GRAPH_PHOTO_BIN  the graph-photo to measure; a release build if unset
set -eu

seconds=${1:-5}
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
work=$(mktemp -d)

fail() {
    echo "speed.sh: $1" >&2
    exit 1
}

missing=
for tool in nginx wrk curl; do
    command -v "$tool" >/dev/null || missing="$missing $tool"
done
# shellcheck disable=SC2086
[ -z "$missing" ] || apt-get install --yes --quiet $missing >"$work/apt.log" 2>&1 ||
    fail "apt-get could not install$missing"

if [ -z "${GRAPH_PHOTO_BIN:-}" ]; then
    (cd "$root" && cargo build --quiet --release --package graph-photo-cli)
    GRAPH_PHOTO_BIN=${CARGO_TARGET_DIR:-$root/target}/release/graph-photo
fi

emulator=
cleanup() {
    [ -z "$emulator" ] || kill "$emulator" 2>/dev/null || true
    [ ! -f "$work/nginx.pid" ] || kill "$(cat "$work/nginx.pid")" 2>/dev/null || true
    rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

mkfifo "$work/ready"
"$GRAPH_PHOTO_BIN" emulator --listen 127.0.0.1:0 >"$work/ready" &
emulator=$!
read -r line <"$work/ready" || fail "the emulator did not start"
url=$(printf '%s' "$line" | sed -n 's/.*"v1":"\([^"]*\)".*/\1/p')
token='Authorization: Bearer x'

# A photo of exactly 60 KB: what follows the end of a JPEG does not count.
mkdir "$work/www"
curl -sf -H "$token" "$url/me/photo/\$value" >"$work/www/photo.jpg"
truncate -s 61440 "$work/www/photo.jpg"
curl -sf -H "$token" -H 'Content-Type: image/jpeg' -T "$work/www/photo.jpg" "$url/me/photo/\$value"
curl -sf -H "$token" "$url/me/photo" >"$work/www/photo.json"

port=$(( $(printf '%s' "$url" | sed 's/.*:\([0-9]*\).*/\1/') % 10000 + 20000 ))
cat >"$work/nginx.conf" <<NGINX
worker_processes auto;
pid $work/nginx.pid;
error_log $work/error.log;
events { worker_connections 1024; }
http {
    access_log off;
    sendfile on;
    tcp_nopush on;
    keepalive_requests 1000000;
    open_file_cache max=10 inactive=60s;
    types { image/jpeg jpg; application/json json; }
    client_body_temp_path $work/body;
    proxy_temp_path $work/proxy;
    fastcgi_temp_path $work/fastcgi;
    uwsgi_temp_path $work/uwsgi;
    scgi_temp_path $work/scgi;
    server { listen 127.0.0.1:$port; root $work/www; }
}
NGINX
chmod -R a+rX "$work"
nginx -c "$work/nginx.conf" 2>"$work/nginx.err" || fail "nginx: $(cat "$work/nginx.err")"
curl -sf "http://127.0.0.1:$port/photo.jpg" | cmp - "$work/www/photo.jpg" || fail "nginx serves something else"

# Requests a second, whole numbers; any error is a failure.
rate() {
    wrk -t2 -c32 -d"${seconds}s" -H "$token" "$1" >"$work/wrk"
    ! grep -E 'Socket errors|Non-2xx' "$work/wrk" || fail "errors from $1"
    sed -n 's/^Requests\/sec: *\([0-9]*\).*/\1/p' "$work/wrk"
}
larger() {
    if [ "$1" -gt "$2" ]; then echo "$1"; else echo "$2"; fi
}
memory() {
    sed -n 's/^VmRSS:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$emulator/status"
}

status=0
echo "what      emulator/s    nginx/s   share"
for what in json jpg; do
    case $what in
    json) path='photo' name=metadata ;;
    jpg) path="photo/\$value" name=photo ;;
    esac
    ours=0 theirs=0
    for _ in 1 2 3; do
        ours=$(larger "$ours" "$(rate "$url/me/$path")")
        theirs=$(larger "$theirs" "$(rate "http://127.0.0.1:$port/photo.$what")")
    done
    percent=$((ours * 100 / theirs))
    printf '%-9s %10d %10d %6d%%\n' "$name" "$ours" "$theirs" "$percent"
    [ "$percent" -ge 50 ] || status=1
done

# The log is full by now, so nothing has a reason to grow.
before=$(memory)
count() {
    curl -sf "${url%/v1.0}/_emulator/stats" | sed -n "s/.*\"$1\":\([0-9]*\).*/\1/p"
}
start=$(count requests)
while [ $(($(count requests) - start)) -lt 100000 ]; do
    for path in "photo" "photo/\$value" "photos/48x48/\$value" "photos"; do
        wrk -t2 -c32 -d1s -H "$token" "$url/me/$path" >/dev/null
    done
done
after=$(memory)
echo "memory    $before kB, after $(($(count requests) - start)) more requests $after kB"
[ $((after - before)) -le 16384 ] || status=1
echo "decoded   $(count renders) times for all sizes"
[ "$(count renders)" -eq 1 ] || status=1
[ $status -eq 0 ] || fail "not as fast, or not as flat, as promised"
