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
//!
//! | file | rewrites |
//! |---|---|
//! | `operation` | path items and operations |
//! | `parameter` | parameters, with their lists and enums |
//! | `body` | request bodies, and what a body of either direction is called |
//! | `response` | answers, by status |
//! | `schema` | schemas, one by one |
//! | `composition` | `allOf`, `anyOf` and `oneOf` |
//! | `reference` | what a `$ref` leads to |
//! | `naming` | Microsoft's names of schemas into names of Rust types |

mod body;
mod composition;
mod naming;
mod operation;
mod parameter;
mod reference;
mod response;
mod schema;

use std::collections::BTreeMap;

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
/// A spec that reaches more schemas than this is refused; all of Graph v1.0 has fewer. typify walks
/// from schema to schema on the stack.
pub const MAX_SCHEMAS: usize = 5_000;

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

impl Normaliser<'_> {
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

    fn problem(&mut self, at: &Pointer, fault: impl Into<String>, remedy: impl Into<String>) {
        self.problems.push(Problem::new(at.clone(), fault, remedy));
    }
}

fn sorted_keys(object: &Map<String, Value>) -> Vec<&String> {
    let mut keys: Vec<&String> = object.keys().collect();
    keys.sort();
    keys
}
