//! Shapes that a description may take, one test each, on the smallest document that shows it.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may stop at the first surprise, its helpers too"
)]

use proptest::prelude::*;
use serde_json::{Value, json};
use xtask::trim::{Built, Cut, Format, TrimConfig, TrimError, build, cut_document, to_text};

const PATHS: &str = r#"paths = ["/me/photo", "/users/{user-id}/photo"]"#;
const EMPTY_OVERLAY: &str = "
overlay: 1.0.0
info: { title: Nothing, version: 1.0.0 }
actions: [{ target: $.nothing, remove: true }]
";
const NEWEST: &str = include_str!("fixtures/graph-newest-modules.yaml");

fn cut(document: &Value) -> Result<Cut, TrimError> {
    cut_text(&document.to_string())
}

fn cut_text(text: &str) -> Result<Cut, TrimError> {
    cut_document(text.as_bytes(), &TrimConfig::from_toml(PATHS).unwrap())
}

fn built(document: &Value, trim_toml: &str) -> Result<Built, TrimError> {
    build(document.to_string().as_bytes(), trim_toml, EMPTY_OVERLAY)
}

/// A description with one operation and some components.
fn description(get: Value, components: Value) -> Value {
    json!({
        "openapi": "3.0.3",
        "info": { "title": "Example", "version": "1" },
        "paths": { "/me/photo": { "get": get }, "/unwanted": { "get": { "$ref": "#/nowhere" } } },
        "components": components,
    })
}

fn kept(cut: &Cut, kind: &str) -> Vec<String> {
    cut.document["components"][kind]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(n, _)| n.clone())
        .collect()
}

#[test]
fn references_are_followed_through_every_kind_of_component() {
    let cut = cut(&description(
        json!({
            "parameters": [{ "$ref": "#/components/parameters/top" }],
            "requestBody": { "$ref": "#/components/requestBodies/body" },
            "responses": { "200": { "$ref": "#/components/responses/ok" } },
        }),
        json!({
            "parameters": {
                "top": { "name": "$top", "in": "query", "schema": { "$ref": "#/components/schemas/a" } },
                "unused": {},
            },
            "requestBodies": { "body": { "content": { "application/json": {
                "schema": { "$ref": "#/components/schemas/b" },
                "examples": { "one": { "$ref": "#/components/examples/e" } },
            } } } },
            "responses": { "ok": {
                "headers": { "ETag": { "$ref": "#/components/headers/etag" } },
                "links": { "next": { "$ref": "#/components/links/next" } },
            } },
            "headers": { "etag": { "schema": { "type": "string" } } },
            "links": { "next": {} },
            "examples": { "e": { "value": { "$ref": "#/this/is/payload" } } },
            "schemas": {
                "a": { "type": "integer" },
                "b": { "allOf": [{ "$ref": "#/components/schemas/c" }] },
                "c": { "additionalProperties": { "items": { "$ref": "#/components/schemas/d" } } },
                "d": {},
                "unused": { "$ref": "#/components/schemas/gone" },
            },
        }),
    ))
    .unwrap();
    assert_eq!(kept(&cut, "schemas"), ["a", "b", "c", "d"]);
    assert_eq!(kept(&cut, "parameters"), ["top"]);
    for kind in ["requestBodies", "responses", "headers", "links", "examples"] {
        assert_eq!(kept(&cut, kind).len(), 1, "{kind}");
    }
}

#[test]
fn cyclic_schemas_are_cut_once() {
    let cut = cut(&description(
        json!({ "schema": { "$ref": "#/components/schemas/a" } }),
        json!({ "schemas": {
            "a": { "properties": { "b": { "$ref": "#/components/schemas/b" } } },
            "b": { "properties": { "a": { "$ref": "#/components/schemas/a" }, "self": { "$ref": "#/components/schemas/b" } } },
        } }),
    ))
    .unwrap();
    assert_eq!(kept(&cut, "schemas"), ["a", "b"]);
}

#[test]
fn escaped_pointers_resolve() {
    let cut = cut(&description(
        json!({
            "a": { "$ref": "#/components/schemas/one~1two" },
            "b": { "$ref": "#/components/schemas/til~0de" },
            "c": { "$ref": "#/components/schemas/sp%20ace" },
            "d": { "$ref": "#/components/schemas/collection%28of%29%2Dphoto" },
            "e": { "$ref": "#/components/schemas/deep/properties/in%7E1side" },
            "f": { "$ref": "#/paths/~1me~1photo/get/c" },
        }),
        json!({ "schemas": {
            "one/two": {}, "til~de": {}, "sp ace": {}, "collection(of)-photo": {},
            "deep": { "properties": { "in/side": {} } },
        } }),
    ))
    .unwrap();
    assert_eq!(
        kept(&cut, "schemas"),
        [
            "collection(of)-photo",
            "deep",
            "one/two",
            "sp ace",
            "til~de"
        ]
    );
}

#[test]
fn payload_is_not_searched_for_references() {
    let cut = cut(&description(
        json!({
            "example": { "$ref": "#/no" },
            "x-note": { "$ref": "#/no" },
            "schema": {
                "default": { "$ref": "#/no" },
                "enum": [{ "$ref": "#/no" }],
                // A property may be called anything.
                "properties": { "example": { "$ref": "#/components/schemas/a" }, "$ref": { "type": "string" } },
            },
        }),
        json!({ "schemas": { "a": {} } }),
    ))
    .unwrap();
    assert_eq!(kept(&cut, "schemas"), ["a"]);
}

#[test]
fn mapping_entries_stay_only_for_schemas_that_are_needed() {
    let cut = cut(&description(
        json!({ "schema": { "$ref": "#/components/schemas/base" } }),
        json!({ "schemas": {
            "base": {
                "discriminator": {
                    "propertyName": "@odata.type",
                    "mapping": { "a": "#/components/schemas/a", "b": "b", "c": "c", "d": "other.json" },
                },
                "properties": { "a": { "$ref": "#/components/schemas/a" }, "c": { "$ref": "#/components/schemas/c" } },
            },
            "a": {}, "b": {}, "c": { "discriminator": { "propertyName": "x", "mapping": { "b": "b" } } },
        } }),
    ))
    .unwrap();
    let schemas = &cut.document["components"]["schemas"];
    assert_eq!(
        schemas["base"]["discriminator"]["mapping"],
        json!({ "a": "#/components/schemas/a", "c": "c" })
    );
    assert_eq!(
        schemas["c"]["discriminator"],
        json!({ "propertyName": "x" })
    );
    assert_eq!(cut.mapping_entries_dropped, 3);
}

#[test]
fn security_schemes_come_along_by_name() {
    let mut document = description(
        json!({ "security": [{ "oauth": [] }] }),
        json!({ "securitySchemes": { "oauth": {}, "key": {}, "unused": {} } }),
    );
    document["security"] = json!([{ "key": [] }]);
    let cut = cut(&document).unwrap();
    assert_eq!(kept(&cut, "securitySchemes"), ["key", "oauth"]);
    assert_eq!(cut.document["security"], json!([{ "key": [] }]));
}

#[test]
fn tags_stay_if_an_operation_has_them() {
    let mut document = description(json!({ "tags": ["me"] }), json!({}));
    document["tags"] = json!([{ "name": "me" }, { "name": "other" }]);
    assert_eq!(
        cut(&document).unwrap().document["tags"],
        json!([{ "name": "me" }])
    );
}

#[test]
fn the_order_of_keys_does_not_matter() {
    let one = r#"{"openapi":"3.0.0","info":{},"paths":{"/me/photo":{"get":{"a":1,"b":2}}}}"#;
    let other = r#"{"paths":{"/me/photo":{"get":{"b":2,"a":1}}},"info":{},"openapi":"3.0.0"}"#;
    assert_eq!(
        to_text(&cut_text(one).unwrap().document),
        to_text(&cut_text(other).unwrap().document)
    );
}

#[test]
fn parameters_may_be_spelled_in_any_way() {
    for spelling in ["user-id", "userId", "user_id", "UserID"] {
        let mut document = description(json!({}), json!({}));
        document["paths"] = json!({ format!("/users/{{{spelling}}}/photo"): {
            "parameters": [{ "name": spelling, "in": "path", "required": true }],
            "get": { "parameters": [{ "name": spelling, "in": "query" }] },
        } });
        let built = built(&document, PATHS).unwrap();
        let item = &built.graph_photo["paths"]["/users/{user-id}/photo"];
        assert_eq!(item["parameters"][0]["name"], "user-id", "{spelling}");
        assert_eq!(
            item["get"]["parameters"][0]["name"], spelling,
            "a query parameter is another thing"
        );
        let upstream = &built.cut.document["paths"];
        assert!(
            upstream
                .get(format!("/users/{{{spelling}}}/photo"))
                .is_some(),
            "{spelling}"
        );
    }
}

const MIRROR: &str = r#"
paths = ["/me/photo", "/users/{user-id}/photo", "/me/photos", "/users/{user-id}/photos"]
[[mirror]]
from = "/users/{user-id}"
to = "/me"
drop = ["user-id"]
"#;

#[test]
fn a_mirror_supplies_only_what_is_missing() {
    let user = json!({ "name": "user-id", "in": "path", "required": true });
    let select = json!({ "name": "$select", "in": "query" });
    let mut document = description(json!({}), json!({ "parameters": { "user-id": user } }));
    document["paths"] = json!({
        "/me/photo": { "get": { "operationId": "own" } },
        "/users/{user-id}/photo": { "parameters": [user], "get": { "operationId": "a" } },
        "/users/{user-id}/photos": {
            "parameters": [{ "$ref": "#/components/parameters/user-id" }],
            "get": { "operationId": "b", "parameters": [user, select] },
        },
    });
    let built = built(&document, MIRROR).unwrap();
    assert_eq!(built.mirrored_paths, ["/me/photos"]);
    let paths = &built.graph_photo["paths"];
    assert_eq!(paths["/me/photo"]["get"]["operationId"], "own");
    assert_eq!(
        paths["/me/photos"],
        json!({ "x-mirrored-from": "/users/{user-id}/photos", "get": { "parameters": [select] } })
    );
    assert!(
        built.cut.document["paths"].get("/me/photos").is_none(),
        "upstream.json is Microsoft's"
    );
}

#[test]
fn the_api_is_named_by_the_servers_or_by_hand() {
    let toml = format!(
        "{PATHS}\n[api.\"v1.0\"]\nserver = \"https://graph.microsoft.com/v1.0\"\n[api.beta]\nserver = \"https://graph.microsoft.com/beta\"\n"
    );
    let mut document = description(json!({}), json!({}));
    document["servers"] = json!([{ "url": "https://graph.microsoft.com/beta/" }]);
    let from_servers = built(&document, &toml).unwrap();
    assert_eq!(from_servers.api, "beta");
    assert_eq!(
        from_servers.graph_photo["servers"][0]["url"],
        "https://graph.microsoft.com/beta"
    );
    let config = TrimConfig::from_toml(&toml).unwrap();
    let overlay = xtask::overlay::Overlay::from_yaml(EMPTY_OVERLAY).unwrap();
    let bytes = document.to_string();
    let by_hand =
        xtask::trim::build_with(bytes.as_bytes(), &config, &overlay, Some("v1.0")).unwrap();
    assert_eq!(
        by_hand.graph_photo["servers"][0]["url"],
        "https://graph.microsoft.com/v1.0"
    );
    let unknown = xtask::trim::build_with(bytes.as_bytes(), &config, &overlay, Some("v2.0"));
    assert!(matches!(unknown, Err(TrimError::UnknownApi { .. })));
    document["servers"] = json!([{ "url": "https://example.org/api" }]);
    assert_eq!(
        built(&document, &toml).unwrap().graph_photo["servers"],
        document["servers"]
    );
}

// ---- YAML

/// The slice of a YAML text, and whether it was cut before it was parsed.
fn yaml(text: &str) -> (Value, Format) {
    let cut = cut_text(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    // The plain parser must agree; a document end mark makes trim use it.
    let plain = cut_text(&format!("{text}\n...\n")).unwrap();
    assert_eq!(plain.format, Format::YamlOtherStyle);
    assert_eq!(to_text(&cut.document), to_text(&plain.document), "{text}");
    (cut.document, cut.format)
}

fn around(entry: &str) -> String {
    format!(
        "openapi: 3.0.3\ninfo: {{}}\npaths:\n  /me/photo:\n    get:\n      description: before\n{entry}  /after:\n    get: {{}}\n"
    )
}

#[test]
fn yaml_in_plain_block_style_is_cut_before_it_is_parsed() {
    for entry in [
        // Block scalars whose lines look like keys.
        "  /x:\n    description: |\n      text\n\n  # comment\n    summary: >-\n      /me/photo:\n        get\n",
        "  /x:\n    description: |\n      /users/{user-id}/photo:\n        get: it's \"not a key\n",
        "  /x:\n    description: |+2\n        more\n\n\n",
        // Quoted scalars over several lines, even where a line looks like a key.
        "  /x:\n    description: \"one\n      two: three\n      four\"\n",
        "  /x:\n    description: \"one \\\" still\n  /users/{user-id}/photo: \n  end\"\n",
        "  /x:\n    description: 'it''s\n      /me/photo: '\n",
        // Plain scalars over several lines.
        "  /x:\n    description: one\n      two \"three\n      'four\n",
        // Sequences that are not indented, and items of every kind.
        "  /x:\n    tags:\n    - a\n    - name: b\n      in: path\n    -\n      c: d\n    - - e\n      - f\n    - \"g: h\"\n    - >\n      folded: text\n",
        // Keys that are quoted or stand on lines of their own.
        "  '/it''s':\n    get: {}\n  \"/double\":\n    get: []\n",
        "  ? /a/very/long/key\n  : get:\n      a: b\n    put: {}\n",
        // Flow style on one line.
        "  /x: { get: { a: [1, 'two ] three', \"four }\"] } }\n",
        // Comments and blank lines anywhere.
        "# column one\n\n  # two\n  /x: # after\n    # four\n    get: {} # after\n",
        // A colon or a hash inside plain text.
        "  /x:\n    url: https://example.org/#fragment\n    time: 12:30\n    hash: a#b\n",
    ] {
        let (document, format) = yaml(&around(entry));
        assert_eq!(format, Format::Yaml, "{entry}");
        assert_eq!(
            document["paths"],
            json!({ "/me/photo": { "get": { "description": "before" } } }),
            "{entry}"
        );
    }
}

#[test]
fn yaml_in_other_styles_is_read_in_full() {
    for entry in [
        "  /x:\n    get: &anchor { a: 1 }\n  /y: *anchor\n",
        "  /x:\n    get: !!str text\n",
        "  /x:\n    get: [1,\n      2]\n",
        "  /x:\n    get:\n      plain text\n      'on lines of its own\n",
        "  /x:\n    text: \"one\u{2028}two\"\n",
    ] {
        let (_, format) = yaml(&around(entry));
        assert_eq!(format, Format::YamlOtherStyle, "{entry}");
    }
    let flow = "{openapi: 3.0.3, info: {}, paths: {/me/photo: {get: {}}}}";
    assert_eq!(cut_text(flow).unwrap().format, Format::YamlOtherStyle);
}

#[test]
fn yaml_may_be_indented_by_any_number() {
    for width in [1, 3, 4, 8] {
        let text: String = around("")
            .lines()
            .map(|line| {
                let depth = line.chars().take_while(|c| *c == ' ').count() / 2;
                format!("{}{}\n", " ".repeat(depth * width), line.trim_start())
            })
            .collect();
        let (document, format) = yaml(&text);
        assert_eq!(format, Format::Yaml, "{width}");
        assert!(document["paths"]["/me/photo"]["get"].is_object(), "{width}");
    }
}

#[test]
fn yaml_keys_that_are_numbers_are_text() {
    let (document, _) = yaml(&around(
        "      responses:\n        200: {}\n        4XX: {}\n",
    ));
    let codes = &document["paths"]["/me/photo"]["get"]["responses"];
    assert_eq!(codes, &json!({ "200": {}, "4XX": {} }));
}

#[test]
fn yaml_errors_name_the_line_of_the_whole_document() {
    let text = around("      a: 1\n      a: 2\n");
    let error = cut_text(&text).unwrap_err();
    insta::assert_snapshot!(error, @"/paths/~1me~1photo/get/a occurs twice, line 6, column 7: remove one of the two");
}

proptest! {
    /// Whatever is done to the lines of a document, cutting first and parsing first agree, as long
    /// as both accept it. (Cutting first does not look into what it drops.)
    #[test]
    fn cutting_first_and_parsing_first_agree(
        edits in prop::collection::vec((0..2000_usize, 0..9_u8, 0..12_usize), 1..4)
    ) {
        let mut lines: Vec<String> = NEWEST.lines().map(str::to_owned).collect();
        for (at, edit, indent) in edits {
            let at = at % lines.len();
            let spaces = " ".repeat(indent);
            match edit {
                0 => { lines.remove(at); }
                1 => { let line = lines[at].clone(); lines.insert(at, line); }
                2 => lines[at] = format!("{spaces}{}", lines[at].trim_start()),
                3 => lines.insert(at, format!("{spaces}'/users/{{user-id}}/photo':")),
                4 => lines.insert(at, format!("{spaces}description: \"one")),
                5 => lines.insert(at, format!("{spaces}description: |")),
                6 => lines.insert(at, format!("{spaces}- it's")),
                7 => lines.insert(at, format!("{spaces}two\" 'three")),
                _ => lines.insert(at, format!("{spaces}# comment: 'x")),
            }
        }
        let text = lines.join("\n");
        let config = TrimConfig::from_toml(include_str!("../../spec/trim.toml")).unwrap();
        let first = cut_document(text.as_bytes(), &config);
        let plain = cut_document(format!("{text}\n...\n").as_bytes(), &config);
        if let (Ok(first), Ok(plain)) = (first, plain) {
            prop_assert_eq!(to_text(&first.document), to_text(&plain.document));
        }
    }
}
