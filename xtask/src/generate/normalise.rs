//! The normal form: the narrow OpenAPI that progenitor generates from, made in memory.
//!
//! `spec/graph-photo.json` stays honest OpenAPI for everybody's tools. This stage rewrites a
//! copy of it so that progenitor neither panics nor silently gets something wrong, and so that
//! every revision of Microsoft's document ends in the same shape:
//!
//! * everything dereferenced but schemas, path-level parameters moved into the operations;
//! * responses exactly `2XX`, `4XX` and `5XX`; one media type per body, any binary one written as
//!   `application/octet-stream` with the real type kept in [`MEDIA_TYPE`];
//! * list parameters as named schemas, which the emitters replace by one comma-separated value
//!   (OData's form; repeating the parameter is what progenitor would do);
//! * schemas named as Rust types, `allOf` merged, discriminators, formats and bounds dropped,
//!   `@odata.*` never required.
//!
//! What cannot be rewritten is reported as a [`Problem`] with its place in the input.
//! [`super::validate`] then checks the result; [`super::ir`] reads it.

use std::collections::{BTreeMap, BTreeSet};

use heck::{ToSnakeCase, ToUpperCamelCase};
use serde_json::{Map, Value, json};

use crate::problem::{Pointer, Problem};

/// Extension that keeps the media type of a binary body.
pub const MEDIA_TYPE: &str = "x-media-type";
/// Extension that keeps the Accept header an operation should send.
pub const ACCEPT: &str = "x-accept";
/// Extension on a named schema that stands for a comma-separated list of the named items.
pub const LIST_OF: &str = "x-comma-separated";
/// Schemas nested deeper than this are refused; Microsoft's stay below ten.
pub const MAX_DEPTH: usize = 64;

const METHODS: [&str; 5] = ["get", "put", "post", "delete", "patch"];

/// Rewrites `source` into the normal form.
///
/// # Errors
/// All the faults that keep the document from being rewritten, each with its JSON pointer.
pub fn normalise(source: &Value) -> Result<Value, Vec<Problem>> {
    let mut stage = Normaliser {
        source,
        names: BTreeMap::new(),
        pending: Vec::new(),
        schemas: BTreeMap::new(),
        problems: Vec::new(),
    };
    let document = stage.document();
    if stage.problems.is_empty() {
        Ok(document)
    } else {
        stage.problems.sort();
        stage.problems.dedup();
        Err(stage.problems)
    }
}

struct Normaliser<'a> {
    source: &'a Value,
    /// Microsoft's schema name -> the Rust type's name.
    names: BTreeMap<String, String>,
    /// Schemas referred to but not yet rewritten.
    pending: Vec<String>,
    /// Rewritten schemas by Rust name.
    schemas: BTreeMap<String, Value>,
    problems: Vec<Problem>,
}

impl<'a> Normaliser<'a> {
    fn document(&mut self) -> Value {
        let source = self.source;
        let root = Pointer::root();
        let Some(document) = source.as_object() else {
            self.problem(
                &root,
                "this is not an OpenAPI document",
                "start from the output of `cargo xtask trim`",
            );
            return Value::Null;
        };
        match document.get("openapi").and_then(Value::as_str) {
            Some(version) if version.starts_with("3.0.") => {}
            other => {
                let seen = other.unwrap_or("none");
                self.problem(
                    &root.key("openapi"),
                    format!("OpenAPI version {seen:?} is not supported"),
                    "use an OpenAPI 3.0.x document",
                );
                return Value::Null;
            }
        }
        self.name_schemas(document);

        let mut paths = Map::new();
        let at_paths = root.key("paths");
        match document.get("paths").and_then(Value::as_object) {
            Some(items) if !items.is_empty() => {
                for path in sorted_keys(items) {
                    let at = at_paths.key(path);
                    if !path.starts_with('/') {
                        if !path.starts_with("x-") {
                            self.problem(
                                &at,
                                "a path must start with '/'",
                                "write the path as a template from the root",
                            );
                        }
                        continue;
                    }
                    if let Some(item) = self.path_item(&at, path, &items[path]) {
                        paths.insert(path.clone(), item);
                    }
                }
            }
            _ => self.problem(
                &at_paths,
                "the document has no paths",
                "keep at least one path in spec/trim.toml",
            ),
        }
        if paths.is_empty() && self.problems.is_empty() {
            self.problem(
                &at_paths,
                "the document has no operations",
                "keep at least one path with an operation in spec/trim.toml",
            );
        }
        self.rewrite_pending_schemas();
        let title = document
            .get("info")
            .and_then(|info| info.get("title"))
            .and_then(Value::as_str)
            .unwrap_or("API");
        json!({
            "openapi": "3.0.3",
            "info": { "title": title, "version": "1" },
            "paths": paths,
            "components": { "schemas": self.schemas },
        })
    }

    // --- paths and operations -------------------------------------------------------------

    fn path_item(&mut self, at: &Pointer, path: &str, item: &Value) -> Option<Value> {
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

    fn operation(
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

    fn parameters(&mut self, at: &Pointer, parameters: Option<&Value>) -> Vec<Parameter> {
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

    fn parameter(&mut self, at: &Pointer, parameter: &Value) -> Option<Parameter> {
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
    fn parameter_schema(&mut self, at: &Pointer, name: &str, schema: &Value) -> Option<Value> {
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
    fn scalar(&mut self, at: &Pointer, name: &str, schema: &Value) -> Option<Value> {
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
        if schema.get("$ref").is_some() {
            return Some(self.schema(at, schema, 0));
        }
        let rewritten = self.schema(at, schema, 0);
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

    fn request_body(&mut self, at: &Pointer, operation: &str, body: &Value) -> Option<Value> {
        let body = self.resolve(at, body)?;
        let at_content = at.key("content");
        let Some(content) = body.get("content").and_then(Value::as_object) else {
            self.problem(
                &at_content,
                "the request body has no content",
                "declare its media type through spec/overlay.yaml",
            );
            return None;
        };
        if body.get("required") != Some(&Value::Bool(true)) {
            self.problem(
                at,
                "an optional request body would silently become required",
                "set `required: true` or remove the body through spec/overlay.yaml",
            );
            return None;
        }
        let (media_type, media) = self.one_media_type(&at_content, content)?;
        let (content, media_type) = if is_json(media_type) {
            let schema = self.body_schema(&at_content.key(media_type), operation, "Request", media);
            (
                json!({ "application/json": { "schema": schema } }),
                media_type,
            )
        } else {
            (
                json!({ "application/octet-stream": { "schema": binary() } }),
                media_type,
            )
        };
        Some(json!({ "required": true, "content": content, MEDIA_TYPE: media_type }))
    }

    fn responses(
        &mut self,
        at: &Pointer,
        operation: &str,
        method: &str,
        responses: Option<&Value>,
    ) -> Option<Responses> {
        let at = at.key("responses");
        let Some(responses) = responses.and_then(Value::as_object) else {
            self.problem(
                &at,
                "the operation has no responses",
                "declare them through spec/overlay.yaml",
            );
            return None;
        };
        let mut success: Option<(Pointer, Value, String)> = None;
        let mut errors: Vec<Value> = Vec::new();
        let mut refused = false;
        for status in sorted_keys(responses) {
            if status.starts_with("x-") {
                continue;
            }
            let at = at.key(status);
            let Some(response) = self.resolve(&at, &responses[status]) else {
                refused = true;
                continue;
            };
            match status.as_bytes().first() {
                Some(b'2') => {
                    let (value, accept) = self.success(&at, operation, response)?;
                    match &success {
                        Some((_, earlier, _)) if *earlier != value => {
                            self.problem(
                                &at,
                                format!(
                                    "operation {operation:?} has two different successful answers"
                                ),
                                "keep one body for all 2XX answers through spec/overlay.yaml",
                            );
                            refused = true;
                        }
                        _ => success = Some((at, value, accept)),
                    }
                }
                Some(b'4' | b'5' | b'd') => {
                    if let Some(error) = self.error_schema(&at, operation, response)
                        && !errors.contains(&error)
                    {
                        errors.push(error);
                    }
                }
                _ => {
                    self.problem(
                        &at,
                        format!("answers with status {status} are not generated"),
                        "remove it through spec/overlay.yaml",
                    );
                    refused = true;
                }
            }
        }
        if errors.len() > 1 {
            self.problem(
                &at,
                format!("operation {operation:?} has two different error bodies"),
                "use one error schema through spec/overlay.yaml",
            );
            refused = true;
        }
        let Some((_, value, accept)) = success else {
            if !refused {
                self.problem(
                    &at,
                    format!("{method} operation {operation:?} has no successful answer"),
                    "declare a 2XX answer through spec/overlay.yaml",
                );
            }
            return None;
        };
        if refused {
            return None;
        }
        let error = match errors.pop() {
            Some(schema) => {
                json!({ "description": "error", "content": { "application/json": { "schema": schema } } })
            }
            None => json!({ "description": "error" }),
        };
        Some(Responses {
            value: json!({ "2XX": value, "4XX": error, "5XX": error }),
            accept,
        })
    }

    /// The successful answer in normal form and the Accept header it calls for.
    fn success(
        &mut self,
        at: &Pointer,
        operation: &str,
        response: &Value,
    ) -> Option<(Value, String)> {
        let description = "Success.";
        let Some(content) = response
            .get("content")
            .and_then(Value::as_object)
            .filter(|c| !c.is_empty())
        else {
            return Some((
                json!({ "description": description }),
                "application/json".to_owned(),
            ));
        };
        let at = at.key("content");
        let json_type = content.keys().find(|media_type| is_json(media_type));
        if let Some(media_type) = json_type {
            if content.keys().any(|other| !is_json(other)) {
                self.problem(
                    &at,
                    "an answer that is sometimes JSON and sometimes not has no single type",
                    "keep one media type through spec/overlay.yaml",
                );
                return None;
            }
            let schema = self.body_schema(
                &at.key(media_type),
                operation,
                "Response",
                &content[media_type],
            );
            return Some((
                json!({ "description": description, "content": { "application/json": { "schema": schema } } }),
                "application/json".to_owned(),
            ));
        }
        // Bytes: several image types are one stream. The widest range goes into Accept, and JSON
        // with it because errors are JSON.
        let mut types: Vec<&str> = sorted_keys(content)
            .into_iter()
            .map(String::as_str)
            .collect();
        if let Some(range) = types.iter().copied().find(|t| t.ends_with("/*")) {
            let family = range.trim_end_matches('*');
            types.retain(|t| *t == range || !t.starts_with(family));
        }
        types.push("application/json");
        Some((
            json!({ "description": description, "content": { "application/octet-stream": { "schema": binary() } } }),
            types.join(", "),
        ))
    }

    fn error_schema(&mut self, at: &Pointer, operation: &str, response: &Value) -> Option<Value> {
        let content = response.get("content").and_then(Value::as_object)?;
        let (media_type, media) = content.iter().find(|(media_type, _)| is_json(media_type))?;
        Some(self.body_schema(
            &at.key("content").key(media_type),
            operation,
            "Error",
            media,
        ))
    }

    /// A body's schema; an inline object gets a name from the operation.
    fn body_schema(&mut self, at: &Pointer, operation: &str, role: &str, media: &Value) -> Value {
        let at = at.key("schema");
        let Some(schema) = media.get("schema") else {
            return json!({});
        };
        let rewritten = self.schema(&at, schema, 0);
        let name = type_name(&format!("{}{role}", operation.to_upper_camel_case()));
        self.named(rewritten, &name)
    }

    /// Gives every type of its own in a body a name: objects and enums, and those in lists.
    fn named(&mut self, mut schema: Value, name: &str) -> Value {
        if let Some(schema) = schema.as_object_mut() {
            // A whole body, or an item of it, that is `null` would be an answer of another type.
            schema.remove("nullable");
        }
        let kind = schema.get("type").and_then(Value::as_str);
        if kind == Some("object") || schema.get("enum").is_some() {
            self.schemas.insert(name.to_owned(), schema);
            return reference_to(name);
        }
        if kind == Some("array")
            && let Some(items) = schema.get_mut("items")
        {
            let items = std::mem::take(items);
            schema["items"] = self.named(items, &type_name(&format!("{name}Item")));
        }
        schema
    }

    fn one_media_type<'c>(
        &mut self,
        at: &Pointer,
        content: &'c Map<String, Value>,
    ) -> Option<(&'c str, &'c Value)> {
        // Several image types (or an image type beside octet-stream) are one binary body; the
        // most specific one is what is sent when the caller's bytes don't say more.
        let mut types = sorted_keys(content);
        types.sort_by_key(|t| (t.ends_with("/*"), t.as_str() == "application/octet-stream"));
        let first = *types.first()?;
        if types.iter().any(|t| is_json(t) != is_json(first)) {
            self.problem(
                at,
                "a body that is either JSON or bytes has no single type",
                "keep one media type through spec/overlay.yaml",
            );
            return None;
        }
        content
            .get_key_value(first)
            .map(|(name, media)| (name.as_str(), media))
    }

    // --- references -----------------------------------------------------------------------

    /// Follows `$ref`s (to anything but schemas' own nesting) to the node they mean.
    fn resolve<'v>(&mut self, at: &Pointer, node: &'v Value) -> Option<&'v Value>
    where
        'a: 'v,
    {
        let mut node: &'v Value = node;
        let mut seen = BTreeSet::new();
        while let Some(reference) = node.get("$ref") {
            let Some(reference) = reference.as_str() else {
                self.problem(
                    at,
                    "`$ref` must be a string",
                    "point it into this document, e.g. #/components/schemas/NAME",
                );
                return None;
            };
            if !seen.insert(reference.to_owned()) {
                self.problem(
                    at,
                    format!("the reference {reference:?} leads back to itself"),
                    "break the cycle",
                );
                return None;
            }
            match lookup(self.source, reference) {
                Some(target) => node = target,
                None => {
                    self.problem(
                        at,
                        format!("nothing is at {reference:?}"),
                        "mend the reference, or trim again from the full document",
                    );
                    return None;
                }
            }
        }
        Some(node)
    }

    // --- schemas --------------------------------------------------------------------------

    fn name_schemas(&mut self, document: &'a Map<String, Value>) {
        let schemas = document
            .get("components")
            .and_then(|components| components.get("schemas"))
            .and_then(Value::as_object);
        let Some(schemas) = schemas else { return };
        // The last dotted segment is the type's own name; the namespace is added where two
        // namespaces define the same one.
        let short = |name: &str| type_name(name.rsplit('.').next().unwrap_or(name));
        let mut count: BTreeMap<String, usize> = BTreeMap::new();
        for name in schemas.keys() {
            *count.entry(short(name)).or_default() += 1;
        }
        let mut taken = BTreeSet::new();
        for name in sorted_keys(schemas) {
            let mut rust = short(name);
            if count[&rust] > 1 {
                rust = type_name(name);
            }
            if syn::parse_str::<syn::Ident>(&rust).is_err() {
                rust = format!("Type{rust}");
            }
            if syn::parse_str::<syn::Ident>(&rust).is_err() || !taken.insert(rust.clone()) {
                let at = Pointer::root().key("components").key("schemas").key(name);
                self.problem(
                    &at,
                    format!("no Rust type name of its own can be made of {name:?}"),
                    "rename the schema through spec/overlay.yaml",
                );
            }
            self.names.insert(name.clone(), rust);
        }
    }

    fn rewrite_pending_schemas(&mut self) {
        let mut done = BTreeSet::new();
        while let Some(name) = self.pending.pop() {
            if !done.insert(name.clone()) {
                continue;
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

    fn schema(&mut self, at: &Pointer, schema: &Value, depth: usize) -> Value {
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

    fn object(
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

    fn schema_reference(&mut self, at: &Pointer, schema: &Value) -> Value {
        let Some(reference) = schema.get("$ref").and_then(Value::as_str) else {
            self.problem(
                at,
                "`$ref` must be a string",
                "point it into this document, e.g. #/components/schemas/NAME",
            );
            return json!({});
        };
        if self.resolve(at, schema).is_none() {
            return json!({});
        }
        let name = reference
            .strip_prefix("#/components/schemas/")
            .map(unescape);
        match name.filter(|name| self.names.contains_key(name)) {
            Some(name) => {
                let target = reference_to(&self.names[&name]);
                self.pending.push(name);
                target
            }
            // A reference into the middle of something: take a copy of what is there.
            None => match lookup(self.source, reference) {
                Some(target) if target.get("$ref").is_none() => {
                    self.schema(at, target, MAX_DEPTH / 2)
                }
                _ => {
                    self.problem(
                        at,
                        format!("{reference:?} does not name a schema"),
                        "refer to #/components/schemas/NAME",
                    );
                    json!({})
                }
            },
        }
    }

    /// Merges the parts of `allOf` into one object: Graph's inheritance, without discriminators.
    fn all_of(
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
    fn collect_parts(
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
    fn any_of(
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

    fn problem(&mut self, at: &Pointer, fault: impl Into<String>, remedy: impl Into<String>) {
        self.problems.push(Problem::new(at.clone(), fault, remedy));
    }
}

struct Parameter {
    name: String,
    place: String,
    value: Value,
}

struct Responses {
    value: Value,
    accept: String,
}

fn sorted_keys(object: &Map<String, Value>) -> Vec<&String> {
    let mut keys: Vec<&String> = object.keys().collect();
    keys.sort();
    keys
}

/// What is wrong with an extension that the docs are made of, or with what OpenAPI has for them.
fn unreadable(key: &str, value: &Value) -> Option<String> {
    fn read<T: serde::de::DeserializeOwned>(value: &Value) -> Option<String> {
        serde_json::from_value::<T>(value.clone())
            .err()
            .map(|error| error.to_string())
    }
    let fault = match key {
        "x-permissions" => read::<super::ir::Permissions>(value),
        "x-notes" => read::<Vec<String>>(value),
        "x-errors" => read::<Vec<super::ir::KnownError>>(value),
        "summary" | "description" => read::<String>(value),
        "externalDocs" => read::<openapiv3::ExternalDocumentation>(value),
        _ => None,
    };
    fault.map(|fault| format!("`{key}` cannot be read: {fault}"))
}

/// A name as Rust writes types. typify does the same to what it is given, so it must be a name that
/// stays as it is: `a b` becomes `AB`, and that would become `Ab`.
fn type_name(name: &str) -> String {
    let camel = name.to_upper_camel_case();
    let again = camel.to_upper_camel_case();
    if again == camel {
        camel
    } else {
        type_name(&again)
    }
}

fn is_json(media_type: &str) -> bool {
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    essence == "application/json" || essence.ends_with("+json")
}

fn binary() -> Value {
    json!({ "type": "string", "format": "binary" })
}

fn reference_to(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

/// The node a local `$ref` means; pointers may be percent-encoded (RFC 3986 fragments are).
fn lookup<'a>(document: &'a Value, reference: &str) -> Option<&'a Value> {
    let pointer = reference.strip_prefix('#')?;
    document.pointer(pointer).or_else(|| {
        let decoded = percent_encoding::percent_decode_str(pointer)
            .decode_utf8()
            .ok()?;
        document.pointer(&decoded)
    })
}

fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

fn unescape(segment: &str) -> String {
    let decoded = percent_encoding::percent_decode_str(segment).decode_utf8_lossy();
    decoded.replace("~1", "/").replace("~0", "~")
}
