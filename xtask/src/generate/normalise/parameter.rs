//! Parameters: scalars, named enums, or comma-separated lists of either.

use heck::ToUpperCamelCase;
use serde_json::{Value, json};

use super::naming::type_name;
use super::reference::reference_to;
use super::schema::is_list_of_text;
use super::{LIST_OF, Normaliser};
use crate::problem::Pointer;

/// A parameter in normal form.
pub(super) struct Parameter {
    pub(super) name: String,
    /// `path`, `query` or `header`.
    pub(super) place: String,
    pub(super) value: Value,
}

impl Normaliser<'_> {
    pub(super) fn parameters(
        &mut self,
        at: &Pointer,
        parameters: Option<&Value>,
    ) -> Vec<Parameter> {
        let Some(parameters) = parameters else {
            return Vec::new();
        };
        let at = at.key("parameters");
        let Some(parameters) = parameters.as_array() else {
            self.problem(
                &at,
                "`parameters` must be an array",
                "see the OpenAPI Operation Object",
            );
            return Vec::new();
        };
        let mut result: Vec<Parameter> = Vec::new();
        for (index, parameter) in parameters.iter().enumerate() {
            let at = at.index(index);
            if let Some(parameter) = self.parameter(&at, parameter) {
                if result
                    .iter()
                    .any(|p| (&p.name, &p.place) == (&parameter.name, &parameter.place))
                {
                    self.problem(
                        &at,
                        format!("parameter {:?} is declared twice", parameter.name),
                        "remove one of the two through spec/overlay.yaml",
                    );
                } else {
                    result.push(parameter);
                }
            }
        }
        result
    }

    pub(super) fn parameter(&mut self, at: &Pointer, parameter: &Value) -> Option<Parameter> {
        let parameter = self.resolve(at, parameter)?;
        let text = |key: &str| {
            parameter
                .get(key)
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        let (name, place) = (text("name"), text("in"));
        if name.is_empty() || !matches!(place, "path" | "query" | "header") {
            let fault = if name.is_empty() {
                "the parameter has no name".to_owned()
            } else {
                format!("a parameter in {place:?} is not supported")
            };
            self.problem(
                at,
                fault,
                "parameters are named and live in path, query or header",
            );
            return None;
        }
        let schema = match (parameter.get("schema"), parameter.get("content")) {
            (Some(schema), _) => schema,
            _ => {
                self.problem(
                    at,
                    "the parameter has no schema",
                    "give it a schema through spec/overlay.yaml",
                );
                return None;
            }
        };
        let schema = self.parameter_schema(&at.key("schema"), name, schema)?;
        let description = match text("description") {
            "" => format!("The `{name}` {place} parameter."),
            described => described.to_owned(),
        };
        let mut value = json!({
            "name": name,
            "in": place,
            "description": description,
            "schema": schema,
        });
        if place == "path" || parameter.get("required") == Some(&Value::Bool(true)) {
            value["required"] = parameter
                .get("required")
                .cloned()
                .unwrap_or(Value::Bool(false));
        }
        Some(Parameter {
            name: name.to_owned(),
            place: place.to_owned(),
            value,
        })
    }

    /// Parameters are scalars, named enums, or comma-separated lists of either.
    pub(super) fn parameter_schema(
        &mut self,
        at: &Pointer,
        name: &str,
        schema: &Value,
    ) -> Option<Value> {
        let resolved = self.resolve(at, schema)?;
        if resolved.get("type").and_then(Value::as_str) == Some("array") {
            let at = at.key("items");
            let item = resolved
                .get("items")
                .cloned()
                .unwrap_or_else(|| json!({"type": "string"}));
            let item = self.scalar(&at, name, &item)?;
            let (list, item) = match item.get("$ref").and_then(Value::as_str) {
                Some(reference) => {
                    let item = reference.rsplit('/').next().unwrap_or_default().to_owned();
                    (format!("ListOf{item}"), item)
                }
                None => {
                    let kind = item.get("type").and_then(Value::as_str).unwrap_or("string");
                    (
                        format!("ListOf{}", kind.to_upper_camel_case()),
                        kind.to_owned(),
                    )
                }
            };
            self.schemas.insert(
                list.clone(),
                json!({ "type": "array", "items": { "type": "string" }, LIST_OF: item }),
            );
            return Some(reference_to(&list));
        }
        self.scalar(at, name, schema)
    }

    /// A scalar as it is, an inline enum hoisted to a named schema.
    pub(super) fn scalar(&mut self, at: &Pointer, name: &str, schema: &Value) -> Option<Value> {
        let resolved = self.resolve(at, schema)?;
        for keyword in ["oneOf", "anyOf", "allOf", "not", "properties"] {
            if resolved.get("type").is_none() && resolved.get(keyword).is_some() {
                self.problem(
                    &at.key(keyword),
                    format!("a parameter with `{keyword}` has no single type"),
                    "use a string, number, boolean, enum or an array of them",
                );
                return None;
            }
        }
        // What travels in a URL or a header is text, if nothing more is said.
        let mut typed = resolved.clone();
        if let Some(object) = typed.as_object_mut() {
            object.entry("type").or_insert_with(|| json!("string"));
            for keyword in ["oneOf", "anyOf", "allOf", "not", "nullable"] {
                object.remove(keyword);
            }
        }
        let resolved = &typed;
        let kind = resolved
            .get("type")
            .and_then(Value::as_str)
            .unwrap_or("string");
        if !matches!(kind, "string" | "integer" | "number" | "boolean") {
            self.problem(
                at,
                format!("a parameter of type {kind:?} is not supported"),
                "use a string, number, boolean, enum or an array of them",
            );
            return None;
        }
        // Only enums of strings are types of their own; another name for a number or a text is what
        // it names, for typify would wrap it and the clients would not agree on how to pass it.
        let values = resolved.get("enum").and_then(Value::as_array);
        let Some(values) = values.filter(|_| kind == "string") else {
            return Some(self.schema(at, resolved, 0));
        };
        if schema.get("$ref").is_some() && is_list_of_text(resolved.get("enum")) {
            return Some(self.schema(at, schema, 0));
        }
        // What else such a list may hold is refused here.
        let rewritten = self.schema(at, resolved, 0);
        // One name per set of values: the same enum on many operations is one Rust type.
        let base = type_name(&format!("{}Value", name.to_upper_camel_case()));
        for suffix in std::iter::once(String::new()).chain((2..).map(|n: u32| n.to_string())) {
            let candidate = format!("{base}{suffix}");
            match self.schemas.get(&candidate) {
                Some(existing)
                    if existing.get("enum").and_then(Value::as_array) != Some(values) =>
                {
                    continue;
                }
                _ => {
                    self.schemas.insert(candidate.clone(), rewritten);
                    return Some(reference_to(&candidate));
                }
            }
        }
        None
    }
}
