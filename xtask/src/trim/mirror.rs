//! One part of the API under a second name, and one spelling of path parameters.
//!
//! Graph serves `/me` as an alias of the signed-in user, so Microsoft's per-module files describe
//! `/users/{user-id}` only. The `[[mirror]]` rules of `trim.toml` copy what is described to where
//! it is also served. A path that the document does describe is never touched.

use serde_json::{Map, Value};

use super::METHODS;
use super::check::template_names;
use super::config::{Mirror, TrimConfig};
use super::refs;

/// Gives every path and path parameter the spelling of `trim.toml`, which the overlay relies on.
pub(super) fn respell(document: &mut Value, config: &TrimConfig) {
    let Some(Value::Object(paths)) = document.get_mut("paths") else {
        return;
    };
    for (path, mut item) in std::mem::take(paths) {
        let ours = config.spelling(&path).unwrap_or(&path).to_owned();
        for (theirs, ours) in template_names(&path).zip(template_names(&ours)) {
            if theirs != ours {
                rename_parameter(&mut item, theirs, ours);
            }
        }
        paths.insert(ours, item);
    }
}

/// Mirrors what the document lacks. Returns the paths that were made.
pub(super) fn mirror(document: &mut Value, config: &TrimConfig) -> Vec<String> {
    let Some(Value::Object(paths)) = document.get_mut("paths") else {
        return Vec::new();
    };
    let mut made = Vec::new();
    for rule in config.mirrors() {
        let copies: Vec<(String, Value)> = config
            .paths()
            .iter()
            .filter(|path| !paths.contains_key(*path))
            .filter_map(|path| {
                let source = format!("{}{}", rule.from, below(path, &rule.to)?);
                let copy = copy(paths.get(&source)?, &source, rule);
                Some((path.clone(), copy))
            })
            .collect();
        for (path, copy) in copies {
            made.push(path.clone());
            paths.insert(path, copy);
        }
    }
    made
}

/// What follows a prefix that ends at a segment.
fn below<'p>(path: &'p str, prefix: &str) -> Option<&'p str> {
    path.strip_prefix(prefix)
        .filter(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn copy(item: &Value, source: &str, rule: &Mirror) -> Value {
    let mut item = item.clone();
    let Some(members) = item.as_object_mut() else {
        return item;
    };
    members.insert("x-mirrored-from".to_owned(), Value::from(source));
    drop_parameters(members, &rule.drop);
    for method in METHODS {
        if let Some(operation) = members.get_mut(*method).and_then(Value::as_object_mut) {
            drop_parameters(operation, &rule.drop);
            // Microsoft gave this name to the other operation.
            operation.remove("operationId");
        }
    }
    item
}

fn drop_parameters(holder: &mut Map<String, Value>, names: &[String]) {
    let Some(Value::Array(parameters)) = holder.get_mut("parameters") else {
        return;
    };
    parameters.retain(|parameter| {
        let name = match parameter["$ref"].as_str().map(refs::parse) {
            // Microsoft names shared parameters after what they are.
            Some(refs::Target::Component { name, .. }) => name,
            _ if parameter["in"] == "path" => {
                parameter["name"].as_str().unwrap_or_default().to_owned()
            }
            _ => return true,
        };
        let name = spell(&name);
        !names.iter().any(|drop| spell(drop) == name)
    });
    if parameters.is_empty() {
        holder.remove("parameters");
    }
}

fn spell(name: &str) -> String {
    refs::same_spelling(&format!("{{{name}}}")).into_owned()
}

fn rename_parameter(item: &mut Value, theirs: &str, ours: &str) {
    let Some(members) = item.as_object_mut() else {
        return;
    };
    let holders = members
        .iter_mut()
        .filter_map(|(key, value)| match key.as_str() {
            "parameters" => Some(value),
            key if METHODS.contains(&key) => value.get_mut("parameters"),
            _ => None,
        });
    for parameter in holders.filter_map(Value::as_array_mut).flatten() {
        if parameter["in"] == "path" && parameter["name"] == theirs {
            parameter["name"] = Value::from(ours);
        }
    }
}
