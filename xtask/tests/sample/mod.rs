//! Calls of an API's operations, with arguments and answers made from its description.

use serde_json::{Map, Value, json};
use xtask::generate::Description;
use xtask::generate::ir::{Answer as Answers, Body, Operation, Parameter, ParameterType};

use crate::recorder::Answer;

/// One call of an operation, in either client.
pub(crate) struct Call {
    pub(crate) operation: String,
    /// As Rust writes them.
    pub(crate) arguments: String,
    /// What the server says.
    pub(crate) answer: Answer,
    /// Whether that is a stream of bytes.
    pub(crate) bytes: bool,
    /// What the client must make of it, as JSON.
    pub(crate) value: Value,
}

/// Every operation with all its arguments, and once more without those that may be left out.
pub(crate) fn calls(description: &Description) -> Vec<Call> {
    let mut calls = Vec::new();
    for operation in description.api.operations.values() {
        calls.push(call(description, operation, true));
        if operation.parameters().any(|parameter| !parameter.required) {
            calls.push(call(description, operation, false));
        }
    }
    calls
}

fn call(description: &Description, operation: &Operation, full: bool) -> Call {
    let mut arguments: Vec<String> = operation
        .parameters()
        .map(|parameter| {
            let is_header = operation
                .header_parameters
                .iter()
                .any(|header| header.wire == parameter.wire);
            match (parameter.required, full) {
                (true, _) => argument(description, parameter, is_header),
                (false, true) => format!("Some({})", argument(description, parameter, is_header)),
                (false, false) => "None".to_owned(),
            }
        })
        .collect();
    let schema = |role: &str| {
        let at = format!(
            "/paths/{}/{}",
            operation.path.replace('~', "~0").replace('/', "~1"),
            operation.method
        );
        let content = match role {
            "requestBody" => format!("{at}/requestBody/content/application~1json/schema"),
            _ => format!("{at}/responses/2XX/content/application~1json/schema"),
        };
        let schema = description.normal.pointer(&content).unwrap();
        sample(description, schema, 0)
    };
    match &operation.body {
        None => {}
        Some(Body::Bytes(_)) => arguments.push(r#"b"\xff\xd8\xff\xe0 jpeg".to_vec()"#.to_owned()),
        Some(Body::Json(kind)) => {
            let kind = kind.rust_type().to_string().replace(' ', "");
            let text = schema("requestBody").to_string();
            arguments.push(format!(
                "&serde_json::from_str::<{kind}>(r#\"{text}\"#).unwrap()"
            ));
        }
    }
    let (answer, value) = match &operation.answer {
        Answers::Empty => (
            Answer {
                status: "204 No Content",
                media_type: None,
                body: Vec::new(),
            },
            Value::Null,
        ),
        Answers::Bytes => (
            Answer {
                status: "200 OK",
                media_type: Some("image/jpeg"),
                body: b"the bytes".to_vec(),
            },
            json!("the bytes"),
        ),
        Answers::Json(_) => {
            let value = schema("response");
            let body = value.to_string().into_bytes();
            (
                Answer {
                    status: "200 OK",
                    media_type: Some("application/json"),
                    body,
                },
                value,
            )
        }
    };
    Call {
        operation: operation.name.clone(),
        arguments: arguments.join(", "),
        bytes: matches!(operation.answer, Answers::Bytes),
        answer,
        value,
    }
}

/// A value for a parameter that shows how it is written on the wire.
fn argument(description: &Description, parameter: &Parameter, is_header: bool) -> String {
    match &parameter.kind {
        ParameterType::Text if is_header => r#""W/\"1\"""#.to_owned(),
        ParameterType::Text => r#""a b/\u{e9}?""#.to_owned(),
        ParameterType::Primitive("bool") => "true".to_owned(),
        ParameterType::Primitive("f32" | "f64") => "1.5".to_owned(),
        ParameterType::Primitive(_) => "7".to_owned(),
        ParameterType::Named(name) => {
            format!(
                "{:?}.parse::<types::{name}>().unwrap()",
                values(description, name)[0]
            )
        }
        ParameterType::List(list) => {
            let item = list
                .split_once('<')
                .and_then(|(_, rest)| rest.strip_suffix('>'))
                .unwrap();
            let items = match item.rsplit("::").next().unwrap() {
                "String" => "a,b c".to_owned(),
                "i64" => "1,2".to_owned(),
                "f64" => "1.5,2".to_owned(),
                "bool" => "true,false".to_owned(),
                name => values(description, name).join(","),
            };
            let list = list.replace("::graph_photo_model::types::", "types::");
            format!("&{items:?}.parse::<{list}>().unwrap()")
        }
    }
}

/// All values of an enum for a list, and the first for a parameter of its own.
fn values(description: &Description, name: &str) -> Vec<String> {
    let values = &description.normal["components"]["schemas"][name]["enum"];
    let values = values
        .as_array()
        .unwrap_or_else(|| panic!("{name} is no enum"));
    values
        .iter()
        .map(|value| value.as_str().unwrap().to_owned())
        .collect()
}

/// A value of a schema, with every property but those that lead round in circles.
fn sample(description: &Description, schema: &Value, depth: usize) -> Value {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = reference.rsplit('/').next().unwrap();
        let target = &description.normal["components"]["schemas"][name];
        return sample(description, target, depth + 1);
    }
    if let Some(values) = schema["enum"].as_array() {
        return values[0].clone();
    }
    match schema["type"].as_str() {
        Some("string") => json!("text"),
        Some("integer") => json!(7),
        Some("number") => json!(1.5),
        Some("boolean") => json!(true),
        Some("array") => json!([sample(description, &schema["items"], depth)]),
        Some("object") => {
            let mut object = Map::new();
            for (name, property) in schema["properties"].as_object().into_iter().flatten() {
                // Two levels of a cycle show that it goes round.
                if depth < 4 {
                    object.insert(name.clone(), sample(description, property, depth + 1));
                }
            }
            if let Some(values) = schema.get("additionalProperties") {
                object.insert(
                    "anything".to_owned(),
                    sample(description, values, depth + 1),
                );
            } else if schema.get("properties").is_none() {
                object.insert("free".to_owned(), json!(true));
            }
            Value::Object(object)
        }
        _ => json!({ "free": [1, null] }),
    }
}
