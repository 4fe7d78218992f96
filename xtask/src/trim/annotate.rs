//! What the slice should still say once the overlay has renamed and re-addressed things.

use serde_json::{Value, json};

use super::METHODS;
use super::config::TrimConfig;
use super::error::TrimError;

/// Copies Microsoft's `operationId` to `x-ms-operation-id`, so that the overlay can set ours and
/// the documentation can still name theirs.
pub(super) fn operation_ids(document: &mut Value) {
    for item in document["paths"]
        .as_object_mut()
        .into_iter()
        .flat_map(|paths| paths.values_mut())
    {
        let Some(members) = item.as_object_mut() else {
            continue;
        };
        for method in METHODS {
            if let Some(operation) = members.get_mut(*method).and_then(Value::as_object_mut)
                && let Some(id) = operation.get("operationId").cloned()
            {
                operation.insert("x-ms-operation-id".to_owned(), id);
            }
        }
    }
}

/// Decides which API the slice describes, and writes its base URL into `servers`.
///
/// Without a name, the document's own servers decide; a document that names none of the
/// configured APIs keeps its servers as they are.
pub(super) fn api(
    document: &mut Value,
    config: &TrimConfig,
    asked: Option<&str>,
) -> Result<String, TrimError> {
    let server = document["servers"][0]["url"]
        .as_str()
        .unwrap_or_default()
        .trim_end_matches('/')
        .to_owned();
    let name = match asked {
        Some(name) if config.apis().contains_key(name) => name.to_owned(),
        Some(name) => {
            return Err(TrimError::UnknownApi {
                api: name.to_owned(),
                known: match config.apis().keys().cloned().collect::<Vec<_>>() {
                    known if known.is_empty() => "none".to_owned(),
                    known => known.join(", "),
                },
            });
        }
        None => match config.apis().iter().find(|(_, api)| api.server == server) {
            Some((name, _)) => name.clone(),
            None => return Ok(server.rsplit('/').next().unwrap_or_default().to_owned()),
        },
    };
    if let Some(api) = config.apis().get(&name) {
        let mut entry = json!({ "url": api.server });
        if let Some(description) = &api.description {
            entry["description"] = Value::from(description.as_str());
        }
        document["servers"] = json!([entry]);
    }
    Ok(name)
}
