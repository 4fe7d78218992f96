//! A document as large as Microsoft's, made from our slice of it.
//!
//! Benchmarks must run in a fresh clone, which does not hold Microsoft's 20-47 MB. The slice is
//! padded with paths and schemas of the same texture that nobody keeps.

use serde_json::{Map, Value};

/// `slice` with unwanted paths and schemas added until its JSON has about `bytes` bytes.
pub fn padded(slice: &Value, bytes: usize) -> Value {
    let mut document = slice.clone();
    let paths = object(slice, "/paths");
    let schemas = object(slice, "/components/schemas");
    let round = size(&Value::Object(paths.clone())) + size(&Value::Object(schemas.clone()));
    let rounds = bytes.saturating_sub(size(slice)) / round.max(1);
    for number in 0..rounds {
        for (name, item) in &paths {
            insert(
                &mut document,
                "/paths",
                format!("/unwanted{number}{name}"),
                item,
            );
        }
        for (name, schema) in &schemas {
            insert(
                &mut document,
                "/components/schemas",
                format!("unwanted{number}.{name}"),
                schema,
            );
        }
    }
    document
}

fn object(document: &Value, pointer: &str) -> Map<String, Value> {
    document
        .pointer(pointer)
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default()
}

fn insert(document: &mut Value, pointer: &str, name: String, value: &Value) {
    if let Some(object) = document.pointer_mut(pointer).and_then(Value::as_object_mut) {
        object.insert(name, value.clone());
    }
}

fn size(value: &Value) -> usize {
    value.to_string().len()
}
