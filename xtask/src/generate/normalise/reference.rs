//! What a `$ref` leads to.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{MAX_DEPTH, Normaliser};
use crate::problem::Pointer;

impl<'a> Normaliser<'a> {
    /// Follows `$ref`s (to anything but schemas' own nesting) to the node they mean.
    pub(super) fn resolve<'v>(&mut self, at: &Pointer, node: &'v Value) -> Option<&'v Value>
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

    pub(super) fn schema_reference(&mut self, at: &Pointer, schema: &Value) -> Value {
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
}

/// A `$ref` to a type of the normal form.
pub(super) fn reference_to(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

/// The node a local `$ref` means; pointers may be percent-encoded (RFC 3986 fragments are).
pub(super) fn lookup<'a>(document: &'a Value, reference: &str) -> Option<&'a Value> {
    let pointer = reference.strip_prefix('#')?;
    document.pointer(pointer).or_else(|| {
        let decoded = percent_encoding::percent_decode_str(pointer)
            .decode_utf8()
            .ok()?;
        document.pointer(&decoded)
    })
}

pub(super) fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

pub(super) fn unescape(segment: &str) -> String {
    let decoded = percent_encoding::percent_decode_str(segment).decode_utf8_lossy();
    decoded.replace("~1", "/").replace("~0", "~")
}
