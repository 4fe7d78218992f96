//! Many requests in one: Graph's JSON batches, without the sending.
//!
//! [`chunks`] groups requests as the service accepts them, [`encode`] writes a group, [`split`]
//! takes the answer apart into one result per request, in the order of the requests. Each result
//! is what a single call would have given: a [`Response`] with the bytes of the photo or of the
//! JSON, or an [`Error`] with the item's own status and Retry-After. Whether to send an item again
//! is for [`crate::retry`] to say.
//!
//! The rules are those of Microsoft's page on JSON batching. On the way in, photos are base64 in a
//! string, whatever Content-Type stands next to it.

use std::collections::BTreeMap;
use std::ops::Range;
use std::time::SystemTime;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::base64_text;
use crate::error::{Error, body_text};
use crate::media;
use crate::operation::Operation;
use crate::response::Response;
use crate::wire::Request;

/// How many requests a batch takes at most (Microsoft's page on JSON batching).
pub const MAX_ITEMS: usize = 20;

/// How large the JSON of a batch gets at most, in bytes, as long as it holds more than one request.
/// Others report this limit; Microsoft's page does not name one.
pub const MAX_PAYLOAD_BYTES: usize = 4_194_304;

/// The call that sends a batch. A batch of photo requests is idempotent, each of them being so.
pub static BATCH: Operation = Operation::new("batch", "POST", "/$batch").with_reference(
    None,
    Some("https://learn.microsoft.com/graph/json-batching"),
);

/// Groups requests, in their order, into batches of at most [`MAX_ITEMS`] requests and
/// [`MAX_PAYLOAD_BYTES`] bytes. A request that is larger alone gets a batch of its own.
///
/// ```
/// use graph_photo_model::batch::chunks;
/// use graph_photo_model::wire::{Request, RequestBuilder};
/// use http::Method;
///
/// # fn main() -> Result<(), graph_photo_model::Error> {
/// let requests: Vec<Request<Vec<u8>>> = (0..45)
///     .map(|n| RequestBuilder::new(Method::GET, format!("/users/{n}/photo")).build())
///     .collect::<Result<_, _>>()?;
/// assert_eq!(chunks(&requests), [0..20, 20..40, 40..45]);
/// # Ok(())
/// # }
/// ```
#[must_use]
pub fn chunks<B: AsRef<[u8]>>(requests: &[Request<B>]) -> Vec<Range<usize>> {
    let mut groups = Vec::new();
    let (mut start, mut bytes) = (0, 0);
    for (index, request) in requests.iter().enumerate() {
        let length = payload_bytes(request);
        let full = index - start == MAX_ITEMS || bytes + length > MAX_PAYLOAD_BYTES;
        if full && index > start {
            groups.push(start..index);
            (start, bytes) = (index, 0);
        }
        bytes += length;
    }
    if start < requests.len() {
        groups.push(start..requests.len());
    }
    groups
}

/// About what a request takes in the JSON of a batch; rather too much than too little.
fn payload_bytes<B: AsRef<[u8]>>(request: &Request<B>) -> usize {
    let body = request.body.as_ref().map_or(0, |body| body.as_ref().len());
    let headers: usize = request
        .headers
        .iter()
        .map(|(name, value)| name.as_str().len() + 2 * value.len() + 8)
        .sum();
    body.div_ceil(3) * 4 + request.path_and_query.len() + headers + 128
}

#[derive(Serialize)]
struct Batch<'a> {
    requests: Vec<Item<'a>>,
}

#[derive(Serialize)]
struct Item<'a> {
    id: String,
    method: &'a str,
    url: &'a str,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    headers: BTreeMap<String, &'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<ItemBody<'a>>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum ItemBody<'a> {
    Json(&'a RawValue),
    Base64(String),
}

/// Writes the JSON of a batch. The requests get the ids `1`, `2` and so on, which is how [`split`]
/// finds their answers; ids are not case-sensitive in Graph, and digits have no case.
///
/// A JSON body is embedded as JSON, any other as base64 in the standard alphabet, which is what the
/// service itself answers with. An Authorization header stays out: the batch as a whole carries it.
///
/// # Errors
///
/// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) if there are none or more than
/// [`MAX_ITEMS`] requests, or if a body that claims to be JSON is not.
pub fn encode<B: AsRef<[u8]>>(requests: &[Request<B>]) -> Result<Vec<u8>, Error> {
    if requests.is_empty() || requests.len() > MAX_ITEMS {
        return Err(Error::invalid_input(
            "the batch",
            format!(
                "holds {} requests; a batch takes 1 to {MAX_ITEMS}",
                requests.len()
            ),
        ));
    }
    let requests = requests
        .iter()
        .enumerate()
        .map(|(index, request)| {
            Ok(Item {
                id: id(index),
                method: request.method.as_str(),
                url: &request.path_and_query,
                headers: request
                    .headers
                    .iter()
                    .filter(|(name, value)| **name != AUTHORIZATION && !value.is_sensitive())
                    .filter_map(|(name, value)| Some((spelled(name), value.to_str().ok()?)))
                    .collect(),
                body: request
                    .body
                    .as_ref()
                    .map(|body| item_body(&request.headers, body.as_ref()))
                    .transpose()
                    .map_err(|error| error.with_operation(request.operation))?,
            })
        })
        .collect::<Result<_, Error>>()?;
    serde_json::to_vec(&Batch { requests })
        .map_err(|error| Error::invalid_input("the batch", "cannot be written").with_source(error))
}

fn item_body<'a>(headers: &HeaderMap, body: &'a [u8]) -> Result<ItemBody<'a>, Error> {
    if is_json(headers) {
        let json = serde_json::from_slice(body).map_err(|error| {
            Error::invalid_input("the body", "is not the JSON that its Content-Type says")
                .with_source(error)
        })?;
        Ok(ItemBody::Json(json))
    } else {
        Ok(ItemBody::Base64(base64_text::encode(body)))
    }
}

fn id(index: usize) -> String {
    (index + 1).to_string()
}

/// A header name as it is usually written, `Content-Type`: in here it is a JSON key, and Microsoft's
/// page does not promise that its case is ignored.
fn spelled(name: &HeaderName) -> String {
    let mut start = true;
    name.as_str()
        .chars()
        .map(|c| {
            let shown = if start { c.to_ascii_uppercase() } else { c };
            start = c == '-';
            shown
        })
        .collect()
}

fn content_type(headers: &HeaderMap) -> &str {
    headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

fn is_json(headers: &HeaderMap) -> bool {
    let content_type = content_type(headers);
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    media_type.eq_ignore_ascii_case("application/json") || media_type.ends_with("+json")
}

#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow)]
    responses: Vec<&'a RawValue>,
}

/// Read field by field, so that one that is odd costs nothing but itself.
#[derive(Deserialize)]
struct ItemAnswer<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    status: Option<&'a RawValue>,
    #[serde(borrow)]
    headers: Option<&'a RawValue>,
    #[serde(borrow)]
    body: Option<&'a RawValue>,
}

/// Takes the answer to a batch apart: one result per request, in the order of `operations`, which
/// are those of the requests that were [encoded](encode).
///
/// A photo's bytes are decoded, and a Content-Type that is no image's is replaced by what the bytes
/// are. An item that has no answer, or two, is an
/// [`ErrorKind::UnexpectedResponse`](crate::ErrorKind::UnexpectedResponse) of its own. An item
/// without a request-id gets that of the batch.
///
/// # Errors
///
/// [`ErrorKind::UnexpectedResponse`](crate::ErrorKind::UnexpectedResponse) if the body is not the
/// answer to a batch at all.
pub fn split(
    operations: &[&'static Operation],
    status: StatusCode,
    headers: &HeaderMap,
    body: &[u8],
    now: SystemTime,
) -> Result<Vec<Result<Response<Bytes>, Error>>, Error> {
    let text = body_text(body);
    let answer: Answer<'_> = serde_json::from_str(&text)
        .map_err(|error| Error::decode(&BATCH, status, headers.clone(), body, error))?;

    let mut found: Vec<Vec<ItemAnswer<'_>>> = Vec::new();
    found.resize_with(operations.len(), Vec::new);
    for raw in answer.responses {
        let Ok(item) = serde_json::from_str::<ItemAnswer<'_>>(raw.get()) else {
            continue;
        };
        let index = item
            .id
            .and_then(text_of)
            .and_then(|id| id.parse::<usize>().ok())
            .and_then(|number| number.checked_sub(1));
        if let Some(place) = index.and_then(|index| found.get_mut(index)) {
            place.push(item);
        }
    }

    let results = operations.iter().zip(found).map(|(operation, mut items)| {
        let unexpected = |what: &str| {
            Err(Error::decode(
                operation,
                status,
                headers.clone(),
                b"",
                what.to_owned(),
            ))
        };
        match (items.pop(), items.is_empty()) {
            (Some(item), true) => single(operation, &item, headers, now)
                .unwrap_or_else(|| unexpected("the batch's answer to this request has no status")),
            (Some(_), false) => unexpected("the batch answers this request more than once"),
            (None, _) => unexpected("the batch has no answer to this request"),
        }
    });
    Ok(results.collect())
}

/// The result of one item; `None` if it has no status.
fn single(
    operation: &'static Operation,
    item: &ItemAnswer<'_>,
    outer: &HeaderMap,
    now: SystemTime,
) -> Option<Result<Response<Bytes>, Error>> {
    let status: u16 = text_of(item.status?)?.parse().ok()?;
    let status = StatusCode::from_u16(status).ok()?;
    let mut headers = item.headers.map(headers_of).unwrap_or_default();
    for name in ["request-id", "client-request-id"] {
        if let (false, Some(value)) = (headers.contains_key(name), outer.get(name)) {
            headers.insert(HeaderName::from_static(name), value.clone());
        }
    }
    if !status.is_success() {
        let body = plain_body(&headers, item.body);
        return Some(Err(Error::from_response(
            Some(operation),
            status,
            headers,
            &body,
            now,
        )));
    }
    let media = operation.method == "GET" && operation.path.ends_with("/$value");
    if !media {
        let body = plain_body(&headers, item.body);
        return Some(Ok(Response::new(status, headers, body)));
    }
    Some(match photo_body(item.body) {
        Ok(photo) => {
            if !content_type(&headers).starts_with("image/")
                && let Some(kind) = media::sniff(&photo)
            {
                headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind.content_type()));
            }
            Ok(Response::new(status, headers, photo))
        }
        Err(what) => {
            let body = item.body.map_or("", |raw| raw.get());
            Err(Error::decode(
                operation,
                status,
                headers,
                body.as_bytes(),
                what,
            ))
        }
    })
}

/// A photo: base64 in a string. Nothing at all is an empty photo, as it would be in a single call.
fn photo_body(body: Option<&RawValue>) -> Result<Bytes, &'static str> {
    let Some(raw) = body else {
        return Ok(Bytes::new());
    };
    let text: String = serde_json::from_str(raw.get())
        .map_err(|_| "the photo in the batch is not a base64 string")?;
    base64_text::decode(&text)
        .map(Bytes::from)
        .map_err(|_| "the photo in the batch is not base64")
}

/// The body of anything but a photo, as a single call would have brought it: JSON as JSON, text as
/// text, and JSON that was put into a string, plain or as base64, taken out of it.
fn plain_body(headers: &HeaderMap, body: Option<&RawValue>) -> Bytes {
    let Some(raw) = body else {
        return Bytes::new();
    };
    let Ok(text) = serde_json::from_str::<String>(raw.get()) else {
        return Bytes::copy_from_slice(raw.get().as_bytes());
    };
    let json = |bytes: &[u8]| bytes.trim_ascii_start().starts_with(b"{");
    if !json(text.as_bytes())
        && let Ok(decoded) = base64_text::decode(&text)
        && (json(&decoded) || content_type(headers).starts_with("application/octet-stream"))
    {
        return Bytes::from(decoded);
    }
    Bytes::from(text)
}

/// A string, or a number as a string.
fn text_of(raw: &RawValue) -> Option<String> {
    match serde_json::from_str(raw.get()).ok()? {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The headers of an item; what cannot be a header is left out, and so is what comes after a
/// hundred of them.
fn headers_of(raw: &RawValue) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let Ok(Value::Object(pairs)) = serde_json::from_str(raw.get()) else {
        return headers;
    };
    for (name, value) in pairs.iter().take(100) {
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            _ => continue,
        };
        if let (Ok(name), Ok(value)) = (
            HeaderName::from_bytes(name.as_bytes()),
            HeaderValue::from_str(&text),
        ) {
            headers.insert(name, value);
        }
    }
    headers
}

#[cfg(test)]
mod tests;
