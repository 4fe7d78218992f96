//! Which answer means "there is no photo", and which one means something else.
//!
//! Graph has no single way to say it. The spellings below are the ones recorded in public threads
//! and Microsoft's pages between 2018 and 2025; [`classify`] knows them all, so that the clients can
//! return `None` for a missing photo and keep errors for what went wrong. `ImageNotFound` can also
//! mean that the user does not exist (a Microsoft answer of 2024 says so); only a second call, `GET
//! /users/{id}`, can tell.

use crate::error::ErrorKind;
use crate::media::{ImageKind, dimensions, sniff};
use crate::size::Size;

/// What an operation addresses, as far as it changes the meaning of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// The photo, or its bytes.
    Photo,
    /// The photo in one size, or the list of sizes.
    Size,
    /// Not a photo.
    Other,
}

impl Target {
    /// The target of an operation's path template, or of a path.
    ///
    /// ```
    /// use graph_photo_model::no_photo::Target;
    ///
    /// assert_eq!(Target::of("/users/{user-id}/photos/{profilePhoto-id}/$value"), Target::Size);
    /// assert_eq!(Target::of("/teams/{team-id}/photo"), Target::Photo);
    /// assert_eq!(Target::of("/users/{user-id}"), Target::Other);
    /// ```
    #[must_use]
    pub fn of(path: &str) -> Self {
        let path = path.split('?').next().unwrap_or_default();
        // From the end: the id of a user can be the word "photo".
        for segment in path.rsplit('/') {
            if segment.eq_ignore_ascii_case("photo") {
                return Self::Photo;
            }
            if segment.eq_ignore_ascii_case("photos") {
                return Self::Size;
            }
        }
        Self::Other
    }
}

/// An unsuccessful answer, as far as it decides what it means.
#[derive(Clone, Copy, Debug)]
pub struct Answer<'a> {
    /// The method of the request, in capitals.
    pub method: &'a str,
    /// What the request was for.
    pub target: Target,
    /// The HTTP status.
    pub status: u16,
    /// The error codes, from the outermost to the most detailed.
    pub codes: &'a [String],
    /// The error message, or an empty string.
    pub message: &'a str,
    /// The Content-Type, or an empty string.
    pub content_type: &'a str,
    /// The length of the body in bytes.
    pub body_len: usize,
}

/// Codes for a mailbox that does not exist or cannot be reached; photos of work accounts live in it.
const NO_MAILBOX: [&str; 5] = [
    "ErrorNonExistentMailbox",
    "MailboxNotEnabledForRESTAPI",
    "MailboxNotSupportedForRESTAPI",
    "MailboxNotHostedInExchangeOnline",
    // "Resource could not be discovered": no licence, or an on-premises mailbox.
    "ResourceNotFound",
];

/// Tells what an unsuccessful answer means. The most detailed code that is understood decides; if
/// none is, the status does.
#[must_use]
pub fn classify(answer: &Answer<'_>) -> ErrorKind {
    answer
        .codes
        .iter()
        .rev()
        .find_map(|code| by_code(answer, code))
        .or_else(|| by_message(answer))
        .unwrap_or_else(|| by_status(answer))
}

/// Whether a code decides about an answer's meaning by itself.
#[must_use]
pub(crate) fn understands(answer: &Answer<'_>, code: &str) -> bool {
    by_code(answer, code).is_some()
}

fn by_code(answer: &Answer<'_>, code: &str) -> Option<ErrorKind> {
    let is = |name: &str| code.eq_ignore_ascii_case(name);
    let client_error = (400..500).contains(&answer.status);
    // A photo that is missing cannot be what keeps it from being written.
    let writes = matches!(answer.method, "PUT" | "PATCH" | "POST");
    let absent = if writes {
        ErrorKind::NoMailbox
    } else {
        ErrorKind::NoPhoto
    };
    if answer.status == 401 {
        return None;
    }
    if is("TooManyRequests") || is("ApplicationThrottled") {
        return Some(ErrorKind::Throttled);
    }
    if !client_error || answer.status == 429 {
        return None;
    }
    if is("AppOnlyTokenNotSupportedForGroupUpdate") {
        return Some(ErrorKind::Forbidden);
    }
    if answer.status == 403 {
        return None;
    }
    if answer.target != Target::Other {
        // `ImageNotFoundException` with 400: a PUT right after the user was created.
        if is("ImageNotFound") || is("ImageNotFoundException") {
            return Some(absent);
        }
        if answer.status == 404 && is("ErrorItemNotFound") {
            return Some(absent);
        }
        if answer.status == 404
            && is("ErrorEntityNotFound")
            && answer.message.contains("ImageNotFoundException")
        {
            return Some(absent);
        }
        if is("GetUserPhoto") || is("ConsumerPhotoIsNotSupported") {
            return Some(absent);
        }
    }
    if NO_MAILBOX.iter().any(|name| is(name)) {
        return Some(ErrorKind::NoMailbox);
    }
    // 2018 to 2020: users without a mailbox.
    if answer.status == 400 && is("AuthenticationError") {
        return Some(ErrorKind::NoMailbox);
    }
    if is("Request_ResourceNotFound") || code.starts_with("ProfileNotFound") {
        return Some(ErrorKind::NoSuchUser);
    }
    None
}

fn by_message(answer: &Answer<'_>) -> Option<ErrorKind> {
    let says = |text: &str| answer.message.contains(text);
    match answer.status {
        404 if says("ProfileNotFoundException") => Some(ErrorKind::NoSuchUser),
        400 if says("Unsupported segment type") => Some(ErrorKind::Refused),
        400..500 if says("The OData request is not supported") => Some(ErrorKind::Refused),
        // The service's own fault by its status, the caller's by its words.
        500 if says("isn't an image") => Some(ErrorKind::BadRequest),
        _ => None,
    }
}

fn by_status(answer: &Answer<'_>) -> ErrorKind {
    match answer.status {
        404 if answer.target == Target::Size
            && answer.method == "GET"
            && answer.body_len == 0
            && media_type(answer.content_type).eq_ignore_ascii_case("text/plain") =>
        {
            ErrorKind::NoPhoto
        }
        401 => ErrorKind::Unauthorized,
        403 => ErrorKind::Forbidden,
        404 | 410 => ErrorKind::NotFound,
        // 406 is what team photos once answered.
        405 | 406 | 501 => ErrorKind::Refused,
        408 => ErrorKind::Timeout,
        // 424 is what a $batch answers for an item whose dependency failed.
        409 | 412 | 423 | 424 => ErrorKind::Conflict,
        413 => ErrorKind::TooLarge,
        // 509 is Graph's "bandwidth limit exceeded" for an application.
        429 | 509 => ErrorKind::Throttled,
        400..500 => ErrorKind::BadRequest,
        500..600 => ErrorKind::Service,
        _ => ErrorKind::UnexpectedResponse,
    }
}

fn media_type(content_type: &str) -> &str {
    content_type.split(';').next().unwrap_or_default().trim()
}

/// Whether metadata describes the placeholder that Microsoft documents in place of a missing photo:
/// a 1x1 GIF with an empty media etag. Today's service answers 404 instead.
///
/// A 1x1 GIF with an etag is somebody's photo (Entra ID stores any dimension).
///
/// ```
/// use graph_photo_model::no_photo::is_placeholder;
///
/// assert!(is_placeholder(Some("image/gif"), Some(""), Some(1), Some(1)));
/// assert!(!is_placeholder(Some("image/jpeg"), Some("\"BA09D118\""), Some(240), Some(240)));
/// ```
#[must_use]
pub fn is_placeholder(
    content_type: Option<&str>,
    etag: Option<&str>,
    width: Option<i32>,
    height: Option<i32>,
) -> bool {
    width == Some(1)
        && height == Some(1)
        && etag.is_none_or(str::is_empty)
        && content_type.is_none_or(|text| media_type(text).eq_ignore_ascii_case("image/gif"))
}

/// The bytes of a placeholder: a transparent GIF of one pixel, for what answers in the service's
/// place.
pub const PLACEHOLDER_GIF: [u8; 43] = *b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xFF\xFF\xFF\
    \x21\xF9\x04\x01\0\0\0\0\x2C\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0\x3B";

/// Whether the bytes of a photo are the placeholder: a GIF of one pixel. Bytes come without an etag
/// that could tell more.
///
/// ```
/// use graph_photo_model::no_photo::{PLACEHOLDER_GIF, is_placeholder_image};
///
/// assert!(is_placeholder_image(&PLACEHOLDER_GIF));
/// ```
#[must_use]
pub fn is_placeholder_image(bytes: &[u8]) -> bool {
    sniff(bytes) == Some(ImageKind::Gif) && dimensions(bytes) == Size::new(1, 1).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ErrorKind::*;

    fn kind(method: &str, path: &str, status: u16, code: &str, message: &str) -> ErrorKind {
        let codes: Vec<String> = (!code.is_empty())
            .then(|| code.to_owned())
            .into_iter()
            .collect();
        classify(&Answer {
            method,
            target: Target::of(path),
            status,
            codes: &codes,
            message,
            content_type: "application/json",
            body_len: 100,
        })
    }

    /// Every row of the recorded answers.
    #[test]
    fn recorded_answers() {
        let photo = "/users/{user-id}/photo/$value";
        let image = "Exception of type 'Microsoft.Fast.Profile.Core.Exception.ImageNotFoundException' was thrown.";
        let profile = "Microsoft.Fast.Profile.Core.Exception.ProfileNotFoundException";
        for (method, status, code, message, expected) in [
            ("GET", 404, "ImageNotFound", image, NoPhoto),
            ("DELETE", 404, "ImageNotFound", image, NoPhoto),
            ("GET", 404, "imagenotfound", "", NoPhoto),
            ("GET", 404, "ErrorEntityNotFound", image, NoPhoto),
            (
                "GET",
                404,
                "ErrorEntityNotFound",
                "something else",
                NotFound,
            ),
            (
                "GET",
                404,
                "ErrorItemNotFound",
                "The photo wasn't found.",
                NoPhoto,
            ),
            (
                "PUT",
                404,
                "ErrorItemNotFound",
                "The specified object was not found in the store.",
                NoMailbox,
            ),
            ("PATCH", 404, "ErrorItemNotFound", "", NoMailbox),
            ("GET", 400, "ErrorItemNotFound", "", BadRequest),
            ("PUT", 400, "ImageNotFoundException", "", NoMailbox),
            (
                "GET",
                404,
                "GetUserPhoto",
                "The photo wasn't found.",
                NoPhoto,
            ),
            ("GET", 400, "GetUserPhoto", "not supported", NoPhoto),
            (
                "GET",
                404,
                "ConsumerPhotoIsNotSupported",
                "The photo wasn't found.",
                NoPhoto,
            ),
            (
                "GET",
                404,
                "ResourceNotFound",
                "Resource could not be discovered.",
                NoMailbox,
            ),
            ("GET", 404, "ErrorNonExistentMailbox", "", NoMailbox),
            ("GET", 404, "MailboxNotEnabledForRESTAPI", "", NoMailbox),
            ("GET", 404, "MailboxNotSupportedForRESTAPI", "", NoMailbox),
            (
                "GET",
                400,
                "MailboxNotHostedInExchangeOnline",
                "",
                NoMailbox,
            ),
            (
                "GET",
                400,
                "AuthenticationError",
                "Error authenticating with resource",
                NoMailbox,
            ),
            ("GET", 404, "Whatever", profile, NoSuchUser),
            ("GET", 404, "ProfileNotFoundException", "", NoSuchUser),
            ("GET", 404, "Request_ResourceNotFound", "", NoSuchUser),
            (
                "PUT",
                400,
                "ValidationWidthTooSmall",
                "ProfileBadRequestException",
                BadRequest,
            ),
            (
                "GET",
                400,
                "BadRequest",
                "Unsupported segment type. ODataQuery: ...",
                Refused,
            ),
            ("GET", 401, "InvalidAuthenticationToken", "", Unauthorized),
            ("GET", 401, "ImageNotFound", "", Unauthorized),
            ("GET", 403, "ErrorAccessDenied", "", Forbidden),
            ("GET", 403, "ResourceNotFound", "", Forbidden),
            (
                "PUT",
                400,
                "AppOnlyTokenNotSupportedForGroupUpdate",
                "",
                Forbidden,
            ),
            (
                "DELETE",
                405,
                "ErrorInvalidRequest",
                "The OData request is not supported.",
                Refused,
            ),
            (
                "DELETE",
                400,
                "",
                "The OData request is not supported.",
                Refused,
            ),
            ("GET", 406, "UnknownError", "", Refused),
            ("GET", 429, "UnknownError", "", Throttled),
            ("GET", 503, "ApplicationThrottled", "", Throttled),
            (
                "PUT",
                500,
                "ErrorInternalServerError",
                "The file you chose isn't an image.",
                BadRequest,
            ),
            ("GET", 500, "ErrorStoreInternalServerError", "", Service),
            ("PUT", 502, "BadGateway", "", Service),
            ("PUT", 413, "", "", TooLarge),
            ("DELETE", 412, "", "", Conflict),
            ("GET", 404, "", "", NotFound),
            ("GET", 302, "", "", UnexpectedResponse),
        ] {
            assert_eq!(
                kind(method, photo, status, code, message),
                expected,
                "{method} {status} {code} {message}"
            );
        }
    }

    #[test]
    fn only_a_photo_can_be_a_missing_photo() {
        assert_eq!(
            kind("GET", "/users/{id}", 404, "ImageNotFound", ""),
            NotFound
        );
        assert_eq!(
            kind("GET", "/users/{id}", 404, "Request_ResourceNotFound", ""),
            NoSuchUser
        );
    }

    #[test]
    fn an_empty_plain_404_means_no_photo_only_for_a_size() {
        let answer = |path, method, content_type, body_len| {
            classify(&Answer {
                method,
                target: Target::of(path),
                status: 404,
                codes: &[],
                message: "",
                content_type,
                body_len,
            })
        };
        let size = "/me/photos/{profilePhoto-id}/$value";
        assert_eq!(answer(size, "GET", "text/plain; charset=utf-8", 0), NoPhoto);
        assert_eq!(answer(size, "GET", "text/plain", 3), NotFound);
        assert_eq!(answer(size, "GET", "text/html", 0), NotFound);
        assert_eq!(answer(size, "PUT", "text/plain", 0), NotFound);
        assert_eq!(answer("/me/photo/$value", "GET", "text/plain", 0), NotFound);
    }

    #[test]
    fn the_placeholder_needs_all_its_marks() {
        assert!(is_placeholder(
            Some("image/gif"),
            Some(""),
            Some(1),
            Some(1)
        ));
        assert!(is_placeholder(None, None, Some(1), Some(1)));
        assert!(!is_placeholder(
            Some("image/gif"),
            Some("\"1\""),
            Some(1),
            Some(1)
        ));
        assert!(!is_placeholder(
            Some("image/jpeg"),
            Some(""),
            Some(1),
            Some(1)
        ));
        assert!(!is_placeholder(
            Some("image/gif"),
            Some(""),
            Some(48),
            Some(48)
        ));
        assert!(!is_placeholder(Some("image/gif"), Some(""), None, None));
    }

    #[test]
    fn the_placeholder_is_a_picture_of_one_pixel() {
        let picture = image::load_from_memory(&PLACEHOLDER_GIF).unwrap();
        assert_eq!((picture.width(), picture.height()), (1, 1));
        let mut wider = PLACEHOLDER_GIF;
        wider[6] = 2;
        assert!(!is_placeholder_image(&wider));
        assert!(!is_placeholder_image(b"GIF89a"));
        assert!(!is_placeholder_image(b""));
    }
}
