//! References inside a description: finding them, and reading the JSON pointers they hold.

use std::borrow::Cow;

use serde_json::Value;

/// Escapes one segment of a JSON pointer (RFC 6901).
///
/// ```
/// assert_eq!(xtask::trim::refs::escape("/me/photo/$value"), "~1me~1photo~1$value");
/// ```
#[must_use]
pub fn escape(segment: &str) -> String {
    segment.replace('~', "~0").replace('/', "~1")
}

/// Where a `$ref` points to, as far as this pipeline follows references.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// `#/components/KIND/NAME`, and the segments below it.
    Component {
        /// For example `schemas`.
        kind: String,
        /// For example `microsoft.graph.profilePhoto`.
        name: String,
        /// Further segments, for a reference into a component.
        rest: Vec<String>,
    },
    /// `#/paths/PATH`, and the segments below it.
    Path {
        /// The path template.
        path: String,
        /// Further segments.
        rest: Vec<String>,
    },
    /// Into another document, or to a place that holds nothing to refer to.
    Elsewhere {
        /// Why it is not followed.
        problem: &'static str,
    },
}

/// Reads a `$ref`. Percent-encoding is undone first, then `~1` and `~0`, as a URI fragment with a
/// JSON pointer asks for.
///
/// ```
/// use xtask::trim::refs::{Target, parse};
///
/// let target = parse("#/components/schemas/microsoft.graph%2EprofilePhoto");
/// assert_eq!(
///     target,
///     Target::Component {
///         kind: "schemas".into(),
///         name: "microsoft.graph.profilePhoto".into(),
///         rest: vec![],
///     },
/// );
/// ```
#[must_use]
pub fn parse(reference: &str) -> Target {
    let Some(fragment) = reference.strip_prefix('#') else {
        return Target::Elsewhere {
            problem: "in another document; bundle the description into one file first",
        };
    };
    let Ok(pointer) = percent_encoding::percent_decode_str(fragment).decode_utf8() else {
        return Target::Elsewhere {
            problem: "which is not UTF-8 once percent-decoded; correct the reference",
        };
    };
    let mut segments = pointer
        .split('/')
        .map(|s| s.replace("~1", "/").replace("~0", "~"));
    if segments.next().as_deref() != Some("") {
        return Target::Elsewhere {
            problem: "which is no JSON pointer; write it as #/components/...",
        };
    }
    match (segments.next().as_deref(), segments.next(), segments.next()) {
        (Some("components"), Some(kind), Some(name)) => Target::Component {
            kind,
            name,
            rest: segments.collect(),
        },
        (Some("paths"), Some(path), next) => Target::Path {
            path,
            rest: next.into_iter().chain(segments).collect(),
        },
        _ => Target::Elsewhere {
            problem: "which is neither a component nor a path; correct the reference",
        },
    }
}

/// The component that a discriminator's mapping names: a reference, or a bare schema name.
pub(super) fn mapping_target(entry: &str) -> Option<(String, String)> {
    match parse(entry) {
        Target::Component { kind, name, .. } => Some((kind, name)),
        _ if !entry.contains(['#', '/']) => Some(("schemas".to_owned(), entry.to_owned())),
        _ => None,
    }
}

/// What the walk of a description meets.
pub(super) enum Found<'v> {
    /// A `$ref`.
    Ref(&'v str),
    /// The name of a security scheme that an operation asks for.
    Security(&'v str),
}

/// Objects whose members are named by the author, so that a member called `example` or `$ref`
/// is a property and not the OpenAPI field of that name.
const NAME_MAPS: &[&str] = &[
    "callbacks",
    "content",
    "definitions",
    "encoding",
    "headers",
    "links",
    "parameters",
    "paths",
    "patternProperties",
    "properties",
    "requestBodies",
    "responses",
    "schemas",
    "securitySchemes",
    "variables",
];

/// Fields that hold a payload, in which `$ref` means nothing.
const PAYLOADS: &[&str] = &["default", "enum", "example"];

/// Calls `found` for every reference in `value`, with the JSON pointer of the object that holds
/// it. Examples, defaults, enums and `x-` extensions are payload and hold no references.
pub(super) fn walk<'v, E>(
    value: &'v Value,
    pointer: &mut String,
    named: bool,
    found: &mut impl FnMut(&str, Found<'v>) -> Result<(), E>,
) -> Result<(), E> {
    match value {
        Value::Object(members) => {
            for (key, child) in members {
                if !named {
                    if let ("$ref", Value::String(target)) = (key.as_str(), child) {
                        found(pointer, Found::Ref(target))?;
                        continue;
                    }
                    if key == "security" {
                        for scheme in child
                            .as_array()
                            .into_iter()
                            .flatten()
                            .filter_map(Value::as_object)
                        {
                            for name in scheme.keys() {
                                found(pointer, Found::Security(name))?;
                            }
                        }
                        continue;
                    }
                    if PAYLOADS.contains(&key.as_str()) || key.starts_with("x-") || key == "mapping"
                    {
                        continue;
                    }
                }
                let length = pointer.len();
                pointer.push('/');
                pointer.push_str(&escape(key));
                if !named && key == "examples" {
                    walk_examples(child, pointer, found)?;
                } else {
                    let names = !named && NAME_MAPS.contains(&key.as_str()) && child.is_object();
                    walk(child, pointer, names, found)?;
                }
                pointer.truncate(length);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                let length = pointer.len();
                pointer.push_str(&format!("/{index}"));
                walk(item, pointer, false, found)?;
                pointer.truncate(length);
            }
        }
        _ => {}
    }
    Ok(())
}

/// Named examples may be references; what they hold is payload.
fn walk_examples<'v, E>(
    value: &'v Value,
    pointer: &str,
    found: &mut impl FnMut(&str, Found<'v>) -> Result<(), E>,
) -> Result<(), E> {
    for (name, example) in value.as_object().into_iter().flatten() {
        if let Some(target) = example.get("$ref").and_then(Value::as_str) {
            found(&format!("{pointer}/{}", escape(name)), Found::Ref(target))?;
        }
    }
    Ok(())
}

/// Calls `change` for every discriminator with a mapping.
pub(super) fn discriminators(value: &mut Value, named: bool, change: &mut impl FnMut(&mut Value)) {
    match value {
        Value::Object(members) => {
            for (key, child) in members {
                if !named && key == "discriminator" && child.get("mapping").is_some() {
                    change(child);
                } else if named || !(PAYLOADS.contains(&key.as_str()) || key.starts_with("x-")) {
                    let names = !named && NAME_MAPS.contains(&key.as_str()) && child.is_object();
                    discriminators(child, names, change);
                }
            }
        }
        Value::Array(items) => {
            for item in items {
                discriminators(item, false, change);
            }
        }
        _ => {}
    }
}

/// Follows the rest of a pointer below a component or path.
pub(super) fn descend<'v>(value: &'v Value, rest: &[String]) -> Option<&'v Value> {
    rest.iter().try_fold(value, |value, segment| match value {
        Value::Object(members) => members.get(segment),
        Value::Array(items) => segment
            .parse::<usize>()
            .ok()
            .and_then(|index| items.get(index)),
        _ => None,
    })
}

/// A path template with its parameter names reduced to what people agree on: `{user-id}`,
/// `{userId}` and `{user_id}` become the same.
pub(super) fn same_spelling(path: &str) -> Cow<'_, str> {
    if !path.contains('{') {
        return Cow::Borrowed(path);
    }
    let mut out = String::with_capacity(path.len());
    spell_into(path, &mut out);
    Cow::Owned(out)
}

/// As [`same_spelling`], into a buffer that is used again for the next path.
pub(super) fn spell_into(path: &str, out: &mut String) {
    out.clear();
    let mut in_name = false;
    for c in path.chars() {
        match c {
            '{' => in_name = true,
            '}' => in_name = false,
            '-' | '_' | '.' | ' ' if in_name => continue,
            _ if in_name => {
                out.push(c.to_ascii_lowercase());
                continue;
            }
            _ => {}
        }
        out.push(c);
    }
}
