//! `$batch`: reading the envelope, the order of its items, and what comes back.
//!
//! The rules are those of Microsoft's page on JSON batching. That images are
//! base64 strings both ways is OData's rule for media types that are neither
//! JSON nor text, and what callers see.

use std::collections::HashMap;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD as BASE64};
use bytes::Bytes;
use http::Method;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::errors::{Ids, Refusal, shorten};
use crate::graph::{Answer, Content};
use crate::route::Version;

/// Items in a batch, at most.
pub(crate) const MAX_ITEMS: usize = 20;

/// Both alphabets and any padding: callers send all of them.
const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const LENIENT_STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const LENIENT_URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

#[derive(Deserialize)]
struct Envelope {
    requests: Vec<RawItem>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawItem {
    id: String,
    method: String,
    url: String,
    #[serde(default)]
    headers: Option<HashMap<String, Value>>,
    #[serde(default)]
    body: Option<Value>,
    #[serde(default)]
    depends_on: Option<Vec<String>>,
}

/// A request within a batch.
#[derive(Debug)]
pub(crate) struct Item {
    pub(crate) id: String,
    pub(crate) method: Method,
    /// Path and query, version included.
    pub(crate) target: String,
    pub(crate) headers: http::HeaderMap,
    /// The body, or why there is none that could be used.
    pub(crate) body: Result<Bytes, Refusal>,
    /// Positions of the items that have to succeed first.
    pub(crate) depends_on: Vec<usize>,
}

/// Reads a batch. Whatever is wrong with it as a whole is a 400 for the whole;
/// what is wrong with an item's body is that item's.
pub(crate) fn parse(body: &[u8], version: Version) -> Result<Vec<Item>, Refusal> {
    // serde_json gives up at 128 levels of nesting, long before the stack does.
    let envelope: Envelope = serde_json::from_slice(body)
        .map_err(|error| Refusal::bad_request(format!("Invalid batch payload format: {error}")))?;
    let raw = envelope.requests;
    if raw.is_empty() {
        return Err(Refusal::bad_request(
            "A batch must hold at least one request.",
        ));
    }
    if raw.len() > MAX_ITEMS {
        return Err(Refusal::bad_request(format!(
            "Number of batch request steps exceeds the maximum value of {MAX_ITEMS}."
        )));
    }
    let mut positions = HashMap::new();
    for (at, item) in raw.iter().enumerate() {
        if item.id.is_empty() {
            return Err(Refusal::bad_request(
                "A batch request's id must not be empty.",
            ));
        }
        if positions.insert(item.id.to_lowercase(), at).is_some() {
            return Err(Refusal::bad_request(format!(
                "Batch request ids must be unique; '{}' is not. Ids are not case-sensitive.",
                shorten(&item.id)
            )));
        }
    }
    raw.into_iter()
        .map(|item| read(item, version, &positions))
        .collect()
}

fn read(
    raw: RawItem,
    version: Version,
    positions: &HashMap<String, usize>,
) -> Result<Item, Refusal> {
    let id = shorten(&raw.id).to_owned();
    let method = Method::from_bytes(raw.method.to_uppercase().as_bytes()).map_err(|_| {
        Refusal::bad_request(format!("Batch request '{id}' has an invalid method."))
    })?;
    let depends_on = raw
        .depends_on
        .unwrap_or_default()
        .iter()
        .map(|on| {
            positions.get(&on.to_lowercase()).copied().ok_or_else(|| {
                Refusal::bad_request(format!(
                    "Batch request '{id}' depends on '{}', which is not in the batch.",
                    shorten(on)
                ))
            })
        })
        .collect::<Result<Vec<_>, _>>()?;
    let mut headers = http::HeaderMap::new();
    for (name, value) in raw.headers.unwrap_or_default() {
        let text = match &value {
            Value::String(text) => text.clone(),
            Value::Array(parts) => {
                let parts: Vec<_> = parts.iter().filter_map(Value::as_str).collect();
                parts.join(",")
            }
            other => other.to_string(),
        };
        let name = http::HeaderName::from_bytes(name.as_bytes());
        if let (Ok(name), Ok(value)) = (name, text.parse()) {
            headers.insert(name, value);
        }
    }
    let body = match raw.body {
        None | Some(Value::Null) => Ok(Bytes::new()),
        Some(body) => item_body(&body, &headers),
    };
    Ok(Item {
        id: raw.id,
        method,
        target: target(&raw.url, version),
        headers,
        body,
        depends_on,
    })
}

/// The path and query that an item's `url` means. Documented are URLs relative
/// to the version; Microsoft's Python SDK sends whole ones, version included.
fn target(url: &str, version: Version) -> String {
    let scheme = url.find("://").map(|at| &url[..at]);
    if let Some(scheme) = scheme.filter(|s| matches!(*s, "http" | "https")) {
        let rest = &url[scheme.len() + "://".len()..];
        let path = rest.find(['/', '?']).map_or("", |at| &rest[at..]);
        return path.to_owned();
    }
    let slash = if url.starts_with('/') { "" } else { "/" };
    format!("/{version}{slash}{url}")
}

fn item_body(body: &Value, headers: &http::HeaderMap) -> Result<Bytes, Refusal> {
    let media_type = headers
        .get(http::header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .ok_or_else(|| {
            Refusal::bad_request(
                "Write request with a body must have a Content-Type header in its headers.",
            )
        })?;
    let is_json = media_type.split(';').next().is_some_and(|m| {
        let m = m.trim().to_ascii_lowercase();
        m == "application/json" || m.ends_with("+json")
    });
    match body {
        Value::String(text) if !is_json => decode(text)
            .ok_or_else(|| Refusal::bad_request("The body of the request is not valid base64.")),
        other => Ok(other.to_string().into()),
    }
}

fn decode(text: &str) -> Option<Bytes> {
    let text = text.trim();
    let decoded = if text.contains(['-', '_']) {
        LENIENT_URL_SAFE.decode(text)
    } else {
        LENIENT_STANDARD.decode(text)
    };
    decoded.ok().map(Bytes::from)
}

/// An order in which every item comes after those that it depends on. A cycle
/// has none.
pub(crate) fn order(items: &[Item]) -> Result<Vec<usize>, Refusal> {
    let mut order = Vec::with_capacity(items.len());
    let mut done = vec![false; items.len()];
    while order.len() < items.len() {
        let before = order.len();
        for (at, item) in items.iter().enumerate() {
            let ready = item
                .depends_on
                .iter()
                .all(|on| done.get(*on) == Some(&true));
            if !done[at] && ready {
                done[at] = true;
                order.push(at);
            }
        }
        if order.len() == before {
            return Err(Refusal::bad_request(
                "The dependsOn of the batch's requests form a cycle.",
            ));
        }
    }
    Ok(order)
}

/// What an item gets when one that it depends on failed.
pub(crate) fn failed_dependency() -> Refusal {
    Refusal::new(
        http::StatusCode::FAILED_DEPENDENCY,
        "FailedDependency",
        "Dependent request failed.",
    )
}

/// One of the `responses`, from an answer.
pub(crate) fn answered(id: &str, answer: Answer) -> Value {
    let mut headers = Map::new();
    headers.insert("Cache-Control".to_owned(), "private".into());
    let (content_type, body) = match answer.content {
        Content::Empty => (None, None),
        Content::Json(value) => (Some("application/json"), Some(value)),
        Content::Image(media_type, bytes) => (Some(media_type), Some(BASE64.encode(bytes).into())),
    };
    if let Some(content_type) = content_type {
        headers.insert("Content-Type".to_owned(), content_type.into());
    }
    let mut response = Map::new();
    response.insert("id".to_owned(), id.into());
    response.insert("status".to_owned(), answer.status.as_u16().into());
    response.insert("headers".to_owned(), headers.into());
    if let Some(body) = body {
        response.insert("body".to_owned(), body);
    }
    response.into()
}

/// One of the `responses`, from a refusal.
pub(crate) fn refused(id: &str, refusal: &Refusal, ids: &Ids) -> Value {
    let mut headers = Map::new();
    headers.insert("Cache-Control".to_owned(), "private".into());
    headers.insert("Content-Type".to_owned(), "application/json".into());
    if let Some(seconds) = refusal.retry_after {
        headers.insert("Retry-After".to_owned(), seconds.to_string().into());
    }
    if let Some(allow) = refusal.allow {
        headers.insert("Allow".to_owned(), allow.into());
    }
    json!({
        "id": id,
        "status": refusal.status.as_u16(),
        "headers": headers,
        "body": refusal.body(ids),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(json: Value) -> Result<Vec<String>, String> {
        let items =
            parse(json.to_string().as_bytes(), Version::V1).map_err(|r| r.message.into_owned())?;
        let order = order(&items).map_err(|r| r.message.into_owned())?;
        Ok(order.into_iter().map(|at| items[at].id.clone()).collect())
    }

    proptest::proptest! {
        #[test]
        fn no_body_panics(body in "\\PC{0,60}", url in "\\PC{0,30}", text in "\\PC{0,30}") {
            let _ = parse(body.as_bytes(), Version::V1);
            let item = json!({"id": text, "method": text, "url": url, "body": text,
                "headers": {text.clone(): text}, "dependsOn": [text]});
            let _ = ids(json!({"requests": [item]}));
        }

        #[test]
        fn bytes_survive_base64(bytes in proptest::collection::vec(0_u8.., 0..200)) {
            proptest::prop_assert_eq!(decode(&BASE64.encode(&bytes)), Some(bytes.into()));
        }
    }

    #[test]
    fn items_come_after_what_they_depend_on() {
        let get = |id: &str, on: &[&str]| json!({"id": id, "method": "GET", "url": "/me/photo", "dependsOn": on});
        assert_eq!(
            ids(json!({"requests": [get("a", &["B"]), get("b", &["c"]), get("C", &[])]})),
            Ok(vec!["C".to_owned(), "b".to_owned(), "a".to_owned()])
        );
        let refused = |requests: Vec<Value>| ids(json!({ "requests": requests })).unwrap_err();
        assert!(refused(vec![get("a", &["b"]), get("b", &["a"])]).contains("cycle"));
        assert!(refused(vec![get("a", &["z"])]).contains("not in the batch"));
        assert!(refused(vec![get("a", &[]), get("A", &[])]).contains("unique"));
        assert!(refused(vec![]).contains("at least one"));
        let many = (0..21).map(|n| get(&n.to_string(), &[])).collect();
        assert!(refused(many).contains("maximum value of 20"));
    }

    #[test]
    fn bodies_are_base64_of_either_kind_or_json() {
        let body = |content_type: &str, body: Value| {
            let headers = [(http::header::CONTENT_TYPE, content_type.parse().unwrap())];
            item_body(&body, &http::HeaderMap::from_iter(headers))
        };
        let bytes = Bytes::from_static(&[0xfb, 0xff, 0xfe, 0x00]);
        for text in ["+//+AA==", "-__-AA", "-__-AA==", "+//+AA"] {
            assert_eq!(
                body("image/jpeg", text.into()).as_ref(),
                Ok(&bytes),
                "{text}"
            );
        }
        assert!(body("image/jpeg", "not base64!".into()).is_err());
        assert_eq!(
            body("application/json", json!({"a":1})).unwrap(),
            "{\"a\":1}"
        );
        assert!(item_body(&json!("AA=="), &http::HeaderMap::new()).is_err());
    }

    #[test]
    fn urls_are_relative_or_whole() {
        let beta = |url| target(url, Version::Beta);
        assert_eq!(beta("/me/photo?$select=id"), "/beta/me/photo?$select=id");
        assert_eq!(beta("me/photo"), "/beta/me/photo");
        assert_eq!(beta("http://127.0.0.1:1/v1.0/me"), "/v1.0/me");
        assert_eq!(beta("https://graph.microsoft.com"), "");
    }

    #[test]
    fn deep_json_is_refused() {
        let deep = "[".repeat(100_000);
        let text = format!(
            "{{\"requests\":[{{\"id\":\"1\",\"method\":\"GET\",\"url\":\"/me\",\"body\":{deep}"
        );
        assert_eq!(
            parse(text.as_bytes(), Version::V1)
                .unwrap_err()
                .status
                .as_u16(),
            400
        );
    }
}
