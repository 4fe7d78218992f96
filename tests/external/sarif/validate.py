"""Holds SARIF logs against the schema of SARIF 2.1.0, formats of URIs included.

    validate.py METADATA LOG...

METADATA is what `cargo metadata` says of a package that depends on serde-sarif.
"""

import copy
import json
import pathlib
import sys

import jsonschema


def schema(metadata):
    packages = json.loads(pathlib.Path(metadata).read_text())["packages"]
    (manifest,) = [p["manifest_path"] for p in packages if p["name"] == "serde-sarif"]
    return json.loads((pathlib.Path(manifest).parent / "src/schema.json").read_text())


def main(metadata, *logs):
    sarif = schema(metadata)
    kind = jsonschema.validators.validator_for(sarif)
    kind.check_schema(sarif)
    formats = kind.FORMAT_CHECKER
    assert "uri-reference" in formats.checkers, "URIs would not be checked"
    validator = kind(sarif, format_checker=formats)

    wrong = 0
    for name in logs:
        log = json.loads(pathlib.Path(name).read_text(encoding="utf-8"))
        for error in validator.iter_errors(log):
            wrong += 1
            print(f"{name}: {error.json_path}: {error.message:.200}", file=sys.stderr)
        results = log["runs"][0]["results"]
        print(f"{pathlib.Path(name).name}: {len(results)} results")

        # The schema is seen to be at work: what is no SARIF is refused.
        for break_it in (
            lambda bad: bad.update(version="2.0.0"),
            lambda bad: bad["runs"][0].pop("tool"),
            lambda bad: bad["runs"][0].update(columnKind="bytes"),
            lambda bad: bad["runs"][0].update(unknown=1),
        ):
            bad = copy.deepcopy(log)
            break_it(bad)
            assert not validator.is_valid(bad), "the schema refuses nothing"
        for result in results[:1]:
            result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] = "a b%"
            assert not validator.is_valid(log), "the schema checks no URIs"
    sys.exit(1 if wrong else 0)


main(*sys.argv[1:])
