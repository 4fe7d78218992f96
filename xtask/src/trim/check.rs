//! Is this a description that the pipeline can work with? Asked before anything is cut.

use serde_json::{Map, Value};

use super::config::TrimConfig;
use super::error::TrimError;
use super::load::Outline;

/// The OpenAPI version of the document, which must be 3.0.x, and at least one configured path.
pub(super) fn check(outline: &Outline<'_>, config: &TrimConfig) -> Result<String, TrimError> {
    let version = openapi_version(&outline.head)?;
    if outline.paths.is_empty() {
        return Err(TrimError::NoPaths {
            wanted: config.paths().len(),
            seen: outline.paths_seen,
            example: config.paths().first().cloned().unwrap_or_default(),
        });
    }
    for (field, is_right, what) in [
        (
            "info",
            outline.head.get("info").is_some_and(Value::is_object),
            "must be an object",
        ),
        (
            "servers",
            outline.head.get("servers").is_none_or(Value::is_array),
            "must be an array",
        ),
        (
            "tags",
            outline.head.get("tags").is_none_or(Value::is_array),
            "must be an array",
        ),
    ] {
        if !is_right {
            return Err(TrimError::Shape {
                pointer: format!("/{field}"),
                problem: what.to_owned(),
            });
        }
    }
    Ok(version)
}

fn openapi_version(head: &Map<String, Value>) -> Result<String, TrimError> {
    let not = |problem: String| Err(TrimError::NotOpenApi30 { problem });
    match (head.get("openapi"), head.get("swagger")) {
        (Some(Value::String(version)), _) => {
            let patch = version.strip_prefix("3.0.").unwrap_or_default();
            if !patch.is_empty() && patch.bytes().all(|b| b.is_ascii_digit()) {
                Ok(version.clone())
            } else {
                not(format!(
                    "/openapi says {version:?}; the pipeline reads 3.0.x, so convert the description down or take Microsoft's own"
                ))
            }
        }
        (Some(other), _) => not(format!(
            "/openapi is {other}; write it as text, for example \"3.0.4\""
        )),
        (None, Some(version)) => not(format!(
            "it is Swagger {}; convert it to OpenAPI 3.0 first",
            version
                .as_str()
                .map_or_else(|| version.to_string(), str::to_owned)
        )),
        (None, None) => not("it has no /openapi; give the description itself".to_owned()),
    }
}

/// Every parameter in a path template must be declared, as text, and required; a name must stand
/// for one operation. Asked of the finished document, because by then it is ours to mend.
pub(super) fn check_operations(document: &Value) -> Result<(), TrimError> {
    let mut ids: Vec<(&str, String)> = Vec::new();
    let members =
        |value: Option<&Value>| value.and_then(Value::as_array).cloned().unwrap_or_default();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            if !super::METHODS.contains(&method.as_str()) {
                continue;
            }
            let pointer = format!("/paths/{}/{method}", super::refs::escape(path));
            if let Some(id) = operation["operationId"].as_str() {
                if let Some((_, first)) = ids.iter().find(|(other, _)| *other == id) {
                    return Err(TrimError::Shape {
                        pointer,
                        problem: format!(
                            "has the operationId {id:?} of {first}; name one of them in the overlay"
                        ),
                    });
                }
                ids.push((id, pointer.clone()));
            }
            let mut declared = Vec::new();
            let mut all = members(item.get("parameters"));
            all.extend(members(operation.get("parameters")));
            for parameter in &all {
                let parameter = match parameter["$ref"].as_str().map(super::refs::parse) {
                    Some(super::refs::Target::Component { kind, name, .. }) => {
                        &document["components"][kind][name]
                    }
                    _ => parameter,
                };
                if parameter["in"] == "path" {
                    declared.extend(parameter["name"].as_str().map(str::to_owned));
                }
            }
            for name in template_names(path) {
                if !declared.iter().any(|d| d == name) {
                    return Err(TrimError::Shape {
                        pointer,
                        problem: format!("does not declare the path parameter {name:?}"),
                    });
                }
            }
        }
    }
    Ok(())
}

/// The names between braces in a path template.
pub(super) fn template_names(path: &str) -> impl Iterator<Item = &str> {
    path.split('{')
        .skip(1)
        .filter_map(|part| part.split_once('}').map(|(name, _)| name))
}
