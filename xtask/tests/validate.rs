//! Every refusal of `validate`: one faulty document each, named after the row of progenitor's
//! known limits that it stands for.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may stop at the first surprise, in its helpers too"
)]

use serde_json::{Value, json};
use xtask::generate::validate::validate;

/// A document in normal form that is accepted.
fn good() -> Value {
    let error = json!({ "description": "error", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Fault" } } } });
    json!({
        "openapi": "3.0.3",
        "info": { "title": "t", "version": "1" },
        "paths": {
            "/things/{thing-id}/$value": {
                "put": {
                    "operationId": "thing_put",
                    "parameters": [
                        { "name": "thing-id", "in": "path", "required": true, "schema": { "type": "string" } },
                        { "name": "$select", "in": "query", "schema": { "$ref": "#/components/schemas/ListOfString" } },
                    ],
                    "requestBody": { "required": true, "content": { "application/octet-stream": { "schema": { "type": "string", "format": "binary" } } } },
                    "responses": { "2XX": { "description": "ok" }, "4XX": error, "5XX": error },
                },
            },
        },
        "components": { "schemas": {
            "Fault": { "type": "object", "properties": { "code": { "type": "string" } } },
            "ListOfString": { "type": "array", "items": { "type": "string" } },
            "Kind": { "type": "string", "enum": ["a", "b"] },
        } },
    })
}

const OPERATION: &str = "/paths/~1things~1{thing-id}~1$value/put";

/// Applies `change` to the operation of the good document and expects a refusal at `pointer`,
/// relative to the operation unless it starts at the root, that names `what`.
#[track_caller]
fn refused(pointer: &str, what: &str, change: impl FnOnce(&mut Value, &mut Value)) {
    let mut document = good();
    let mut operation = document["paths"]["/things/{thing-id}/$value"]["put"].take();
    change(&mut document, &mut operation);
    document["paths"]["/things/{thing-id}/$value"]["put"] = operation;
    let pointer = if pointer.starts_with("/components") || pointer == "/openapi" {
        pointer.to_owned()
    } else {
        format!("{OPERATION}{pointer}")
    };
    let problems = validate(&document);
    assert!(
        problems.iter().any(|problem| problem.pointer == pointer
            && problem.fault.contains(what)
            && !problem.remedy.is_empty()),
        "expected a refusal at {pointer} naming {what:?}, found {problems:#?}"
    );
}

#[test]
fn the_normal_form_is_accepted() {
    assert_eq!(validate(&good()), []);
}

#[test]
fn openapi_3_1() {
    refused("/openapi", "3.1.0", |d, _| d["openapi"] = json!("3.1.0"));
}

#[test]
fn an_image_body() {
    refused("/requestBody/content/image~1jpeg", "image/jpeg", |_, o| {
        o["requestBody"]["content"] =
            json!({ "image/jpeg": { "schema": { "type": "string", "format": "binary" } } });
    });
}

#[test]
fn two_media_types() {
    refused("/requestBody/content", "2 media types", |_, o| {
        o["requestBody"]["content"]["application/json"] = json!({ "schema": {} });
    });
}

#[test]
fn octet_stream_without_a_binary_format() {
    refused(
        "/requestBody/content/application~1octet-stream/schema",
        "format: binary",
        |_, o| {
            o["requestBody"]["content"]["application/octet-stream"] =
                json!({ "schema": { "type": "string" } });
        },
    );
}

#[test]
fn an_optional_body() {
    refused("/requestBody", "optional body", |_, o| {
        o["requestBody"]["required"] = json!(false)
    });
}

#[test]
fn a_status_beside_the_ranges() {
    refused("/responses/204", "two types", |_, o| {
        o["responses"]["204"] = json!({ "description": "none" })
    });
}

#[test]
fn a_default_answer() {
    refused("/responses/default", "unreachable", |_, o| {
        o["responses"]["default"] = json!({ "description": "any" })
    });
}

#[test]
fn no_successful_answer() {
    refused("/responses", "no 2XX answer", |_, o| {
        o["responses"].as_object_mut().unwrap().remove("2XX");
    });
}

#[test]
fn two_error_bodies() {
    refused("/responses/5XX", "different bodies", |_, o| {
        o["responses"]["5XX"] = json!({ "description": "error" })
    });
}

#[test]
fn a_redirect() {
    refused("/responses/302", "302", |_, o| {
        o["responses"]["302"] = json!({ "description": "elsewhere" })
    });
}

#[test]
fn a_list_parameter_that_would_be_repeated() {
    refused("/parameters/1/schema", "explode", |_, o| {
        o["parameters"][1]["schema"] = json!({ "type": "array", "items": { "type": "string" } });
    });
}

#[test]
fn parameters_that_are_one_name_in_rust() {
    refused("/parameters/2", "`select`", |_, o| {
        let parameters = o["parameters"].as_array_mut().unwrap();
        parameters.push(json!({ "name": "select", "in": "query", "schema": { "type": "string" } }));
    });
}

#[test]
fn operations_that_are_one_name_in_rust() {
    refused("/operationId", "`thing_put` is taken", |d, o| {
        let mut other = o.clone();
        other["operationId"] = json!("thing.Put");
        other["parameters"] = json!([]);
        d["paths"]["/other"] = json!({ "put": other });
    });
}

#[test]
fn a_path_parameter_that_is_not_required() {
    refused("/parameters/0", "not required", |_, o| {
        o["parameters"][0]
            .as_object_mut()
            .unwrap()
            .remove("required");
    });
}

#[test]
fn a_path_parameter_that_is_not_declared() {
    refused("/parameters", "\"thing-id\"", |_, o| {
        o["parameters"].as_array_mut().unwrap().remove(0);
    });
}

#[test]
fn a_dangling_reference() {
    refused(
        "/components/schemas/Fault/properties/code",
        "nothing is at",
        |d, _| {
            d["components"]["schemas"]["Fault"]["properties"]["code"] =
                json!({ "$ref": "#/components/schemas/Missing" });
        },
    );
}

#[test]
fn a_discriminator() {
    refused(
        "/components/schemas/Fault/discriminator",
        "normal form",
        |d, _| {
            d["components"]["schemas"]["Fault"]["discriminator"] =
                json!({ "propertyName": "@odata.type" });
        },
    );
}

#[test]
fn enum_values_that_are_one_name_in_rust() {
    refused("/components/schemas/Kind/enum", "in Rust", |d, _| {
        d["components"]["schemas"]["Kind"]["enum"] = json!(["a b", "a-b"]);
    });
}

#[test]
fn properties_that_are_one_name_in_rust() {
    refused(
        "/components/schemas/Fault/properties/some_code",
        "`some_code`",
        |d, _| {
            let properties = &mut d["components"]["schemas"]["Fault"]["properties"];
            properties["some_code"] = json!({ "type": "string" });
            properties["someCode"] = json!({ "type": "string" });
        },
    );
}
