//! `cargo xtask diff` agrees with the compiler: a program written against a small API is compiled
//! against every change of it, and fails exactly where the diff says that Rust breaks.

#![allow(
    clippy::unwrap_used,
    reason = "a test may stop at the first surprise, its helpers too"
)]

#[allow(dead_code, reason = "shared with tests that need more of it")]
mod scratch;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use scratch::{ASYNC, BLOCKING, TYPES, check, generated, module, package, surroundings};
use serde_json::{Value, json};
use xtask::diff::{Level, Side, compare};

fn base() -> Value {
    json!({
        "openapi": "3.0.3",
        "paths": {
            "/notes/{note-id}": {
                "get": {
                    "operationId": "get_note", "summary": "Read a note",
                    "parameters": [
                        { "name": "note-id", "in": "path", "required": true, "schema": { "type": "string" } },
                        { "name": "limit", "in": "query", "schema": { "type": "integer", "format": "int32" } },
                        { "name": "order", "in": "query", "schema": { "type": "string", "enum": ["up", "down"] } },
                    ],
                    "responses": { "200": { "description": "ok", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/note" } } } } },
                },
                "put": {
                    "operationId": "put_note",
                    "parameters": [{ "name": "note-id", "in": "path", "required": true, "schema": { "type": "string" } }],
                    "requestBody": { "required": true, "content": { "application/json": { "schema": { "$ref": "#/components/schemas/draft" } } } },
                    "responses": { "204": { "description": "none" } },
                },
            },
            "/picture": { "put": {
                "operationId": "put_picture",
                "requestBody": { "required": true, "content": { "image/png": { "schema": { "type": "string", "format": "binary" } } } },
                "responses": { "204": { "description": "none" } },
            } },
        },
        "components": { "schemas": {
            "note": { "type": "object", "required": ["id"], "properties": {
                "id": { "type": "string" },
                "size": { "type": "integer", "format": "int32" },
                "colour": { "$ref": "#/components/schemas/colour" },
                "tags": { "type": "array", "items": { "type": "string" } },
            } },
            "draft": { "type": "object", "properties": { "text": { "type": "string" } } },
            "colour": { "type": "string", "enum": ["red", "blue"] },
        } },
    })
}

/// A user's program. It names every method, type, field and value that there is.
const PROGRAM: &str = r#"
fn program(client: &api::Operations) -> Result<String, graph_photo_model::Error> {
    let limit: i32 = 3;
    let note: types::Note = client.get_note("1", Some(limit), Some(types::OrderValue::Up))?.into_inner();
    let mut draft = types::Draft::default();
    draft.text = Some("x".to_owned());
    let done: () = client.put_note("1", &draft)?.into_inner();
    let _: () = client.put_picture(vec![1_u8])?.into_inner();
    let size: Option<i32> = note.size;
    let colour = match note.colour {
        Some(types::Colour::Red) => "red".to_owned(),
        Some(types::Colour::Blue) => "blue".to_owned(),
        other => format!("{other:?}"),
    };
    let tags: Vec<String> = note.tags;
    let order: Result<types::OrderValue, _> = "down".parse();
    let down = matches!(order, Ok(types::OrderValue::Down));
    Ok(format!("{done:?} {} {size:?} {colour} {tags:?} {down}", note.id.as_str()))
}
fn main() {
    let _ = program(&api::Operations).is_ok();
}
"#;

type Change = (&'static str, &'static str, fn(&mut Value));

const GET: &str = "/paths/~1notes~1{note-id}/get";

/// Changes by what they do, where they do it, and how.
const CHANGES: [Change; 30] = [
    ("nothing", "", |_| {}),
    ("summary", GET, |get| get["summary"] = json!("Get a note")),
    ("operation_removed", "/paths", |paths| {
        paths.as_object_mut().unwrap().remove("/picture");
    }),
    ("operation_renamed", "/paths/~1picture/put", |put| {
        put["operationId"] = json!("set_picture")
    }),
    ("operation_added", "/paths", |paths| {
        paths["/other"] = json!({ "get": { "operationId": "get_other", "responses": { "204": { "description": "none" } } } });
    }),
    ("method_changed", "/paths/~1picture", |item| {
        let put = item.as_object_mut().unwrap().remove("put").unwrap();
        item["post"] = put;
    }),
    ("server", "", |spec| {
        spec["servers"] = json!([{ "url": "https://example.org" }])
    }),
    (
        "optional_parameter_added",
        "/paths/~1notes~1{note-id}/get/parameters",
        |list| {
            list.as_array_mut()
                .unwrap()
                .push(json!({ "name": "skip", "in": "query", "schema": { "type": "integer" } }));
        },
    ),
    (
        "parameter_removed",
        "/paths/~1notes~1{note-id}/get/parameters",
        |list| {
            list.as_array_mut().unwrap().remove(1);
        },
    ),
    (
        "parameter_required",
        "/paths/~1notes~1{note-id}/get/parameters/1",
        |limit| limit["required"] = json!(true),
    ),
    (
        "parameter_type",
        "/paths/~1notes~1{note-id}/get/parameters/1/schema",
        |schema| schema["format"] = json!("int64"),
    ),
    (
        "parameter_value_added",
        "/paths/~1notes~1{note-id}/get/parameters/2/schema/enum",
        |values| {
            values.as_array_mut().unwrap().push(json!("none"));
        },
    ),
    (
        "parameter_value_removed",
        "/paths/~1notes~1{note-id}/get/parameters/2/schema",
        |schema| schema["enum"] = json!(["up"]),
    ),
    (
        "parameter_description",
        "/paths/~1notes~1{note-id}/get/parameters/1",
        |limit| limit["description"] = json!("How many."),
    ),
    ("path_parameter_renamed", "/paths", |paths| {
        let item = paths
            .as_object_mut()
            .unwrap()
            .remove("/notes/{note-id}")
            .unwrap();
        paths["/notes/{id}"] =
            serde_json::from_str(&item.to_string().replace("note-id", "id")).unwrap();
    }),
    (
        "body_media_type",
        "/paths/~1picture/put/requestBody",
        |body| {
            body["content"] =
                json!({ "image/jpeg": { "schema": { "type": "string", "format": "binary" } } });
        },
    ),
    (
        "body_becomes_json",
        "/paths/~1picture/put/requestBody",
        |body| {
            body["content"] = json!({ "application/json": { "schema": { "$ref": "#/components/schemas/draft" } } });
        },
    ),
    ("body_removed", "/paths/~1picture/put", |put| {
        put.as_object_mut().unwrap().remove("requestBody");
    }),
    (
        "answer_gets_a_body",
        "/paths/~1notes~1{note-id}/put",
        |put| {
            put["responses"] = json!({ "200": { "description": "ok", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/note" } } } } });
        },
    ),
    (
        "status_added",
        "/paths/~1picture/put/responses",
        |responses| responses["200"] = json!({ "description": "ok" }),
    ),
    (
        "property_added",
        "/components/schemas/note/properties",
        |fields| fields["title"] = json!({ "type": "string" }),
    ),
    (
        "required_property_added",
        "/components/schemas/draft",
        |draft| {
            draft["properties"]["title"] = json!({ "type": "string" });
            draft["required"] = json!(["title"]);
        },
    ),
    (
        "property_removed",
        "/components/schemas/note/properties",
        |fields| {
            fields.as_object_mut().unwrap().remove("size");
        },
    ),
    ("property_required", "/components/schemas/note", |note| {
        note["required"] = json!(["id", "size"])
    }),
    ("list_required", "/components/schemas/note", |note| {
        note["required"] = json!(["id", "tags"])
    }),
    ("property_optional", "/components/schemas/note", |note| {
        note.as_object_mut().unwrap().remove("required");
    }),
    (
        "property_type",
        "/components/schemas/note/properties/size",
        |size| size["format"] = json!("int64"),
    ),
    ("value_added", "/components/schemas/colour/enum", |values| {
        values.as_array_mut().unwrap().push(json!("green"))
    }),
    ("value_removed", "/components/schemas/colour", |colour| {
        colour["enum"] = json!(["red"])
    }),
    ("type_renamed", "", |spec| {
        *spec = serde_json::from_str(
            &spec
                .to_string()
                .replace("schemas/colour", "schemas/shade")
                .replace("\"colour\":{\"enum\"", "\"shade\":{\"enum\""),
        )
        .unwrap();
    }),
];

#[test]
fn what_is_called_breaking_does_not_compile_and_the_rest_does() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("diff-compiles");
    package(&folder);
    let programs = folder.join("src/bin");
    fs::create_dir(&programs).unwrap();

    let side = |name: &str, spec: &Value| Side {
        name: name.to_owned(),
        spec: spec.to_string(),
        origin: None,
    };
    let mut breaking = BTreeSet::new();
    for (name, pointer, change) in CHANGES {
        let mut spec = base();
        change(spec.pointer_mut(pointer).unwrap());
        let report = compare(&side("base", &base()), &side(name, &spec)).unwrap();
        if report
            .changes
            .iter()
            .any(|change| change.rust.level == Level::Breaking)
        {
            breaking.insert(name.to_owned());
        }
        assert_eq!(
            report.changes.is_empty(),
            name == "nothing",
            "{name}: {:?}",
            report.changes
        );
        let files = generated(&spec);
        fs::write(
            programs.join(format!("{name}.rs")),
            format!(
                "#![allow(warnings)]\n{}\nuse api::types;\n{PROGRAM}\nmod api {{\n{}\n}}\n",
                surroundings(""),
                module(&files, BLOCKING, "")
            ),
        )
        .unwrap();
        // The async client takes the same arguments; parity is checked wherever files are generated.
        assert!(files.contains_key(Path::new(ASYNC)) && files.contains_key(Path::new(TYPES)));
    }

    let output = check(
        &folder,
        &["--bins", "--keep-going", "--message-format", "json"],
    );
    let mut failing = BTreeSet::new();
    let mut seen = BTreeSet::new();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let message: Value = serde_json::from_str(line).unwrap();
        let target = message["target"]["name"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        if message["reason"] == "compiler-artifact" {
            seen.insert(target);
        } else if message["message"]["level"] == "error" {
            seen.insert(target.clone());
            failing.insert(target);
        }
    }
    let all: BTreeSet<String> = CHANGES
        .iter()
        .map(|(name, _, _)| (*name).to_owned())
        .collect();
    assert!(
        all.is_subset(&seen),
        "not compiled: {:?}\n{}",
        all.difference(&seen),
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(failing, breaking);
    // Neither side may be empty-handed.
    assert_eq!(breaking.len(), 17, "{breaking:?}");
}
