//! Path items and operations.

use heck::ToSnakeCase;
use serde_json::{Map, Value, json};

use super::parameter::Parameter;
use super::{ACCEPT, Normaliser};
use crate::problem::Pointer;

const METHODS: [&str; 5] = ["get", "put", "post", "delete", "patch"];

impl Normaliser<'_> {
    pub(super) fn path_item(&mut self, at: &Pointer, path: &str, item: &Value) -> Option<Value> {
        let Some(item) = item.as_object() else {
            self.problem(
                at,
                "a path item must be an object",
                "see the OpenAPI Path Item Object",
            );
            return None;
        };
        let shared = self.parameters(at, item.get("parameters"));
        let mut operations = Map::new();
        for method in METHODS {
            if let Some(operation) = item.get(method) {
                let at = at.key(method);
                if let Some(operation) = self.operation(&at, path, method, operation, &shared) {
                    operations.insert(method.to_owned(), operation);
                }
            }
        }
        for method in ["head", "options", "trace"] {
            if item.contains_key(method) {
                self.problem(
                    &at.key(method),
                    format!("`{method}` operations are not generated"),
                    "remove it through spec/overlay.yaml",
                );
            }
        }
        (!operations.is_empty()).then_some(Value::Object(operations))
    }

    pub(super) fn operation(
        &mut self,
        at: &Pointer,
        path: &str,
        method: &str,
        operation: &Value,
        shared: &[Parameter],
    ) -> Option<Value> {
        let Some(source) = operation.as_object() else {
            self.problem(
                at,
                "an operation must be an object",
                "see the OpenAPI Operation Object",
            );
            return None;
        };
        let Some(id) = source.get("operationId").and_then(Value::as_str) else {
            self.problem(
                at,
                "the operation has no operationId",
                "name it through spec/overlay.yaml",
            );
            return None;
        };
        let name = id.to_snake_case();

        // A parameter of the operation replaces the path's one of the same name and place.
        let own = self.parameters(at, source.get("parameters"));
        let mut parameters: Vec<&Parameter> = shared
            .iter()
            .filter(|s| {
                !own.iter()
                    .any(|o| (&o.name, &o.place) == (&s.name, &s.place))
            })
            .chain(own.iter())
            .collect();
        // Path parameters in the order of the path, then the others by name: the order of the
        // arguments must not depend on the order in which Microsoft lists them.
        parameters.sort_by_key(|p| {
            let place = path.find(&format!("{{{}}}", p.name)).unwrap_or(usize::MAX);
            (place, p.name.clone())
        });
        let parameters: Vec<Value> = parameters.iter().map(|p| p.value.clone()).collect();

        let mut target = Map::new();
        target.insert("operationId".into(), json!(name));
        for (key, value) in source {
            let keep = matches!(key.as_str(), "summary" | "description" | "externalDocs")
                || key.starts_with("x-");
            if keep {
                if let Some(fault) = unreadable(key, value) {
                    self.problem(
                        &at.key(key),
                        fault,
                        "write it like those in spec/overlay.yaml",
                    );
                }
                target.insert(key.clone(), value.clone());
            }
        }
        target.insert("parameters".into(), Value::Array(parameters));
        if let Some(body) = source.get("requestBody") {
            let at = at.key("requestBody");
            if let Some(body) = self.request_body(&at, &name, body) {
                target.insert("requestBody".into(), body);
            }
        }
        let responses = self.responses(at, &name, method, source.get("responses"))?;
        target.insert(ACCEPT.into(), json!(responses.accept));
        target.insert("responses".into(), responses.value);
        Some(Value::Object(target))
    }
}

/// What is wrong with an extension that the docs are made of, or with what OpenAPI has for them.
fn unreadable(key: &str, value: &Value) -> Option<String> {
    fn read<T: serde::de::DeserializeOwned>(value: &Value) -> Option<String> {
        serde_json::from_value::<T>(value.clone())
            .err()
            .map(|error| error.to_string())
    }
    let fault = match key {
        "x-permissions" => read::<crate::generate::ir::Permissions>(value),
        "x-notes" => read::<Vec<String>>(value),
        "x-errors" => read::<Vec<crate::generate::ir::KnownError>>(value),
        "summary" | "description" => read::<String>(value),
        "externalDocs" => read::<openapiv3::ExternalDocumentation>(value),
        _ => None,
    };
    fault.map(|fault| format!("`{key}` cannot be read: {fault}"))
}
