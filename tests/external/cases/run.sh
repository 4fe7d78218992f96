#!/bin/sh
# The protocol cases of a server, run in another language: proof that the page for implementers
# (docs/cases-for-implementers.md) says all there is to know. Needs python3 and nothing else.
#
#     tests/external/cases/run.sh
#
# GRAPH_PHOTO_BIN  the graph-photo to test; built if unset
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
command -v python3 >/dev/null || {
    echo "run.sh: python3 is needed" >&2
    exit 1
}
if [ -z "${GRAPH_PHOTO_BIN:-}" ]; then
    (cd "$root" && cargo build --quiet --package graph-photo-cli)
    GRAPH_PHOTO_BIN=${CARGO_TARGET_DIR:-$root/target}/debug/graph-photo
fi
cases=$(mktemp)
trap 'rm -f "$cases"' EXIT
(cd "$root" && cargo run --quiet --package xtask -- cases --json) >"$cases"
python3 "$here/server_cases.py" "$GRAPH_PHOTO_BIN" "$cases"
