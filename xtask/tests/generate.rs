//! The generator as a whole: pure, deterministic, and never a panic.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may stop at the first surprise, in its helpers too"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use xtask::generate::{GenerateError, Inputs, generate, output};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The repository's own inputs.
fn inputs() -> Inputs {
    Inputs::read(&root(), &root().join("spec")).unwrap()
}

/// The same sources with another spec and without the photo surface, which needs photo operations.
fn inputs_for(spec: &Value) -> Inputs {
    Inputs {
        spec_path: "graph-photo.json".into(),
        spec: spec.to_string(),
        ..Inputs::default()
    }
}

#[test]
fn committed_files_are_what_the_generator_writes() {
    let drift = output::check(&root(), &generate(&inputs()).unwrap()).unwrap();
    assert!(drift.is_empty(), "{drift}");
}

#[test]
fn two_runs_are_equal() {
    assert_eq!(generate(&inputs()).unwrap(), generate(&inputs()).unwrap());
}

/// The same JSON with the keys of every object in another order.
fn reversed(value: &Value) -> String {
    match value {
        Value::Object(object) => {
            let members: Vec<String> = object
                .iter()
                .rev()
                .map(|(key, value)| format!("{}:{}", json!(key), reversed(value)))
                .collect();
            format!("{{{}}}", members.join(","))
        }
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(reversed).collect();
            format!("[{}]", items.join(","))
        }
        other => other.to_string(),
    }
}

#[test]
fn the_order_of_keys_does_not_matter() {
    let mut shuffled = inputs();
    let spec: Value = serde_json::from_str(&shuffled.spec).unwrap();
    shuffled.spec = reversed(&spec);
    // The header names the hash of the spec's bytes, which differ.
    let without_hash = |inputs: &Inputs| -> BTreeMap<PathBuf, String> {
        let own = xtask::generate::source::sha256(inputs.spec.as_bytes());
        generate(inputs)
            .unwrap()
            .into_iter()
            .map(|(path, text)| (path, text.replace(&own, "SHA")))
            .collect()
    };
    assert_eq!(without_hash(&inputs()), without_hash(&shuffled));
}

#[test]
fn forty_three_operations_in_both_clients() {
    let files = generate(&inputs()).unwrap();
    for client in ["async", "blocking"] {
        let source = &files[Path::new(&format!("crates/{client}/src/generated/operations.rs"))];
        assert_eq!(
            source.matches("-> Result<Response<").count(),
            43,
            "{client}"
        );
    }
}

#[test]
fn further_paths_come_out_beside_the_surface() {
    let further = "/groups/{group-id}/team/photo";
    let trim_toml = include_str!("../../spec/trim.toml")
        .replace("paths = [\n", &format!("paths = [\n    {further:?},\n"));
    let document = include_bytes!("fixtures/graph-1.0.9.json");
    let overlay = include_str!("../../spec/overlay.yaml");
    let built = xtask::trim::build(document, &trim_toml, overlay).unwrap();
    let files = generate(&Inputs {
        spec: xtask::trim::to_text(&built.graph_photo),
        ..inputs()
    })
    .unwrap();
    for client in ["async", "blocking"] {
        let source = &files[Path::new(&format!("crates/{client}/src/generated/operations.rs"))];
        assert_eq!(
            source.matches("-> Result<Response<").count(),
            46,
            "{client}"
        );
        for method in ["get", "update", "delete"] {
            assert!(source.contains(&format!("fn groups_team_{method}_photo(")));
        }
    }
}

#[test]
fn no_word_of_progenitors_runtime_is_left() {
    let files = generate(&inputs()).unwrap();
    let source = &files[Path::new("crates/async/src/generated/operations.rs")];
    let code: Vec<&str> = source
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect();
    let source = code.join("\n");
    for word in [
        "progenitor_client",
        "reqwest",
        "api-version",
        "octet-stream",
        "baseurl",
        "unreachable",
    ] {
        assert!(!source.contains(word), "{word}");
    }
}

#[test]
fn a_method_that_only_one_client_has_stops_the_generation() {
    let mut inputs = inputs();
    let runtime = PathBuf::from("crates/blocking/src/runtime/mod.rs");
    inputs
        .blocking
        .get_mut(&runtime)
        .unwrap()
        .push_str("\npub struct Extra;\nimpl Extra { pub fn only_here(&self) {} }\n");
    let Err(GenerateError::Parity(faults)) = generate(&inputs) else {
        panic!("the gate let it pass");
    };
    assert!(
        faults.iter().any(|fault| fault.contains("only_here")),
        "{faults:?}"
    );
}

#[test]
fn stale_missing_and_orphaned_files_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let files: output_files::Files = [
        ("crates/a/src/generated/x.rs", "one\n"),
        ("crates/a/src/generated/y.rs", "two\n"),
    ]
    .into_iter()
    .map(|(path, text)| (PathBuf::from(path), text.to_owned()))
    .collect();
    assert_eq!(output::write(folder.path(), &files).unwrap().len(), 2);
    assert!(output::check(folder.path(), &files).unwrap().is_empty());
    assert_eq!(
        output::write(folder.path(), &files).unwrap(),
        Vec::<PathBuf>::new()
    );

    let generated = folder.path().join("crates/a/src/generated");
    fs::write(generated.join("x.rs"), "ONE\n").unwrap();
    fs::remove_file(generated.join("y.rs")).unwrap();
    fs::write(generated.join("z.rs"), "three\n").unwrap();
    let drift = output::check(folder.path(), &files).unwrap();
    let shown = drift.to_string();
    for part in [
        "stale: crates/a/src/generated/x.rs",
        "-ONE",
        "+one",
        "missing: crates/a/src/generated/y.rs",
        "orphaned: crates/a/src/generated/z.rs",
    ] {
        assert!(shown.contains(part), "{part} in {shown}");
    }
    assert_eq!(output::write(folder.path(), &files).unwrap().len(), 3);
    assert!(output::check(folder.path(), &files).unwrap().is_empty());
}

mod output_files {
    pub(super) use xtask::generate::Files;
}

#[test]
fn a_spec_that_is_not_json_is_refused_with_its_place() {
    let mut inputs = inputs();
    inputs.spec = "{\"openapi\": \"3.0.3\",\n  oops".to_owned();
    let message = generate(&inputs).unwrap_err().to_string();
    assert!(message.contains("graph-photo.json:2:"), "{message}");
    assert!(message.contains("remedy"), "{message}");
}

#[test]
fn a_body_of_several_unlike_media_types_is_refused() {
    let body = |types: &[&str]| {
        let content: Map<String, Value> = types
            .iter()
            .map(|name| {
                (
                    (*name).to_owned(),
                    json!({ "schema": { "type": "string", "format": "binary" } }),
                )
            })
            .collect();
        let mut spec = other_api();
        spec["paths"]["/upload"] = json!({ "put": {
            "operationId": "upload",
            "requestBody": { "required": true, "content": content },
            "responses": { "2XX": { "description": "done" } },
        } });
        generate(&inputs_for(&spec)).map_err(|error| error.to_string())
    };
    let message = body(&["text/csv", "text/plain"]).unwrap_err();
    assert!(
        message.contains("nothing says which of them is sent"),
        "{message}"
    );
    assert!(
        message.contains("/paths/~1upload/put/requestBody/content"),
        "{message}"
    );
    for like in [
        &["image/jpeg", "image/png"][..],
        &["text/csv"],
        &["application/octet-stream", "image/*"],
    ] {
        body(like).unwrap();
    }
}

#[test]
fn a_schema_that_inherits_from_itself_is_refused() {
    let mut spec = other_api();
    spec["components"]["schemas"]["microsoft.graph.base"] = json!({ "allOf": [
        { "$ref": "#/components/schemas/microsoft.graph.mailboxSettings" },
        { "type": "object", "properties": { "a": { "type": "string" } } },
    ] });
    let message = generate(&inputs_for(&spec)).unwrap_err().to_string();
    assert!(message.contains("inherits from itself"), "{message}");
    assert!(
        message.contains("/components/schemas/microsoft.graph."),
        "{message}"
    );
}

#[test]
fn more_schemas_than_graph_has_are_refused() {
    let mut spec = other_api();
    let schemas = &mut spec["components"]["schemas"];
    for number in 0..6_000 {
        schemas[format!("s{number}")] = json!({ "anyOf": [
            { "$ref": format!("#/components/schemas/s{}", number + 1) },
            { "type": "object", "nullable": true },
        ] });
    }
    schemas["s6000"] = json!({ "type": "string" });
    schemas["microsoft.graph.replies"] = json!({ "$ref": "#/components/schemas/s0" });
    let message = generate(&inputs_for(&spec)).unwrap_err().to_string();
    assert!(message.contains("more than 5000 schemas"), "{message}");
}

#[test]
fn all_faults_are_reported_at_once() {
    let spec = json!({
        "openapi": "3.0.3",
        "paths": {
            "/a": { "get": { "operationId": "a_get", "responses": { "200": { "$ref": "#/components/responses/none" } } } },
            "/b/{id}": { "get": { "operationId": "a_get", "parameters": [{ "name": "id", "in": "cookie" }], "responses": {} } },
        },
    });
    let message = generate(&inputs_for(&spec)).unwrap_err().to_string();
    for place in [
        "/paths/~1a/get/responses/200",
        "/paths/~1b~1{id}/get/parameters/0",
        "/paths/~1b~1{id}/get/responses",
    ] {
        assert!(message.contains(place), "{place} in {message}");
    }
}

/// A small API of another kind: nothing in the generator knows photos.
fn other_api() -> Value {
    json!({
        "openapi": "3.0.1",
        "info": { "title": "t", "version": "v1.0" },
        "paths": {
            "/me/mailboxSettings": {
                "get": { "operationId": "me.GetMailboxSettings", "responses": {
                    "2XX": { "description": "ok", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/microsoft.graph.mailboxSettings" } } } },
                    "default": { "$ref": "#/components/responses/error" } } },
                "patch": { "operationId": "me.UpdateMailboxSettings",
                    "requestBody": { "$ref": "#/components/requestBodies/settings" },
                    "responses": { "204": { "description": "none" }, "4XX": { "$ref": "#/components/responses/error" } } },
            },
        },
        "components": {
            "requestBodies": { "settings": { "required": true, "content": { "application/json": { "schema": { "$ref": "#/components/schemas/microsoft.graph.mailboxSettings" } } } } },
            "responses": { "error": { "description": "e", "content": { "application/json": { "schema": { "type": "object", "properties": { "error": { "type": "object" } } } } } } },
            "schemas": {
                "microsoft.graph.mailboxSettings": { "allOf": [
                    { "$ref": "#/components/schemas/microsoft.graph.base" },
                    { "type": "object", "properties": {
                        "archiveFolder": { "type": "string", "nullable": true },
                        "automaticReplies": { "anyOf": [{ "$ref": "#/components/schemas/microsoft.graph.replies" }, { "type": "object", "nullable": true }] },
                        "parent": { "$ref": "#/components/schemas/microsoft.graph.mailboxSettings" },
                        "type": { "type": "string", "enum": ["user", "room"] },
                        "count": { "type": "number", "format": "int32" },
                        "extra": { "type": "object", "additionalProperties": { "type": "integer" } },
                    } } ] },
                "microsoft.graph.base": { "type": "object", "required": ["@odata.type"], "properties": { "@odata.type": { "type": "string" } }, "discriminator": { "propertyName": "@odata.type" } },
                "microsoft.graph.replies": { "type": "object", "properties": { "status": { "type": "string", "format": "date-time" } } },
            },
        },
    })
}

#[test]
fn another_api_comes_out_too() {
    let files = generate(&inputs_for(&other_api())).unwrap();
    let mut shown = String::new();
    for name in [
        "crates/model/src/generated/types.rs",
        "crates/blocking/src/generated/operations.rs",
    ] {
        let text = &files[Path::new(name)];
        let (_, body) = text.split_once("\n\n").unwrap();
        shown.push_str(&format!("// {name}\n{body}\n"));
    }
    insta::assert_snapshot!(shown);
}

/// Changes one random place of a document into something random.
fn mutate(value: &mut Value, path: &mut impl Iterator<Item = usize>, replacement: &Value) {
    let Some(step) = path.next() else {
        *value = replacement.clone();
        return;
    };
    match value {
        Value::Object(object) if !object.is_empty() => {
            let key = object
                .keys()
                .nth(step % object.len())
                .cloned()
                .unwrap_or_default();
            if step % 7 == 0 {
                object.remove(&key);
            } else if let Some(inner) = object.get_mut(&key) {
                mutate(inner, path, replacement);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            let index = step % items.len();
            mutate(&mut items[index], path, replacement);
        }
        other => *other = replacement.clone(),
    }
}

fn replacements() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        Just(json!("")),
        Just(json!(true)),
        Just(json!(7)),
        Just(json!([])),
        Just(json!({})),
        Just(json!({ "$ref": "#/components/schemas/microsoft.graph.mailboxSettings" })),
        Just(json!({ "$ref": "#/nowhere" })),
        Just(json!({ "type": "array", "items": { "type": "array" } })),
        Just(json!({ "oneOf": [{ "type": "string" }, { "type": "integer" }] })),
        Just(json!({ "type": "string", "enum": ["", "a", "A", "1", "\u{e9}", "self"] })),
        "[a-zA-Z$@. -]{0,12}".prop_map(|text| json!(text)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// A mutated document is generated from or refused with located problems: never a panic, never
    /// code that does not parse (the emitters parse what they write).
    #[test]
    fn mutations_are_generated_or_refused(
        steps in proptest::collection::vec(0_usize..64, 1..9),
        replacement in replacements(),
    ) {
        let mut document = other_api();
        mutate(&mut document, &mut steps.into_iter(), &replacement);
        match generate(&inputs_for(&document)) {
            Ok(_) => {}
            Err(GenerateError::Refused { problems, .. }) => {
                prop_assert!(!problems.is_empty());
                for problem in problems {
                    prop_assert!(!problem.remedy.is_empty());
                    prop_assert!(!problem.fault.contains("progenitor gave up"), "{problem}");
                }
            }
            Err(other) => prop_assert!(false, "{other}"),
        }
    }
}

#[test]
fn duplicate_keys_of_an_object_do_not_panic() {
    let mut inputs = inputs_for(&Value::Object(Map::new()));
    inputs.spec = "{\"openapi\":\"3.0.3\",\"openapi\":\"3.0.1\",\"paths\":{}}".to_owned();
    assert!(generate(&inputs).is_err());
}
