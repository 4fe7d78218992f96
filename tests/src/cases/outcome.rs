//! What a call gave, and whether that is what the case says.

use bytes::Bytes;
use graph_photo_model::types::{ProfilePhoto, ProfilePhotoCollectionResponse};
use graph_photo_model::{Error, Photo, PhotoMetadata, Response, Size};
use http::{HeaderMap, StatusCode};
use serde_json::Value;

use super::case::{Answer, ErrorGives, Gives};

/// What a call gave, without the client's types.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// A value, with the status and request id where the call shows them.
    Value {
        /// The status, from an operation.
        status: Option<u16>,
        /// The request id, from an operation.
        request_id: Option<String>,
        /// The value.
        value: What,
    },
    /// The curated call's "no photo".
    NoPhoto,
    /// An error.
    Error(Failure),
}

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// Metadata as JSON; by a curated call also the size read out of it.
    Metadata(Value, Option<String>),
    /// A list of metadata as JSON.
    List(Value),
    /// The curated list: sizes in order.
    Sizes(Vec<String>),
    /// Bytes with what is known about them.
    Photo {
        /// The media type.
        content_type: Option<String>,
        /// The bytes.
        bytes: Bytes,
        /// The size, by a curated call.
        size: Option<String>,
        /// The media etag, by a curated call.
        etag: Option<String>,
        /// Whether size and etag were looked for.
        looked: bool,
    },
    /// Success without a value.
    Done,
}

/// An error as far as cases speak about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Failure {
    /// The kind, as it is called in the model.
    pub kind: String,
    /// The status of the answer.
    pub status: Option<u16>,
    /// Graph's code.
    pub code: Option<String>,
    /// Graph's message.
    pub message: Option<String>,
    /// The id the service gave the request.
    pub request_id: Option<String>,
    /// The id the client gave the request.
    pub client_request_id: Option<String>,
    /// The wait asked for, in seconds.
    pub retry_after: Option<f64>,
    /// The one line for people.
    pub display: String,
}

impl From<&Error> for Failure {
    fn from(error: &Error) -> Self {
        Self {
            kind: format!("{:?}", error.kind()),
            status: error.status().map(|status| status.as_u16()),
            code: error.code().map(str::to_owned),
            message: error.message().map(str::to_owned),
            request_id: error.request_id().map(str::to_owned),
            client_request_id: error.client_request_id().map(str::to_owned),
            retry_after: error.retry_after().map(|wait| wait.as_secs_f64()),
            display: error.to_string(),
        }
    }
}

fn response<T>(result: Result<Response<T>, Error>, what: impl FnOnce(T) -> What) -> Outcome {
    match result {
        Ok(response) => Outcome::Value {
            status: Some(response.status().as_u16()),
            request_id: response.request_id().map(str::to_owned),
            value: what(response.into_inner()),
        },
        Err(error) => Outcome::Error((&error).into()),
    }
}

fn curated<T>(result: Result<Option<T>, Error>, what: impl FnOnce(T) -> What) -> Outcome {
    match result {
        Ok(Some(value)) => Outcome::Value {
            status: None,
            request_id: None,
            value: what(value),
        },
        Ok(None) => Outcome::NoPhoto,
        Err(error) => Outcome::Error((&error).into()),
    }
}

fn json(value: &impl serde::Serialize) -> Value {
    // A type of the model that does not serialise shows as null, which no case expects.
    serde_json::to_value(value).unwrap_or_default()
}

/// The metadata an operation gives.
pub fn metadata(result: Result<Response<ProfilePhoto>, Error>) -> Outcome {
    response(result, |photo| What::Metadata(json(&photo), None))
}

/// The list an operation gives.
pub fn list(result: Result<Response<ProfilePhotoCollectionResponse>, Error>) -> Outcome {
    response(result, |list| What::List(json(&list)))
}

/// An upload or deletion as an operation.
pub fn done(result: Result<Response<()>, Error>) -> Outcome {
    response(result, |()| What::Done)
}

/// The bytes an operation gives.
pub fn downloaded(status: StatusCode, headers: &HeaderMap, bytes: Result<Bytes, Error>) -> Outcome {
    let header = |name: &str| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned)
    };
    match bytes {
        Ok(bytes) => Outcome::Value {
            status: Some(status.as_u16()),
            request_id: header("request-id"),
            value: What::Photo {
                content_type: header("content-type"),
                bytes,
                size: None,
                etag: None,
                looked: false,
            },
        },
        Err(error) => Outcome::Error((&error).into()),
    }
}

fn size_text(size: Option<Size>) -> String {
    size.map_or_else(|| "none".to_owned(), |size| size.to_string())
}

/// The metadata a curated call gives.
pub fn curated_metadata(result: Result<Option<PhotoMetadata>, Error>) -> Outcome {
    curated(result, |metadata| {
        What::Metadata(json(metadata.as_graph()), Some(size_text(metadata.size())))
    })
}

/// The photo a curated call gives.
pub fn photo(result: Result<Option<Photo>, Error>) -> Outcome {
    curated(result, |photo| What::Photo {
        content_type: Some(photo.content_type().to_owned()),
        size: Some(size_text(photo.size())),
        etag: photo.media_etag().map(str::to_owned),
        bytes: photo.into_bytes(),
        looked: true,
    })
}

/// The photo a curated call gives as a stream.
pub fn streamed(content_type: String, bytes: Result<Bytes, Error>) -> Outcome {
    match bytes {
        Ok(bytes) => Outcome::Value {
            status: None,
            request_id: None,
            value: What::Photo {
                content_type: Some(content_type),
                bytes,
                size: None,
                etag: None,
                looked: false,
            },
        },
        Err(error) => Outcome::Error((&error).into()),
    }
}

/// The sizes a curated call gives.
pub fn sizes(result: Result<Vec<PhotoMetadata>, Error>) -> Outcome {
    curated(result.map(Some), |sizes| {
        What::Sizes(
            sizes
                .iter()
                .map(|metadata| size_text(metadata.size()))
                .collect(),
        )
    })
}

/// An upload or deletion as a curated call.
pub fn succeeded(result: Result<(), Error>) -> Outcome {
    curated(result.map(Some), |()| What::Done)
}

/// What is different from what the case says; nothing if all is right.
///
/// `answer` is the one that the outcome was read from, unless `gives` says of itself which status and
/// bytes it has. `through_handle` tells the curated call from the operation: of a missing photo the
/// first says so and the second gives what Graph gave.
pub fn differences(
    answer: Option<&Answer>,
    gives: &Gives,
    outcome: &Outcome,
    through_handle: bool,
) -> Vec<String> {
    let mut differences = Vec::new();
    let mut differ = |what: &str, expected: String, found: String| {
        if expected != found {
            differences.push(format!(
                "{what}: expected {}, found {}",
                clip(&expected),
                clip(&found)
            ));
        }
    };
    let status = answer.map(|answer| answer.status);
    if through_handle && gives.no_photo {
        let is_none = match outcome {
            Outcome::NoPhoto => true,
            // No sizes is how a list says it, and deleting nothing succeeds.
            Outcome::Value {
                value: What::Sizes(sizes),
                ..
            } => sizes.is_empty(),
            Outcome::Value {
                value: What::Done, ..
            } => true,
            _ => false,
        };
        if !is_none {
            differ("outcome", "no photo".to_owned(), format!("{outcome:?}"));
        }
        return differences;
    }
    match (outcome, &gives.error) {
        (Outcome::Error(failure), Some(expected)) => {
            compare_error(&mut differ, expected, status, failure)
        }
        (Outcome::Error(failure), None) => {
            differ("outcome", "a value".to_owned(), format!("{failure:?}"))
        }
        (outcome, Some(expected)) => differ(
            "outcome",
            format!("the error {expected:?}"),
            format!("{outcome:?}"),
        ),
        (Outcome::NoPhoto, None) => differ("outcome", "a value".to_owned(), "no photo".to_owned()),
        (
            Outcome::Value {
                status: found,
                request_id,
                value,
            },
            None,
        ) => {
            if let (Some(found), Some(expected)) = (found, status)
                && expected != 0
            {
                differ("status", expected.to_string(), found.to_string());
            }
            if !through_handle {
                differ(
                    "request id",
                    format!("{:?}", gives.request_id),
                    format!("{request_id:?}"),
                );
            }
            compare_value(&mut differ, answer, gives, value);
        }
    }
    differences
}

fn compare_error(
    differ: &mut impl FnMut(&str, String, String),
    expected: &ErrorGives,
    status: Option<u16>,
    failure: &Failure,
) {
    differ("kind", expected.kind.clone(), failure.kind.clone());
    let status = expected.status.or(status).filter(|_| expected.answered);
    differ(
        "status",
        format!("{status:?}"),
        format!("{:?}", failure.status),
    );
    differ(
        "code",
        format!("{:?}", expected.code),
        format!("{:?}", failure.code),
    );
    if expected.message.is_some() {
        differ(
            "message",
            format!("{:?}", expected.message),
            format!("{:?}", failure.message),
        );
    }
    differ(
        "request id",
        format!("{:?}", expected.request_id),
        format!("{:?}", failure.request_id),
    );
    differ(
        "client request id",
        format!("{:?}", expected.client_request_id),
        format!("{:?}", failure.client_request_id),
    );
    differ(
        "retry after",
        format!("{:?}", expected.retry_after),
        format!("{:?}", failure.retry_after),
    );
}

fn compare_value(
    differ: &mut impl FnMut(&str, String, String),
    answer: Option<&Answer>,
    gives: &Gives,
    value: &What,
) {
    match value {
        What::Metadata(found, size) => {
            let expected = gives.metadata.clone().unwrap_or_default();
            differ("metadata", expected.to_string(), found.to_string());
            if let (Some(expected), Some(found)) = (&gives.size, size) {
                differ("size", expected.clone(), found.clone());
            }
        }
        What::List(found) => {
            let expected = gives.list.clone().unwrap_or_default();
            differ("list", expected.to_string(), found.to_string());
        }
        What::Sizes(found) => {
            differ(
                "sizes",
                format!("{:?}", gives.sizes.clone().unwrap_or_default()),
                format!("{found:?}"),
            );
        }
        What::Photo {
            content_type,
            bytes,
            size,
            etag,
            looked,
        } => {
            let Some(expected) = &gives.photo else {
                return differ("outcome", format!("{gives:?}"), format!("{value:?}"));
            };
            differ(
                "content type",
                format!("{:?}", expected.content_type),
                format!("{content_type:?}"),
            );
            let sent = expected
                .bytes
                .as_ref()
                .or(answer.and_then(|answer| answer.body.as_ref()));
            match sent.map(super::bytes_spec::BytesSpec::bytes).transpose() {
                Ok(sent) if sent.as_deref().unwrap_or_default() == &bytes[..] => {}
                Ok(sent) => differ(
                    "bytes",
                    format!("the {} of the answer", sent.unwrap_or_default().len()),
                    format!("{} others", bytes.len()),
                ),
                Err(error) => differ("bytes", error.to_string(), String::new()),
            }
            if *looked {
                let expected_size = expected.size.as_deref().unwrap_or("none");
                differ(
                    "size",
                    expected_size.to_owned(),
                    size.clone().unwrap_or_default(),
                );
                differ("etag", format!("{:?}", expected.etag), format!("{etag:?}"));
            }
        }
        What::Done => {
            if !gives.done {
                differ("outcome", format!("{gives:?}"), "done".to_owned());
            }
        }
    }
}

/// A text short enough to print.
fn clip(text: &str) -> String {
    match text.char_indices().nth(600) {
        Some((at, _)) => format!("{}... ({} bytes)", &text[..at], text.len()),
        None => text.to_owned(),
    }
}
