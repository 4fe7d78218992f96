//! `allOf`, `anyOf` and `oneOf`: inheritance is merged, "X or null" is X, the rest stays JSON.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{MAX_DEPTH, Normaliser};
use crate::problem::Pointer;

impl Normaliser<'_> {
    /// Merges the parts of `allOf` into one object: Graph's inheritance, without discriminators.
    pub(super) fn all_of(
        &mut self,
        at: &Pointer,
        object: &Map<String, Value>,
        parts: &Value,
        depth: usize,
    ) -> Value {
        let mut merged = Map::new();
        let mut properties = Map::new();
        let mut required = BTreeSet::new();
        let mut lineage = BTreeSet::new();
        let mut only_reference = None;
        let whole = Value::Object(object.clone());
        self.collect_parts(
            at,
            &whole,
            &mut properties,
            &mut required,
            &mut lineage,
            depth,
        );
        if let Some([single]) = parts.as_array().map(Vec::as_slice)
            && single.get("$ref").is_some()
            && object.get("properties").is_none()
        {
            only_reference = Some(single);
        }
        if let Some(reference) = only_reference {
            return self.schema_reference(&at.key("allOf").index(0), reference);
        }
        for key in ["description", "nullable"] {
            if let Some(value) = object.get(key) {
                merged.insert(key.into(), value.clone());
            }
        }
        let object = json!({ "properties": properties, "required": required });
        if let Some(object) = object.as_object() {
            self.object(at, object, &mut merged, depth);
        }
        Value::Object(merged)
    }

    /// Gathers the properties of a schema and of all it inherits, the nearest definition winning.
    pub(super) fn collect_parts(
        &mut self,
        at: &Pointer,
        schema: &Value,
        properties: &mut Map<String, Value>,
        required: &mut BTreeSet<String>,
        lineage: &mut BTreeSet<String>,
        depth: usize,
    ) {
        if depth > MAX_DEPTH {
            self.problem(
                at,
                format!("`allOf` is nested more than {MAX_DEPTH} levels deep"),
                "name the inner schemas and refer to them",
            );
            return;
        }
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            if !lineage.insert(reference.to_owned()) {
                self.problem(
                    at,
                    format!("{reference:?} inherits from itself"),
                    "break the cycle in `allOf`",
                );
                return;
            }
            if let Some(target) = self.resolve(at, schema) {
                let target = target.clone();
                self.collect_parts(at, &target, properties, required, lineage, depth + 1);
            }
            lineage.remove(reference);
            return;
        }
        if let Some(kind) = schema.get("type").and_then(Value::as_str)
            && kind != "object"
        {
            self.problem(
                at,
                format!("`allOf` with a part of type {kind:?} has no Rust struct"),
                "inherit from objects only",
            );
            return;
        }
        for part in ["anyOf", "oneOf"] {
            if schema.get(part).is_some() {
                self.problem(
                    &at.key(part),
                    format!("`{part}` inside `allOf` has no Rust struct"),
                    "replace it through spec/overlay.yaml",
                );
            }
        }
        if let Some(parts) = schema.get("allOf").and_then(Value::as_array) {
            for (index, part) in parts.iter().enumerate() {
                let at = at.key("allOf").index(index);
                self.collect_parts(&at, part, properties, required, lineage, depth + 1);
            }
        }
        if let Some(own) = schema.get("properties").and_then(Value::as_object) {
            for (name, property) in own {
                properties.insert(name.clone(), property.clone());
            }
        }
        for name in schema
            .get("required")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            if let Some(name) = name.as_str() {
                required.insert(name.to_owned());
            }
        }
    }

    /// `anyOf: [X, nullable object]` is how Microsoft writes "X or null"; anything wider has no
    /// single Rust type and stays JSON.
    pub(super) fn any_of(
        &mut self,
        at: &Pointer,
        object: &Map<String, Value>,
        options: &Value,
        depth: usize,
    ) -> Value {
        let Some(options) = options.as_array() else {
            self.problem(
                at,
                "`anyOf` and `oneOf` must be arrays",
                "see the OpenAPI Schema Object",
            );
            return json!({});
        };
        let is_null_marker = |option: &Value| {
            option.get("nullable") == Some(&Value::Bool(true))
                && option.get("$ref").is_none()
                && option.get("properties").is_none()
                && option.get("enum").is_none()
        };
        let real: Vec<(usize, &Value)> = options
            .iter()
            .enumerate()
            .filter(|(_, option)| !is_null_marker(option))
            .collect();
        if let [(index, single)] = real.as_slice() {
            return self.schema(&at.index(*index), single, depth + 1);
        }
        let mut target = Map::new();
        if let Some(description) = object.get("description") {
            target.insert("description".into(), description.clone());
        }
        Value::Object(target)
    }
}
