//! The rules of `cargo xtask diff`, one by one: a small API, one change, what is said about it.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may stop at the first surprise, its helpers too"
)]

use serde_json::{Value, json};
use xtask::diff::{Place, Report, Side, Step, changelog, compare, markdown};

fn base() -> Value {
    json!({
        "openapi": "3.0.3",
        "info": { "title": "t", "version": "1" },
        "servers": [{ "url": "https://example.com/v1" }],
        "paths": {
            "/notes/{note-id}": {
                "get": {
                    "operationId": "get_note", "summary": "Read a note",
                    "parameters": [
                        { "name": "note-id", "in": "path", "required": true, "schema": { "type": "string" } },
                        { "name": "limit", "in": "query", "schema": { "type": "integer", "format": "int32" } },
                        { "name": "order", "in": "query", "schema": { "type": "string", "enum": ["up", "down"] } },
                    ],
                    "responses": {
                        "200": { "description": "ok", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/note" } } } },
                        "4XX": { "description": "e", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/fault" } } } },
                    },
                    "x-permissions": {
                        "delegatedWork": { "least": ["Notes.Read"], "higher": ["Notes.ReadWrite"] },
                        "delegatedPersonal": null,
                        "application": null,
                    },
                    "x-notes": ["At most 10."],
                    "x-errors": [{ "status": 404, "code": "Gone", "meaning": "It is gone." }],
                    "x-ms-operation-id": "notes.Get",
                },
                "put": {
                    "operationId": "put_note",
                    "parameters": [{ "name": "note-id", "in": "path", "required": true, "schema": { "type": "string" } }],
                    "requestBody": { "required": true, "content": { "application/json": { "schema": { "$ref": "#/components/schemas/draft" } } } },
                    "responses": { "204": { "description": "none" } },
                },
            },
            "/notes/{note-id}/picture": {
                "put": {
                    "operationId": "put_picture",
                    "parameters": [{ "name": "note-id", "in": "path", "required": true, "schema": { "type": "string" } }],
                    "requestBody": { "required": true, "content": { "image/png": { "schema": { "type": "string", "format": "binary" } } } },
                    "responses": { "204": { "description": "none" } },
                },
                "get": {
                    "operationId": "get_picture",
                    "parameters": [{ "name": "note-id", "in": "path", "required": true, "schema": { "type": "string" } }],
                    "responses": { "200": { "description": "ok", "content": { "image/png": { "schema": { "type": "string", "format": "binary" } } } } },
                },
            },
        },
        "components": { "schemas": {
            "note": { "type": "object", "description": "A note.", "required": ["id"], "properties": {
                "id": { "type": "string" },
                "size": { "type": "integer", "format": "int32" },
                "colour": { "$ref": "#/components/schemas/colour" },
                "tags": { "type": "array", "items": { "type": "string" } },
            } },
            "draft": { "type": "object", "properties": {
                "text": { "type": "string" },
                "size": { "type": "integer", "format": "int64" },
                "mood": { "$ref": "#/components/schemas/mood" },
            } },
            "colour": { "type": "string", "enum": ["red", "blue"] },
            "mood": { "type": "string", "enum": ["good", "bad"] },
            "fault": { "type": "object", "properties": { "code": { "type": "string" } } },
        } },
    })
}

fn side(name: &str, spec: &Value) -> Side {
    Side {
        name: name.to_owned(),
        spec: spec.to_string(),
        origin: None,
    }
}

fn report(change: impl FnOnce(&mut Value)) -> Report {
    let mut after = base();
    change(&mut after);
    compare(&side("old", &base()), &side("new", &after)).unwrap()
}

/// `place rule rust/wire: what`, one line for each change.
fn lines(report: &Report) -> Vec<String> {
    report
        .changes
        .iter()
        .map(|change| {
            let place = match &change.place {
                Place::Api => "api",
                Place::Operation(name) | Place::Type(name) => name,
            };
            format!(
                "{place} {} {}/{}: {}",
                change.rule,
                change.rust.level.name(),
                change.wire.level.name(),
                change.what
            )
        })
        .collect()
}

#[track_caller]
fn says(change: impl FnOnce(&mut Value), expected: &[&str]) {
    assert_eq!(lines(&report(change)), expected);
}

const GET: &str = "/paths/~1notes~1{note-id}/get";
const PUT: &str = "/paths/~1notes~1{note-id}/put";
const PICTURE: &str = "/paths/~1notes~1{note-id}~1picture";
const SCHEMAS: &str = "/components/schemas";

/// The object or array at a pointer made of two parts.
fn at<'a>(spec: &'a mut Value, start: &str, rest: &str) -> &'a mut Value {
    spec.pointer_mut(&format!("{start}{rest}")).unwrap()
}

fn remove(object: &mut Value, key: &str) -> Value {
    object.as_object_mut().unwrap().remove(key).unwrap()
}

fn push(array: &mut Value, value: Value) {
    array.as_array_mut().unwrap().push(value);
}

#[test]
fn nothing() {
    let same = report(|_| {});
    assert_eq!(lines(&same), Vec::<String>::new());
    assert_eq!(same.semver, Step::None);
    assert!(markdown::page(&same).contains("Nothing that a user could notice"));
}

#[test]
fn the_order_of_keys_and_parameters_is_no_change() {
    says(
        |spec| {
            at(spec, GET, "/parameters")
                .as_array_mut()
                .unwrap()
                .reverse()
        },
        &[],
    );
}

// --- operations ---------------------------------------------------------------------------

#[test]
fn an_operation_is_removed() {
    says(
        |spec| {
            remove(at(spec, PICTURE, ""), "put");
        },
        &[
            "put_picture operation-removed breaking/breaking: is gone (`PUT /notes/{note-id}/picture`)",
        ],
    );
}

#[test]
fn an_operation_is_added() {
    says(
        |spec| {
            let mut copy = at(spec, PICTURE, "/put").clone();
            copy["operationId"] = json!("patch_picture");
            at(spec, PICTURE, "")["patch"] = copy;
        },
        &[
            "patch_picture operation-added additive/additive: is new (`PATCH /notes/{note-id}/picture`)",
        ],
    );
}

#[test]
fn an_operation_is_renamed() {
    says(
        |spec| at(spec, PICTURE, "/put")["operationId"] = json!("set_picture"),
        &["put_picture operation-renamed breaking/none: is now called `set_picture`"],
    );
}

#[test]
fn an_operation_sends_another_request() {
    says(
        |spec| {
            let put = remove(at(spec, PICTURE, ""), "put");
            at(spec, PICTURE, "")["post"] = put;
        },
        &[
            "put_picture request-line none/breaking: sends `POST /notes/{note-id}/picture`, formerly `PUT /notes/{note-id}/picture`",
        ],
    );
}

#[test]
fn the_server_moves() {
    says(
        |spec| spec["servers"][0]["url"] = json!("https://example.org/v2"),
        &[
            "api server none/breaking: the API is served at https://example.org/v2, formerly at https://example.com/v1",
        ],
    );
}

// --- parameters ---------------------------------------------------------------------------

#[test]
fn an_optional_parameter_is_added() {
    says(
        |spec| {
            push(
                at(spec, GET, "/parameters"),
                json!({ "name": "skip", "in": "query", "schema": { "type": "integer" } }),
            )
        },
        &["get_note parameter-added breaking/additive: has a new optional query parameter `skip`"],
    );
}

#[test]
fn a_required_parameter_is_added() {
    says(
        |spec| {
            push(
                at(spec, GET, "/parameters"),
                json!({ "name": "If-Match", "in": "header", "required": true, "schema": { "type": "string" } }),
            )
        },
        &[
            "get_note parameter-added breaking/breaking: has a new required header parameter `If-Match`",
        ],
    );
}

#[test]
fn a_parameter_is_removed() {
    says(
        |spec| {
            at(spec, GET, "/parameters")
                .as_array_mut()
                .unwrap()
                .remove(1);
        },
        &["get_note parameter-removed breaking/breaking: query parameter `limit` is gone"],
    );
}

#[test]
fn a_parameter_becomes_required() {
    says(
        |spec| at(spec, GET, "/parameters/1")["required"] = json!(true),
        &["get_note parameter-requiredness breaking/breaking: parameter `limit` is required now"],
    );
}

#[test]
fn a_parameter_becomes_optional() {
    let mut old = base();
    at(&mut old, GET, "/parameters/1")["required"] = json!(true);
    let report = compare(&side("old", &old), &side("new", &base())).unwrap();
    assert_eq!(
        lines(&report),
        ["get_note parameter-requiredness breaking/additive: parameter `limit` is optional now"]
    );
}

#[test]
fn a_parameter_takes_more() {
    says(
        |spec| at(spec, GET, "/parameters/1/schema")["format"] = json!("int64"),
        &[
            "get_note parameter-type breaking/additive: parameter `limit` is `i64` now, formerly `i32`",
        ],
    );
}

#[test]
fn a_parameter_takes_less() {
    says(
        |spec| at(spec, GET, "/parameters/0/schema")["enum"] = json!(["a", "b"]),
        &[
            "get_note parameter-type breaking/breaking: parameter `note-id` is `NoteIdValue` now, formerly `&str`",
            "NoteIdValue type-added additive/none: is new",
        ],
    );
}

#[test]
fn a_parameter_takes_something_else() {
    says(
        |spec| at(spec, GET, "/parameters/1")["schema"] = json!({ "type": "boolean" }),
        &[
            "get_note parameter-type breaking/breaking: parameter `limit` is `bool` now, formerly `i32`",
        ],
    );
}

#[test]
fn a_value_of_a_parameter_is_added() {
    says(
        |spec| {
            push(
                at(spec, GET, "/parameters/2/schema/enum"),
                json!("sideways"),
            )
        },
        &[
            "OrderValue value-added additive/additive: has a new value `sideways`, the variant `Sideways`",
        ],
    );
}

#[test]
fn a_path_parameter_is_renamed() {
    says(
        |spec| {
            let item = remove(at(spec, "/paths", ""), "/notes/{note-id}/picture");
            let text = item.to_string().replace("note-id", "id");
            spec["paths"]["/notes/{id}/picture"] = serde_json::from_str(&text).unwrap();
        },
        &[
            "get_picture argument-renamed docs/none: argument `note_id` is called `id` now",
            "get_picture docs docs/none: the documentation of parameter `id` is reworded",
            "put_picture argument-renamed docs/none: argument `note_id` is called `id` now",
            "put_picture docs docs/none: the documentation of parameter `id` is reworded",
        ],
    );
}

#[test]
fn a_parameter_moves_to_a_header() {
    says(
        |spec| at(spec, GET, "/parameters/1")["in"] = json!("header"),
        &[
            "get_note arguments-reordered breaking/none: takes its arguments in the order order, limit, formerly limit, order",
            "get_note parameter-added breaking/additive: has a new optional header parameter `limit`",
            "get_note parameter-removed breaking/breaking: query parameter `limit` is gone",
        ],
    );
}

// --- bodies -------------------------------------------------------------------------------

#[test]
fn a_body_is_added() {
    says(
        |spec| {
            let body = at(spec, PUT, "/requestBody").clone();
            at(spec, GET, "")["requestBody"] = body;
        },
        &["get_note body-added breaking/breaking: sends a body now: `Draft` as JSON"],
    );
}

#[test]
fn a_body_is_removed() {
    let lines = lines(&report(|spec| {
        remove(at(spec, PICTURE, "/put"), "requestBody");
    }));
    assert_eq!(
        lines,
        [
            "put_picture body-removed breaking/breaking: no longer sends a body, formerly bytes (image/png)"
        ]
    );
}

#[test]
fn a_body_becomes_bytes() {
    let lines = lines(&report(|spec| {
        at(spec, PUT, "/requestBody")["content"] =
            json!({ "text/plain": { "schema": { "type": "string", "format": "binary" } } });
    }));
    assert_eq!(
        lines.first().unwrap(),
        "put_note body-type breaking/breaking: sends bytes (text/plain), formerly `Draft` as JSON"
    );
}

#[test]
fn the_media_type_of_a_body_changes() {
    for (media_type, wire) in [("image/jpeg", "breaking"), ("image/*", "additive")] {
        says(
            |spec| {
                let content = at(spec, PICTURE, "/put/requestBody/content");
                let schema = remove(content, "image/png");
                content[media_type] = schema;
            },
            &[&format!(
                "put_picture body-media-type none/{wire}: bodies are {media_type}, formerly image/png"
            )],
        );
    }
}

// --- answers ------------------------------------------------------------------------------

#[test]
fn an_answer_gets_a_body() {
    says(
        |spec| {
            let answer = at(spec, GET, "/responses/200").clone();
            at(spec, PUT, "/responses")["204"] = answer;
        },
        &["put_note answer-type breaking/additive: answers with `Note`, formerly with nothing"],
    );
}

#[test]
fn an_answer_changes_its_type() {
    says(
        |spec| {
            at(spec, GET, "/responses/200/content/application~1json")["schema"] =
                json!({ "$ref": "#/components/schemas/draft" })
        },
        &[
            "get_note answer-type breaking/breaking: answers with `Draft`, formerly with `Note`",
            "Colour type-removed breaking/none: is gone",
            "Note type-removed breaking/none: is gone",
        ],
    );
}

#[test]
fn the_media_type_of_an_answer_changes() {
    says(
        |spec| {
            let content = at(spec, PICTURE, "/get/responses/200/content");
            let schema = remove(content, "image/png");
            content["image/*"] = schema;
        },
        &[
            "get_picture answer-media-type none/breaking: asks for image/*, application/json, formerly for image/png, application/json",
        ],
    );
}

#[test]
fn statuses_come_and_go() {
    says(
        |spec| {
            let none = at(spec, PUT, "/responses/204").clone();
            at(spec, PUT, "/responses")["200"] = none;
        },
        &["put_note statuses none/additive: is described to answer 200 too"],
    );
    says(
        |spec| {
            remove(at(spec, GET, "/responses"), "4XX");
        },
        &[
            "get_note error-type none/breaking: errors are no JSON, formerly `Fault`",
            "get_note statuses none/docs: is no longer described to answer 4XX",
            "Fault type-removed breaking/none: is gone",
        ],
    );
}

// --- permissions and documentation --------------------------------------------------------

#[test]
fn the_least_permission_changes() {
    says(
        |spec| {
            at(spec, GET, "/x-permissions")["delegatedWork"] =
                json!({ "least": ["Notes.ReadBasic"], "higher": ["Notes.Read", "Notes.ReadWrite"] })
        },
        &[
            "get_note permission-added docs/additive: `Notes.ReadBasic` is enough for work or school accounts now",
            "get_note permission-least docs/none: the least privileged permission for work or school accounts is `Notes.ReadBasic`, formerly `Notes.Read`",
        ],
    );
}

#[test]
fn a_permission_is_no_longer_enough() {
    says(
        |spec| at(spec, GET, "/x-permissions/delegatedWork")["higher"] = json!([]),
        &[
            "get_note permission-removed docs/breaking: `Notes.ReadWrite` is no longer enough for work or school accounts",
        ],
    );
}

#[test]
fn kinds_of_accounts_come_and_go() {
    says(
        |spec| {
            at(spec, GET, "/x-permissions")["delegatedWork"] = Value::Null;
            at(spec, GET, "/x-permissions")["application"] = json!({ "least": ["Notes.Read.All"] });
        },
        &[
            "get_note account-supported docs/additive: works for applications now, with `Notes.Read.All`",
            "get_note account-unsupported docs/breaking: is not supported for work or school accounts any more",
        ],
    );
}

#[test]
fn permissions_are_described_or_not() {
    says(
        |spec| {
            remove(at(spec, GET, ""), "x-permissions");
        },
        &["get_note permissions-described docs/none: no longer says which permissions it needs"],
    );
}

#[test]
fn words_change() {
    let report = report(|spec| at(spec, GET, "")["summary"] = json!("Get a note"));
    assert_eq!(
        lines(&report),
        ["get_note docs docs/none: the summary is reworded"]
    );
    assert_eq!(report.changes[0].old.as_deref(), Some("Read a note"));
    assert_eq!(report.changes[0].new.as_deref(), Some("Get a note"));
    assert_eq!(report.semver, Step::Patch);
    says(
        |spec| at(spec, SCHEMAS, "/note")["description"] = json!("A page."),
        &["Note docs docs/none: the documentation of the type is reworded"],
    );
}

#[test]
fn limits_errors_and_names_of_microsoft() {
    says(
        |spec| {
            let get = at(spec, GET, "");
            get["x-notes"] = json!(["At most 20."]);
            get["x-errors"] = json!([]);
            get["x-ms-operation-id"] = json!("notes_Get");
        },
        &[
            "get_note docs docs/none: documents the limit \"At most 20.\"",
            "get_note docs docs/none: no longer documents the known error \"404 Gone: It is gone.\"",
            "get_note docs docs/none: no longer documents the limit \"At most 10.\"",
            "get_note microsoft-id docs/none: has another name in Microsoft's document",
        ],
    );
}

// --- types --------------------------------------------------------------------------------

#[test]
fn a_property_is_added() {
    says(
        |spec| at(spec, SCHEMAS, "/note/properties")["title"] = json!({ "type": "string" }),
        &[
            "Note field-added additive/additive: has a new property `title`, the field `title: Option<String>`",
        ],
    );
}

#[test]
fn a_required_property_is_added() {
    says(
        |spec| {
            at(spec, SCHEMAS, "/draft/properties")["title"] = json!({ "type": "string" });
            at(spec, SCHEMAS, "/draft")["required"] = json!(["title"]);
        },
        &[
            "Draft field-added additive/breaking: has a new property `title`, the field `title: String`, which is required",
            "Draft trait-removed breaking/none: no longer implements `Default`",
        ],
    );
}

#[test]
fn a_property_is_removed() {
    says(
        |spec| {
            remove(at(spec, SCHEMAS, "/note/properties"), "size");
        },
        &["Note field-removed breaking/breaking: property `size` is gone"],
    );
}

#[test]
fn a_property_becomes_required() {
    says(
        |spec| at(spec, SCHEMAS, "/note")["required"] = json!(["id", "size"]),
        &["Note field-requiredness breaking/additive: property `size` is required now"],
    );
    says(
        |spec| at(spec, SCHEMAS, "/draft")["required"] = json!(["text"]),
        &[
            "Draft field-requiredness breaking/breaking: property `text` is required now",
            "Draft trait-removed breaking/none: no longer implements `Default`",
        ],
    );
}

#[test]
fn a_list_becomes_required() {
    says(
        |spec| at(spec, SCHEMAS, "/note")["required"] = json!(["id", "tags"]),
        &["Note field-requiredness none/additive: property `tags` is required now"],
    );
}

#[test]
fn a_property_becomes_optional() {
    says(
        |spec| {
            remove(at(spec, SCHEMAS, "/note"), "required");
        },
        &[
            "Note field-requiredness breaking/breaking: property `id` is optional now",
            "Note trait-added additive/none: implements `Default` now",
        ],
    );
}

#[test]
fn a_property_of_an_answer_widens() {
    says(
        |spec| at(spec, SCHEMAS, "/note/properties/size")["format"] = json!("int64"),
        &["Note field-type breaking/breaking: property `size` is `i64` now, formerly `i32`"],
    );
}

#[test]
fn a_property_of_a_body_narrows_or_widens() {
    says(
        |spec| at(spec, SCHEMAS, "/draft/properties/size")["format"] = json!("int32"),
        &["Draft field-type breaking/breaking: property `size` is `i32` now, formerly `i64`"],
    );
    says(
        |spec| at(spec, SCHEMAS, "/draft/properties")["size"] = json!({ "type": "number" }),
        &["Draft field-type breaking/additive: property `size` is `f64` now, formerly `i64`"],
    );
}

#[test]
fn a_value_is_added() {
    says(
        |spec| push(at(spec, SCHEMAS, "/colour/enum"), json!("green")),
        &["Colour value-added additive/breaking: has a new value `green`, the variant `Green`"],
    );
    says(
        |spec| push(at(spec, SCHEMAS, "/mood/enum"), json!("mixed")),
        &["Mood value-added additive/additive: has a new value `mixed`, the variant `Mixed`"],
    );
}

#[test]
fn a_value_is_removed() {
    says(
        |spec| at(spec, SCHEMAS, "/colour")["enum"] = json!(["red"]),
        &["Colour value-removed breaking/additive: value `blue` is gone"],
    );
    says(
        |spec| at(spec, SCHEMAS, "/mood")["enum"] = json!(["good"]),
        &["Mood value-removed breaking/breaking: value `bad` is gone"],
    );
}

#[test]
fn an_enum_becomes_text() {
    says(
        |spec| at(spec, SCHEMAS, "/note/properties")["colour"] = json!({ "type": "string" }),
        &[
            "Colour type-removed breaking/none: is gone",
            "Note field-type breaking/breaking: property `colour` is `String` now, formerly `Colour`",
        ],
    );
}

#[test]
fn a_type_is_renamed() {
    says(
        |spec| {
            let colour = remove(at(spec, SCHEMAS, ""), "colour");
            spec["components"]["schemas"]["shade"] = colour;
            at(spec, SCHEMAS, "/note/properties")["colour"] =
                json!({ "$ref": "#/components/schemas/shade" });
        },
        &["Colour type-renamed breaking/none: is now called `Shade`"],
    );
}

#[test]
fn a_type_changes_its_kind() {
    let lines = lines(&report(|spec| {
        at(spec, SCHEMAS, "")["colour"] =
            json!({ "type": "object", "properties": { "red": { "type": "integer" } } });
    }));
    assert!(
        lines.contains(
            &"Colour type-changed breaking/breaking: is a struct now, formerly an enum".to_owned()
        ),
        "{lines:#?}"
    );
}

// --- the whole ----------------------------------------------------------------------------

#[test]
fn the_step_follows_the_heaviest_change() {
    let step = |change: fn(&mut Value)| report(change).semver;
    assert_eq!(
        step(|spec| at(spec, GET, "")["summary"] = json!("x")),
        Step::Patch
    );
    assert_eq!(
        step(|spec| at(spec, SCHEMAS, "/note/properties")["title"] = json!({ "type": "string" })),
        Step::Minor
    );
    // The service's own break: a release that follows it breaks nobody who upgrades.
    assert_eq!(
        step(|spec| spec["servers"][0]["url"] = json!("https://example.org")),
        Step::Minor
    );
    assert_eq!(
        step(|spec| {
            remove(at(spec, PICTURE, ""), "put");
        }),
        Step::Major
    );
}

#[test]
fn the_page_the_json_and_the_changelog_of_many_changes() {
    let report = report(|spec| {
        remove(at(spec, PICTURE, ""), "get");
        at(spec, GET, "/parameters/1")["required"] = json!(true);
        at(spec, GET, "")["summary"] = json!("Get a | note");
        at(spec, SCHEMAS, "/note/properties")["title"] = json!({ "type": "string" });
        at(spec, SCHEMAS, "/draft/properties")["title"] = json!({ "type": "string" });
        push(at(spec, SCHEMAS, "/colour/enum"), json!("green"));
    });
    insta::assert_snapshot!("page", markdown::page(&report));
    insta::assert_snapshot!("json", report.json().unwrap());
    insta::assert_snapshot!("changelog", changelog::entries(&report));
}

#[test]
fn a_spec_that_cannot_be_read_names_its_side() {
    let broken = Side {
        name: "tomorrow".to_owned(),
        spec: "{ oops".to_owned(),
        origin: None,
    };
    let error = compare(&side("old", &base()), &broken)
        .unwrap_err()
        .to_string();
    assert!(error.contains("tomorrow:1:3"), "{error}");
}
