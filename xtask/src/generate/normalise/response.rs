//! Answers: one for all successes, one for all errors.

use serde_json::{Value, json};

use super::body::{binary, is_json};
use super::{Normaliser, sorted_keys};
use crate::problem::Pointer;

/// The answers of an operation in normal form.
pub(super) struct Responses {
    pub(super) value: Value,
    /// The Accept header that they call for.
    pub(super) accept: String,
}

impl Normaliser<'_> {
    pub(super) fn responses(
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
    pub(super) fn success(
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

    pub(super) fn error_schema(
        &mut self,
        at: &Pointer,
        operation: &str,
        response: &Value,
    ) -> Option<Value> {
        let content = response.get("content").and_then(Value::as_object)?;
        let (media_type, media) = content.iter().find(|(media_type, _)| is_json(media_type))?;
        Some(self.body_schema(
            &at.key("content").key(media_type),
            operation,
            "Error",
            media,
        ))
    }
}
