#!/bin/sh
# The SARIF logs of `graph-photo migrate scan`, held against the JSON schema of
# SARIF 2.1.0.
#
#     tests/external/sarif/run.sh
#
# The schema is the one that the crate serde-sarif carries; it and PyPI's
# jsonschema go into GRAPH_PHOTO_EXTERNAL (by default graph-photo-external in the
# temporary directory), not into the repository. What cannot be had is a failure:
# nothing is ever skipped.
#
# GRAPH_PHOTO_BIN  the graph-photo to test; built if unset
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
work=${GRAPH_PHOTO_EXTERNAL:-${TMPDIR:-/tmp}/graph-photo-external}
mkdir -p "$work"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM

fail() {
    echo "run.sh: $1" >&2
    exit 1
}

if [ -z "${GRAPH_PHOTO_BIN:-}" ]; then
    (cd "$root" && cargo build --quiet --package graph-photo-cli)
    GRAPH_PHOTO_BIN=${CARGO_TARGET_DIR:-$root/target}/debug/graph-photo
fi
[ -x "$GRAPH_PHOTO_BIN" ] || fail "there is no $GRAPH_PHOTO_BIN"

command -v python3 >/dev/null || fail "python3 is needed"
[ -x "$work/python/bin/pip" ] || python3 -m venv "$work/python" || fail "python3 -m venv failed"
"$work/python/bin/pip" install --quiet --disable-pip-version-check \
    --requirement "$here/requirements.txt" || fail "PyPI packages could not be installed"

# A package that is never built: cargo fetches what it names.
mkdir -p "$work/sarif/src"
cp "$here/schema.toml" "$work/sarif/Cargo.toml"
: >"$work/sarif/src/lib.rs"
cargo metadata --quiet --format-version 1 --manifest-path "$work/sarif/Cargo.toml" \
    >"$scratch/metadata.json" || fail "serde-sarif could not be fetched"

# The corpus of the scanner, a tree with odd names, one without findings, and
# what --fix leaves.
cp -r "$root/crates/compat/tests/corpus" "$scratch/corpus"
odd="$scratch/odd/a b/100%/名 #1"
mkdir -p "$odd" "$scratch/clean"
line="url = 'https://outlook.office.com/api/v2.0/me/photo'"
printf '%s\r\n\t%s; "quoted" \\ \001\n' "$line" "$line" >"$odd/it's: [odd]?.py"
printf '%s\n' "print('photo')" >"$scratch/clean/photo.py"
cp -r "$root/crates/compat/tests/corpus" "$scratch/fixed"
scan() {
    name=$1
    expected=$2
    shift 2
    status=0
    (cd "$scratch/$name" && "$GRAPH_PHOTO_BIN" migrate scan . --format sarif "$@") \
        >"$scratch/$name.sarif" || status=$?
    [ "$status" = "$expected" ] || fail "scanning $name ended with $status"
}
scan corpus 7
scan odd 7
scan clean 0
scan fixed 0 --fix

"$work/python/bin/python" "$here/validate.py" "$scratch/metadata.json" \
    "$scratch/corpus.sarif" "$scratch/odd.sarif" "$scratch/clean.sarif" "$scratch/fixed.sarif"
