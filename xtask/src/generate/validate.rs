//! Refuses every normal form that progenitor would panic on or silently get wrong.
//!
//! [`super::normalise`] mends what can be mended and reports what cannot; this stage is the proof
//! that nothing slipped through, with one rule for each row of progenitor's known limits. It
//! takes any document, so each rule has a test that feeds it the very fault.

use std::collections::BTreeMap;

use heck::ToSnakeCase;
use serde_json::{Map, Value};

use crate::problem::{Pointer, Problem};

const METHODS: [&str; 8] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

/// All that is wrong with `document`; empty when it may be generated from.
pub fn validate(document: &Value) -> Vec<Problem> {
    let mut rules = Rules {
        document,
        problems: Vec::new(),
        ids: BTreeMap::new(),
    };
    rules.version();
    rules.paths();
    rules.schemas();
    rules.problems.sort();
    rules.problems
}

struct Rules<'a> {
    document: &'a Value,
    problems: Vec<Problem>,
    /// Method name -> the first operation that has it.
    ids: BTreeMap<String, Pointer>,
}

impl Rules<'_> {
    fn version(&mut self) {
        let version = self
            .document
            .get("openapi")
            .and_then(Value::as_str)
            .unwrap_or_default();
        if !version.starts_with("3.0.") {
            self.report(
                &Pointer::root().key("openapi"),
                format!("progenitor refuses OpenAPI {version:?}"),
                "use OpenAPI 3.0.x",
            );
        }
    }

    fn paths(&mut self) {
        let at = Pointer::root().key("paths");
        let Some(paths) = self.document.get("paths").and_then(Value::as_object) else {
            self.report(&at, "there are no paths", "trim again");
            return;
        };
        for (path, item) in paths {
            let at = at.key(path);
            let Some(item) = item.as_object() else {
                self.report(
                    &at,
                    "a path item must be an object",
                    "see the OpenAPI Path Item Object",
                );
                continue;
            };
            if item.contains_key("$ref") || item.contains_key("parameters") {
                self.report(
                    &at,
                    "references and parameters of a path item are not in normal form",
                    "move them into the operations",
                );
            }
            for method in METHODS {
                if let Some(operation) = item.get(method) {
                    self.operation(&at.key(method), path, operation);
                }
            }
        }
    }

    fn operation(&mut self, at: &Pointer, path: &str, operation: &Value) {
        let id = operation
            .get("operationId")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let name = id.to_snake_case();
        if name.is_empty() || syn::parse_str::<syn::Ident>(&name).is_err() {
            self.report(
                &at.key("operationId"),
                format!("{id:?} is no name for a method"),
                "name the operation in snake_case through spec/overlay.yaml",
            );
        } else if let Some(first) = self.ids.get(&name) {
            let first = first.clone();
            self.report(
                &at.key("operationId"),
                format!("the method name `{name}` is taken by {first}; progenitor would silently emit both"),
                "give the operations different operationIds through spec/overlay.yaml",
            );
        } else {
            self.ids.insert(name, at.clone());
        }
        self.parameters(at, path, operation);
        if let Some(body) = operation.get("requestBody") {
            self.request_body(&at.key("requestBody"), body);
        }
        self.responses(&at.key("responses"), operation.get("responses"));
    }

    fn parameters(&mut self, at: &Pointer, path: &str, operation: &Value) {
        let at = at.key("parameters");
        let mut names: BTreeMap<String, String> = BTreeMap::new();
        let mut in_path = Vec::new();
        let has_body = operation.get("requestBody").is_some();
        for (index, parameter) in operation
            .get("parameters")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .enumerate()
        {
            let at = at.index(index);
            let name = parameter
                .get("name")
                .and_then(Value::as_str)
                .unwrap_or_default();
            let place = parameter
                .get("in")
                .and_then(Value::as_str)
                .unwrap_or_default();
            let ident = name.to_snake_case();
            if syn::parse_str::<syn::Ident>(&super::ir::rust_ident(&ident).to_string()).is_err()
                || ident.is_empty()
            {
                self.report(
                    &at,
                    format!("{name:?} is no name for an argument"),
                    "rename the parameter through spec/overlay.yaml",
                );
            }
            if let Some(other) = names.insert(ident.clone(), name.to_owned()) {
                self.report(&at, format!("{name:?} and {other:?} are both `{ident}` in Rust; progenitor would silently emit both"), "remove or rename one through spec/overlay.yaml");
            }
            if has_body && ident == "body" {
                self.report(
                    &at,
                    "the parameter is called `body`, as the request body is",
                    "rename the parameter through spec/overlay.yaml",
                );
            }
            match place {
                "path" => {
                    in_path.push(name.to_owned());
                    if parameter.get("required") != Some(&Value::Bool(true)) {
                        self.report(
                            &at,
                            format!(
                                "path parameter {name:?} is not required; progenitor panics on that"
                            ),
                            "set `required: true`",
                        );
                    }
                    if !path.contains(&format!("{{{name}}}")) {
                        self.report(
                            &at,
                            format!("{name:?} does not occur in the path {path}"),
                            "remove the parameter or mend the path",
                        );
                    }
                }
                "query" | "header" => {}
                other => self.report(
                    &at,
                    format!("parameters in {other:?} are not generated"),
                    "remove it through spec/overlay.yaml",
                ),
            }
            let schema = parameter.get("schema").unwrap_or(&Value::Null);
            match schema.get("type").and_then(Value::as_str) {
                Some("array") => self.report(
                    &at.key("schema"),
                    "progenitor ignores `explode: false` and would repeat the parameter",
                    "name the list as a schema of its own",
                ),
                Some("object") => self.report(
                    &at.key("schema"),
                    "an object as a parameter is not supported",
                    "use a scalar or a list",
                ),
                _ => {}
            }
            self.schema(&at.key("schema"), schema);
            if schema.is_null() {
                self.report(
                    &at,
                    format!("parameter {name:?} has no schema"),
                    "give it one",
                );
            }
        }
        for expected in template_names(path) {
            if !in_path.contains(&expected) {
                self.report(
                    &at,
                    format!("the path needs parameter {expected:?}, which is not declared"),
                    "declare it as a required path parameter",
                );
            }
        }
    }

    fn request_body(&mut self, at: &Pointer, body: &Value) {
        if body.get("$ref").is_some() {
            self.report(
                at,
                "a request body by reference is not in normal form",
                "inline it",
            );
            return;
        }
        if body.get("required") != Some(&Value::Bool(true)) {
            self.report(
                at,
                "progenitor silently treats an optional body as required",
                "set `required: true` or remove the body",
            );
        }
        let at = at.key("content");
        let empty = Map::new();
        let content = body
            .get("content")
            .and_then(Value::as_object)
            .unwrap_or(&empty);
        if content.len() != 1 {
            self.report(
                &at,
                format!(
                    "{} media types; progenitor panics unless there is exactly one",
                    content.len()
                ),
                "keep one through spec/overlay.yaml",
            );
        }
        for (media_type, media) in content {
            self.media(&at.key(media_type), media_type, media);
        }
    }

    fn media(&mut self, at: &Pointer, media_type: &str, media: &Value) {
        let at_schema = at.key("schema");
        if let Some(schema) = media.get("schema") {
            self.schema(&at_schema, schema);
        }
        match media_type {
            "application/json" => {
                if media.get("schema").is_none() {
                    self.report(
                        &at_schema,
                        "JSON without a schema has no Rust type",
                        "give it a schema, `{}` for any JSON",
                    );
                }
            }
            "application/octet-stream" => {
                if media.pointer("/schema/format").and_then(Value::as_str) != Some("binary") {
                    self.report(
                        &at_schema,
                        "progenitor refuses octet-stream without `format: binary`",
                        "use `type: string, format: binary`",
                    );
                }
            }
            other => self.report(
                at,
                format!("progenitor refuses the content type {other:?}"),
                "write binary bodies as application/octet-stream in the normal form",
            ),
        }
    }

    fn responses(&mut self, at: &Pointer, responses: Option<&Value>) {
        let empty = Map::new();
        let responses = responses.and_then(Value::as_object).unwrap_or(&empty);
        for status in ["2XX", "4XX", "5XX"] {
            if !responses.contains_key(status) {
                self.report(
                    at,
                    format!("no {status} answer"),
                    "declare exactly 2XX, 4XX and 5XX",
                );
            }
        }
        let mut errors: Vec<(&String, Option<&Value>)> = Vec::new();
        for (status, response) in responses {
            let at = at.key(status);
            match status.as_str() {
                "2XX" => {}
                "4XX" | "5XX" => errors.push((status, response.pointer("/content/application~1json/schema"))),
                "default" => self.report(&at, "`default` beside ranges makes unreachable arms", "declare exactly 2XX, 4XX and 5XX"),
                other => self.report(&at, format!("status {other} beside ranges gives the answer two types, on which progenitor panics"), "declare exactly 2XX, 4XX and 5XX"),
            }
            if response.get("$ref").is_some() {
                self.report(
                    &at,
                    "an answer by reference is not in normal form",
                    "inline it",
                );
            }
            let content = response
                .get("content")
                .and_then(Value::as_object)
                .unwrap_or(&empty);
            if content.len() > 1 {
                self.report(
                    &at.key("content"),
                    format!("{} media types", content.len()),
                    "keep one through spec/overlay.yaml",
                );
            }
            for (media_type, media) in content {
                self.media(&at.key("content").key(media_type), media_type, media);
            }
        }
        if let [(_, first), (second_status, second)] = errors.as_slice()
            && first != second
        {
            self.report(
                &at.key(second_status),
                "4XX and 5XX have different bodies, on which progenitor panics",
                "use one error schema",
            );
        }
    }

    fn schemas(&mut self) {
        let at = Pointer::root().key("components").key("schemas");
        let Some(schemas) = self
            .document
            .pointer("/components/schemas")
            .and_then(Value::as_object)
        else {
            return;
        };
        let mut names: BTreeMap<String, &String> = BTreeMap::new();
        for (name, schema) in schemas {
            let at = at.key(name);
            if syn::parse_str::<syn::Ident>(name).is_err() {
                self.report(
                    &at,
                    format!("{name:?} is no name for a Rust type"),
                    "rename it in the normal form",
                );
            }
            if let Some(other) = names.insert(name.to_lowercase(), name) {
                self.report(
                    &at,
                    format!("{name:?} and {other:?} differ only in case"),
                    "rename one of them",
                );
            }
            self.schema(&at, schema);
        }
    }

    fn schema(&mut self, at: &Pointer, schema: &Value) {
        let Some(object) = schema.as_object() else {
            return;
        };
        if let Some(reference) = object.get("$ref").and_then(Value::as_str) {
            let known = reference
                .strip_prefix('#')
                .is_some_and(|p| self.document.pointer(p).is_some());
            if !known {
                self.report(
                    at,
                    format!("nothing is at {reference:?}"),
                    "mend the reference",
                );
            }
            return;
        }
        for keyword in ["discriminator", "allOf", "anyOf", "oneOf", "not"] {
            if object.contains_key(keyword) {
                self.report(
                    &at.key(keyword),
                    format!("`{keyword}` is not in normal form"),
                    "merge it in the normal form",
                );
            }
        }
        if let Some(values) = object.get("enum").and_then(Value::as_array) {
            let mut variants: BTreeMap<String, &Value> = BTreeMap::new();
            for value in values {
                let text = value.as_str().unwrap_or_default();
                let variant = heck::ToUpperCamelCase::to_upper_camel_case(text);
                let meaning = if variant.is_empty() {
                    text.to_owned()
                } else {
                    variant
                };
                if let Some(other) = variants.insert(meaning.clone(), value) {
                    self.report(
                        &at.key("enum"),
                        format!("{other} and {value} are both `{meaning}` in Rust"),
                        "remove one through spec/overlay.yaml",
                    );
                }
            }
        }
        let mut fields: BTreeMap<String, &String> = BTreeMap::new();
        for (name, property) in object
            .get("properties")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
        {
            let at = at.key("properties").key(name);
            let field = name.to_snake_case();
            if field.is_empty() {
                self.report(
                    &at,
                    format!("{name:?} is no name for a field"),
                    "remove it through spec/overlay.yaml",
                );
            }
            if let Some(other) = fields.insert(field.clone(), name) {
                self.report(
                    &at,
                    format!("{name:?} and {other:?} are both `{field}` in Rust"),
                    "remove one through spec/overlay.yaml",
                );
            }
            self.schema(&at, property);
        }
        for key in ["items", "additionalProperties"] {
            if let Some(inner) = object.get(key) {
                self.schema(&at.key(key), inner);
            }
        }
    }

    fn report(&mut self, at: &Pointer, fault: impl Into<String>, remedy: impl Into<String>) {
        self.problems.push(Problem::new(at.clone(), fault, remedy));
    }
}

/// The parameter names of a path template.
fn template_names(path: &str) -> Vec<String> {
    path.split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}'))
        .map(|(name, _)| name.to_owned())
        .collect()
}
