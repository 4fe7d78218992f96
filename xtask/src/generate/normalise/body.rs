//! Request bodies, and the names of what stands directly in a body of either direction.

use heck::ToUpperCamelCase;
use serde_json::{Map, Value, json};

use super::naming::type_name;
use super::reference::reference_to;
use super::{MEDIA_TYPE, Normaliser, sorted_keys};
use crate::problem::Pointer;

impl Normaliser<'_> {
    pub(super) fn request_body(
        &mut self,
        at: &Pointer,
        operation: &str,
        body: &Value,
    ) -> Option<Value> {
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

    /// A body's schema; an inline object gets a name from the operation.
    pub(super) fn body_schema(
        &mut self,
        at: &Pointer,
        operation: &str,
        role: &str,
        media: &Value,
    ) -> Value {
        let at = at.key("schema");
        let Some(schema) = media.get("schema") else {
            return json!({});
        };
        let rewritten = self.schema(&at, schema, 0);
        let name = type_name(&format!("{}{role}", operation.to_upper_camel_case()));
        self.named(rewritten, &name)
    }

    /// Gives every type of its own in a body a name: objects and enums, and those in lists.
    pub(super) fn named(&mut self, mut schema: Value, name: &str) -> Value {
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

    pub(super) fn one_media_type<'c>(
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
        if types.len() > 1 && !is_json(first) && !types.iter().all(|t| is_binary(t)) {
            self.problem(
                at,
                "a body of several media types, and nothing says which of them is sent",
                "keep one media type through spec/overlay.yaml; only image types may stand together",
            );
            return None;
        }
        content
            .get_key_value(first)
            .map(|(name, media)| (name.as_str(), media))
    }
}

pub(super) fn is_json(media_type: &str) -> bool {
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    essence == "application/json" || essence.ends_with("+json")
}

/// What an image is described as; its bytes say what it is.
fn is_binary(media_type: &str) -> bool {
    media_type.starts_with("image/") || media_type == "application/octet-stream"
}

/// Bytes, as progenitor wants them described.
pub(super) fn binary() -> Value {
    json!({ "type": "string", "format": "binary" })
}
