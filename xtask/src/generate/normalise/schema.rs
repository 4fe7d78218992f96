//! Schemas, one by one: what they keep is their type, their members and their words.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::reference::{escape, lookup};
use super::{MAX_DEPTH, MAX_SCHEMAS, Normaliser, sorted_keys};
use crate::problem::Pointer;

impl Normaliser<'_> {
    pub(super) fn rewrite_pending_schemas(&mut self) {
        let mut done = BTreeSet::new();
        while let Some(name) = self.pending.pop() {
            if !done.insert(name.clone()) {
                continue;
            }
            if done.len() > MAX_SCHEMAS {
                self.problem(
                    &Pointer::root().key("components").key("schemas"),
                    format!("the operations reach more than {MAX_SCHEMAS} schemas"),
                    "keep fewer paths in spec/trim.toml",
                );
                return;
            }
            let at = Pointer::root().key("components").key("schemas").key(&name);
            let Some(schema) = lookup(
                self.source,
                &format!("#/components/schemas/{}", escape(&name)),
            ) else {
                continue;
            };
            let mut rewritten = self.schema(&at, schema, 0);
            if let Some(object) = rewritten.as_object_mut() {
                object
                    .entry("description")
                    .or_insert_with(|| json!(format!("`{name}` in Microsoft's OpenAPI.")));
            }
            let rust = self.names[&name].clone();
            self.schemas.insert(rust, rewritten);
        }
    }

    pub(super) fn schema(&mut self, at: &Pointer, schema: &Value, depth: usize) -> Value {
        if depth > MAX_DEPTH {
            self.problem(
                at,
                format!("schemas are nested more than {MAX_DEPTH} levels deep"),
                "name the inner schemas and refer to them",
            );
            return json!({});
        }
        let Some(object) = schema.as_object() else {
            self.problem(
                at,
                "a schema must be an object",
                "see the OpenAPI Schema Object",
            );
            return json!({});
        };
        if object.contains_key("$ref") {
            return self.schema_reference(at, schema);
        }
        if let Some(parts) = object.get("allOf") {
            return self.all_of(at, object, parts, depth);
        }
        for keyword in ["anyOf", "oneOf"] {
            if let Some(options) = object.get(keyword) {
                return self.any_of(&at.key(keyword), object, options, depth);
            }
        }
        if object.contains_key("not") {
            self.problem(
                &at.key("not"),
                "`not` has no Rust type",
                "remove it through spec/overlay.yaml",
            );
            return json!({});
        }
        let mut target = Map::new();
        for key in ["description", "nullable"] {
            if let Some(value) = object.get(key) {
                target.insert(key.into(), value.clone());
            }
        }
        let kind = match object.get("type") {
            None if object.contains_key("properties") => "object",
            // A list of values says the type, if they have one.
            None if is_list_of_text(object.get("enum")) => "string",
            None => return Value::Object(target),
            Some(kind) => kind.as_str().unwrap_or_default(),
        };
        match kind {
            "string" => {
                target.insert("type".into(), json!("string"));
                if let Some(values) = object.get("enum").and_then(Value::as_array) {
                    let named: Vec<&Value> = values.iter().filter(|v| !v.is_null()).collect();
                    if named.iter().any(|v| !v.is_string()) || named.is_empty() {
                        self.problem(
                            &at.key("enum"),
                            "an enum of strings must list strings",
                            "mend the list through spec/overlay.yaml",
                        );
                    }
                    target.insert("enum".into(), json!(named));
                }
            }
            "integer" | "number" => {
                let format = object
                    .get("format")
                    .and_then(Value::as_str)
                    .unwrap_or_default();
                // Microsoft's newest documents write integers as `number` with an integer format.
                let integer =
                    kind == "integer" || format.starts_with("int") || format.starts_with("uint");
                target.insert(
                    "type".into(),
                    json!(if integer { "integer" } else { "number" }),
                );
                let format = match (integer, format) {
                    (
                        true,
                        "int8" | "int16" | "int32" | "uint8" | "uint16" | "uint32" | "uint64",
                    ) => format,
                    (true, _) => "int64",
                    (false, "float") => "float",
                    (false, _) => "double",
                };
                target.insert("format".into(), json!(format));
            }
            "boolean" => {
                target.insert("type".into(), json!("boolean"));
            }
            "array" => {
                target.insert("type".into(), json!("array"));
                let at = at.key("items");
                let items = match object.get("items") {
                    Some(items) => self.schema(&at, items, depth + 1),
                    None => json!({}),
                };
                target.insert("items".into(), items);
            }
            "object" => self.object(at, object, &mut target, depth),
            other => {
                self.problem(
                    &at.key("type"),
                    format!("{other:?} is not a type of OpenAPI 3.0"),
                    "use string, number, integer, boolean, array or object",
                );
            }
        }
        Value::Object(target)
    }

    pub(super) fn object(
        &mut self,
        at: &Pointer,
        object: &Map<String, Value>,
        target: &mut Map<String, Value>,
        depth: usize,
    ) {
        target.insert("type".into(), json!("object"));
        let at_properties = at.key("properties");
        match object.get("properties").and_then(Value::as_object) {
            Some(properties) if !properties.is_empty() => {
                let mut rewritten = Map::new();
                for name in sorted_keys(properties) {
                    let at = at_properties.key(name);
                    let mut property = self.schema(&at, &properties[name], depth + 1);
                    if let Some(property) = property.as_object_mut()
                        && !property.contains_key("$ref")
                    {
                        property
                            .entry("description")
                            .or_insert_with(|| json!(format!("`{name}` in Graph's JSON.")));
                    }
                    rewritten.insert(name.clone(), property);
                }
                // Annotations come and go with `odata.metadata` and with the service's mood.
                let required: Vec<&Value> = object
                    .get("required")
                    .and_then(Value::as_array)
                    .into_iter()
                    .flatten()
                    .filter(|name| {
                        name.as_str()
                            .is_some_and(|n| !n.starts_with("@odata.") && rewritten.contains_key(n))
                    })
                    .collect();
                if !required.is_empty() {
                    target.insert("required".into(), json!(required));
                }
                target.insert("properties".into(), Value::Object(rewritten));
            }
            _ => {
                if let Some(values) = object.get("additionalProperties").filter(|v| v.is_object()) {
                    let at = at.key("additionalProperties");
                    let values = self.schema(&at, values, depth + 1);
                    target.insert("additionalProperties".into(), values);
                }
            }
        }
    }
}

/// Whether an `enum` lists texts, and perhaps null.
pub(super) fn is_list_of_text(values: Option<&Value>) -> bool {
    let mut values = values.and_then(Value::as_array).into_iter().flatten();
    values.clone().any(Value::is_string) && values.all(|value| value.is_string() || value.is_null())
}
