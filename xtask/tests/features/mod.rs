//! The features of `golden/features.yaml`, each as a whole spec.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// The features by name.
pub(crate) fn features() -> BTreeMap<String, Value> {
    let features: BTreeMap<String, Value> =
        serde_norway::from_str(include_str!("../golden/features.yaml")).unwrap();
    features
        .into_iter()
        .map(|(name, feature)| {
            let paths = feature.get("paths").cloned().unwrap_or_else(|| {
                let content = json!({ "application/json": { "schema": feature["answer"] } });
                json!({ "/thing": { "get": { "operationId": "get_thing", "responses": {
                    "200": { "description": "ok", "content": content },
                } } } })
            });
            let components = feature
                .get("components")
                .cloned()
                .unwrap_or_else(|| json!({}));
            let spec = json!({
                "openapi": "3.0.3",
                "info": { "title": name, "version": "1" },
                "paths": paths,
                "components": components,
            });
            (name, spec)
        })
        .collect()
}
