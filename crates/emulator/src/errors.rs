//! Graph's error envelope, and the codes and messages it answers with.
//!
//! The codes are those reported for photo calls; where no report exists the
//! comment says so. Messages matter too: callers match on them.

use std::borrow::Cow;
use std::time::SystemTime;

use http::StatusCode;
use serde::Serialize;

/// An answer that is an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    pub(crate) code: Cow<'static, str>,
    pub(crate) message: Cow<'static, str>,
    /// The methods to name in `Allow`, for a 405.
    pub(crate) allow: Option<&'static str>,
    /// Seconds to name in `Retry-After`.
    pub(crate) retry_after: Option<u64>,
}

impl Refusal {
    pub(crate) fn new(
        status: StatusCode,
        code: impl Into<Cow<'static, str>>,
        message: impl Into<Cow<'static, str>>,
    ) -> Refusal {
        Refusal {
            status,
            code: code.into(),
            message: message.into(),
            allow: None,
            retry_after: None,
        }
    }

    pub(crate) fn retry_after(mut self, seconds: u64) -> Refusal {
        self.retry_after = Some(seconds);
        self
    }

    /// No photo, no such size, or (observed) no such user.
    pub(crate) fn image_not_found() -> Refusal {
        Refusal::new(
            StatusCode::NOT_FOUND,
            "ImageNotFound",
            "Exception of type 'Microsoft.Fast.Profile.Core.Exception.ImageNotFoundException' was thrown.",
        )
    }

    /// The user has no mailbox that Graph could read.
    pub(crate) fn no_mailbox() -> Refusal {
        Refusal::new(
            StatusCode::NOT_FOUND,
            "MailboxNotEnabledForRESTAPI",
            "REST API is not yet supported for this mailbox.",
        )
    }

    /// A directory object that does not exist.
    pub(crate) fn no_such_object(id: &str) -> Refusal {
        Refusal::new(
            StatusCode::NOT_FOUND,
            "Request_ResourceNotFound",
            format!(
                "Resource '{id}' does not exist or one of its queried reference-property objects are not present."
            ),
        )
    }

    /// A contact or a folder that is not in the mailbox.
    pub(crate) fn no_such_item() -> Refusal {
        Refusal::new(
            StatusCode::NOT_FOUND,
            "ErrorItemNotFound",
            "The specified object was not found in the store.",
        )
    }

    /// What is uploaded is no image, as observed: a 500 for the client's fault.
    pub(crate) fn not_an_image() -> Refusal {
        Refusal::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "ErrorInternalServerError",
            "An internal server error occurred. The operation failed., The file you chose isn't an image. Please choose a different file.",
        )
    }

    pub(crate) fn too_small() -> Refusal {
        Refusal::new(
            StatusCode::BAD_REQUEST,
            "ValidationWidthTooSmall",
            "Exception of type 'Microsoft.Fast.Profile.Core.Exception.ProfileBadRequestException' was thrown.",
        )
    }

    /// The status is documented; no report shows code or message.
    pub(crate) fn too_large(limit: usize) -> Refusal {
        Refusal::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "RequestEntityTooLarge",
            format!("The request body must not exceed {limit} bytes."),
        )
    }

    pub(crate) fn bad_request(message: impl Into<Cow<'static, str>>) -> Refusal {
        Refusal::new(StatusCode::BAD_REQUEST, "BadRequest", message)
    }

    pub(crate) fn method_not_allowed(allow: &'static str) -> Refusal {
        Refusal {
            allow: Some(allow),
            ..Refusal::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "Request_BadRequest",
                "Specified HTTP method is not allowed for the request target.",
            )
        }
    }

    /// Deleting what may not be deleted: contacts' and teams' photos.
    pub(crate) fn odata_not_supported(allow: &'static str) -> Refusal {
        Refusal {
            allow: Some(allow),
            ..Refusal::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "ErrorInvalidRequest",
                "The OData request is not supported.",
            )
        }
    }

    pub(crate) fn unsupported_segment(path: &str) -> Refusal {
        Refusal::bad_request(format!("Unsupported segment type. ODataQuery: {path}"))
    }

    /// Not Graph's answer: the emulator says that it has nothing here, so that
    /// nobody takes its ignorance for Graph's.
    pub(crate) fn not_emulated(path: &str) -> Refusal {
        Refusal::new(
            StatusCode::NOT_IMPLEMENTED,
            "EmulatorNotImplemented",
            format!(
                "graph-photo emulates profile photos only and has nothing at '{}'. Microsoft Graph might.",
                shorten(path)
            ),
        )
    }

    pub(crate) fn unauthorized(message: &'static str) -> Refusal {
        Refusal::new(
            StatusCode::UNAUTHORIZED,
            "InvalidAuthenticationToken",
            message,
        )
    }

    /// The client took too long over its body.
    pub(crate) fn timed_out() -> Refusal {
        Refusal::new(
            StatusCode::REQUEST_TIMEOUT,
            "RequestTimeout",
            "The request body did not arrive in time.",
        )
    }

    /// The body, with the ids of the request it answers, in Graph's order.
    pub(crate) fn body<'a>(&'a self, ids: &'a Ids) -> impl Serialize + 'a {
        Envelope {
            error: ErrorBody {
                code: &self.code,
                message: &self.message,
                inner_error: InnerError {
                    date: date_without_offset(SystemTime::now()),
                    request_id: &ids.request_id,
                    client_request_id: &ids.client_request_id,
                },
            },
        }
    }
}

#[derive(Serialize)]
struct Envelope<'a> {
    error: ErrorBody<'a>,
}

#[derive(Serialize)]
struct ErrorBody<'a> {
    code: &'a str,
    message: &'a str,
    #[serde(rename = "innerError")]
    inner_error: InnerError<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct InnerError<'a> {
    date: String,
    request_id: &'a str,
    client_request_id: &'a str,
}

/// The two ids of a request, for headers and error bodies.
#[derive(Debug, Clone)]
pub(crate) struct Ids {
    pub(crate) request_id: String,
    pub(crate) client_request_id: String,
}

impl Ids {
    /// A fresh request id; the client's own id, or else the same.
    pub(crate) fn new(client_request_id: Option<&str>) -> Ids {
        let request_id = guid();
        let client_request_id = client_request_id.unwrap_or(&request_id).to_owned();
        Ids {
            request_id,
            client_request_id,
        }
    }
}

/// A random GUID, version 4.
fn guid() -> String {
    let n = fastrand::u128(..);
    let n = n & !(0xf << 76) | (0x4 << 76);
    let n = n & !(0x3 << 62) | (0x2 << 62);
    let hex = format!("{n:032x}");
    format!(
        "{}-{}-{}-{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..]
    )
}

/// `2022-09-08T10:27:18`: Graph's errors give UTC and do not say so.
pub(crate) fn date_without_offset(time: SystemTime) -> String {
    let mut text = humantime::format_rfc3339_seconds(time).to_string();
    text.truncate("2022-09-08T10:27:18".len());
    text
}

/// Keeps what a client sent from filling an answer.
pub(crate) fn shorten(text: &str) -> &str {
    match text.char_indices().nth(200) {
        Some((at, _)) => &text[..at],
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_carry_no_offset() {
        assert_eq!(
            date_without_offset(SystemTime::UNIX_EPOCH),
            "1970-01-01T00:00:00"
        );
    }

    #[test]
    fn guids_are_version_four() {
        let id = guid();
        assert_eq!(id.len(), 36);
        assert_eq!(&id[14..15], "4", "{id}");
        assert!("89ab".contains(&id[19..20]), "{id}");
    }
}
