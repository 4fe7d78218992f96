//! What can go wrong, in one type for both clients.
//!
//! [`Error`] says what kind of failure it was ([`ErrorKind`]), what the service said about it
//! (status, code, message, request ids, Retry-After, the start of the body) and what to do. Which
//! answer is of which kind is decided in [`crate::no_photo`]; how an error body is read, in the
//! private `envelope`.

mod display;
mod envelope;
mod secret;

use std::borrow::Cow;
use std::error::Error as StdError;
use std::time::{Duration, SystemTime};

use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode};

use crate::no_photo::{Answer, Target, classify, understands};
use crate::operation::Operation;
use crate::retry_after::retry_after;

pub(crate) use envelope::body_text;
use secret::MASK;
pub(crate) use secret::Secret;

/// A boxed source of an error.
pub type BoxError = Box<dyn StdError + Send + Sync>;

/// How much of an error body is kept, in bytes.
pub const MAX_BODY_START: usize = 2048;

/// What kind of failure an [`Error`] is. Both clients report the same kind for the same failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// No connection to the server: name not found, refused, unreachable, proxy refused.
    Connect,
    /// A limit of the client ran out, or the server answered 408.
    Timeout,
    /// The secure connection could not be made, most often an unknown certificate authority.
    Tls,
    /// A body broke off or could not be read, in either direction.
    Body,
    /// Any other failure between client and server.
    Transport,
    /// An argument was refused before anything was sent.
    InvalidInput,
    /// The client was set up in a way that cannot work.
    Configuration,
    /// There is no photo. The curated calls return `None` instead; the one-to-one operations
    /// return this.
    NoPhoto,
    /// The user has no mailbox that could hold a photo, or it cannot be reached.
    NoMailbox,
    /// The directory knows no such user, group or team.
    NoSuchUser,
    /// 401: the token is missing, expired, or made for another service.
    Unauthorized,
    /// 403: the token does not allow the operation.
    Forbidden,
    /// 429 or 509: too many requests.
    Throttled,
    /// The service does not offer the operation on this kind of object (405, 406, 501 and others).
    Refused,
    /// 400 and other 4xx: the service did not accept the request.
    BadRequest,
    /// The photo is larger than the service takes, by our own check or by a 413.
    TooLarge,
    /// 409, 412, 423 or 424: the object changed, is locked, or another request of a batch failed.
    Conflict,
    /// A 404 that says neither "no photo" nor "no mailbox" nor "no user".
    NotFound,
    /// 5xx: the service failed.
    Service,
    /// An answer that is not what the service promises: a redirect without an end, HTML, a body
    /// that does not parse.
    UnexpectedResponse,
}

/// A failure of a call, the same type in both clients.
///
/// [`Display`](std::fmt::Display) is one line with the remedy, without headers and without the
/// body; `Debug` adds the details but masks header values that can hold secrets.
///
/// ```
/// use graph_photo_model::{Error, ErrorKind, Operation};
/// use http::{HeaderMap, StatusCode};
///
/// static GET: Operation = Operation::new("me_get_photo", "GET", "/me/photo");
/// let error = Error::from_response(
///     Some(&GET),
///     StatusCode::NOT_FOUND,
///     HeaderMap::new(),
///     br#"{"error":{"code":"ImageNotFound","message":"No photo."}}"#,
///     std::time::SystemTime::now(),
/// );
/// assert_eq!(error.kind(), ErrorKind::NoPhoto);
/// assert_eq!(error.code(), Some("ImageNotFound"));
/// ```
pub struct Error(Box<Inner>);

/// Boxed, so that a `Result` is not larger for carrying an error.
struct Inner {
    kind: ErrorKind,
    operation: Option<&'static Operation>,
    /// What is wrong in our own words; only for failures that no answer describes.
    detail: Option<Cow<'static, str>>,
    status: Option<StatusCode>,
    headers: HeaderMap,
    code: Option<String>,
    message: Option<String>,
    request_id: Option<String>,
    client_request_id: Option<String>,
    retry_after: Option<Duration>,
    body_start: Option<String>,
    source: Option<BoxError>,
}

impl Error {
    fn new(kind: ErrorKind, operation: Option<&'static Operation>) -> Self {
        Self(Box::new(Inner {
            kind,
            operation,
            detail: None,
            status: None,
            headers: HeaderMap::new(),
            code: None,
            message: None,
            request_id: None,
            client_request_id: None,
            retry_after: None,
            body_start: None,
            source: None,
        }))
    }

    /// An unsuccessful answer of the service. `now` is what a Retry-After date is counted from.
    ///
    /// No body is so broken that status and headers are lost: what cannot be read is ignored.
    #[must_use]
    pub fn from_response(
        operation: Option<&'static Operation>,
        status: StatusCode,
        headers: HeaderMap,
        body: &[u8],
        now: SystemTime,
    ) -> Self {
        let (method, target) = match operation {
            Some(operation) => (operation.method, Target::of(operation.path)),
            None => ("", Target::Other),
        };
        let envelope = envelope::read(body);
        let content_type = headers
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let answer = Answer {
            method,
            target,
            status: status.as_u16(),
            codes: &envelope.codes,
            message: envelope.message.as_deref().unwrap_or_default(),
            content_type,
            body_len: body.len(),
        };
        let kind = classify(&answer);
        let code = envelope
            .codes
            .iter()
            .rev()
            .find(|code| understands(&answer, code))
            .or_else(|| envelope.codes.first())
            .cloned();

        let mut error = Self::new(kind, operation);
        error.0.retry_after = retry_after(&headers, now);
        error.0.code = code;
        error.0.message = envelope.message;
        error.0.request_id = envelope.request_id;
        error.0.client_request_id = envelope.client_request_id;
        error.answered(status, headers, body);
        error
    }

    /// A successful answer whose body is not what the operation promises.
    #[must_use]
    pub fn decode(
        operation: &'static Operation,
        status: StatusCode,
        headers: HeaderMap,
        body: &[u8],
        source: impl Into<BoxError>,
    ) -> Self {
        let mut error = Self::new(ErrorKind::UnexpectedResponse, Some(operation));
        error.0.source = Some(source.into());
        error.answered(status, headers, body);
        error
    }

    /// A failure between client and server. `kind` is one of `Connect`, `Timeout`, `Tls`, `Body`
    /// and `Transport`. The source must not print the URL: it holds user names.
    #[must_use]
    pub fn transport(
        kind: ErrorKind,
        operation: Option<&'static Operation>,
        source: impl Into<BoxError>,
    ) -> Self {
        let mut error = Self::new(kind, operation);
        error.0.source = Some(source.into());
        error
    }

    /// The same failure of an answer whose head had arrived: status, headers and ids are kept, for
    /// the request id is what Microsoft's support asks for.
    ///
    /// ```
    /// use graph_photo_model::{Error, ErrorKind};
    /// use http::{HeaderMap, HeaderValue, StatusCode};
    ///
    /// let mut headers = HeaderMap::new();
    /// headers.insert("request-id", HeaderValue::from_static("r-1"));
    /// let error = Error::transport(ErrorKind::Body, None, "connection reset")
    ///     .with_head(StatusCode::OK, headers);
    /// assert_eq!(error.status(), Some(StatusCode::OK));
    /// assert_eq!(error.request_id(), Some("r-1"));
    /// ```
    #[must_use]
    pub fn with_head(mut self, status: StatusCode, headers: HeaderMap) -> Self {
        self.headed(status, headers);
        self
    }

    /// The failure of a request that stood for several, as that of one of them: the same in all but
    /// the operation. The cause is there as text.
    ///
    /// ```
    /// use graph_photo_model::operations::{TEAM_GET_PHOTO, USER_GET_PHOTO};
    /// use graph_photo_model::{Error, ErrorKind};
    ///
    /// let batch = Error::transport(ErrorKind::Timeout, None, "nothing came for 100 s");
    /// let [user, team] = [&USER_GET_PHOTO, &TEAM_GET_PHOTO].map(|item| batch.of_operation(item));
    /// assert_eq!(user.kind(), ErrorKind::Timeout);
    /// assert_eq!(team.operation().map(|item| item.name), Some("team_get_photo"));
    /// ```
    #[must_use]
    pub fn of_operation(&self, operation: &'static Operation) -> Self {
        let inner = &*self.0;
        Self(Box::new(Inner {
            kind: inner.kind,
            operation: Some(operation),
            detail: inner.detail.clone(),
            status: inner.status,
            headers: inner.headers.clone(),
            code: inner.code.clone(),
            message: inner.message.clone(),
            request_id: inner.request_id.clone(),
            client_request_id: inner.client_request_id.clone(),
            retry_after: inner.retry_after,
            body_start: inner.body_start.clone(),
            source: inner.source.as_ref().map(|source| causes(&**source).into()),
        }))
    }

    /// An argument that was refused before anything was sent. `why` continues the sentence that
    /// starts with the name: `is empty`.
    #[must_use]
    pub fn invalid_input(name: &str, why: impl AsRef<str>) -> Self {
        Self::local(ErrorKind::InvalidInput, format!("{name} {}", why.as_ref()))
    }

    /// A client that was set up in a way that cannot work.
    #[must_use]
    pub fn configuration(why: impl Into<Cow<'static, str>>) -> Self {
        Self::local(ErrorKind::Configuration, why)
    }

    /// A failure found on this side, with its description.
    #[must_use]
    pub fn local(kind: ErrorKind, detail: impl Into<Cow<'static, str>>) -> Self {
        let mut error = Self::new(kind, None);
        error.0.detail = Some(detail.into());
        error
    }

    fn answered(&mut self, status: StatusCode, headers: HeaderMap, body: &[u8]) {
        self.0.body_start = Some(envelope::body_start(body));
        self.headed(status, headers);
    }

    fn headed(&mut self, status: StatusCode, headers: HeaderMap) {
        let inner = &mut *self.0;
        let id = |name: &str| {
            let value = headers.get(name)?.to_str().ok()?;
            Some(envelope::clip(value, envelope::MAX_CODE))
        };
        // The headers are what the service as a whole says; a body can come from a part of it.
        inner.request_id = id("request-id").or(inner.request_id.take());
        inner.client_request_id = id("client-request-id").or(inner.client_request_id.take());
        inner.status = Some(status);
        inner.headers = headers;
    }

    /// The same error with the operation it belongs to, if it has none yet.
    #[must_use]
    pub fn with_operation(mut self, operation: &'static Operation) -> Self {
        self.0.operation.get_or_insert(operation);
        self
    }

    /// The same error with its cause.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<BoxError>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// The same error with every occurrence of a secret masked. A server, or something in between,
    /// can repeat the token it was sent; the clients call this before an error leaves them.
    ///
    /// A secret of fewer than 8 bytes counts only where it stands as a word of its own: no service
    /// issues such tokens, tests use them, and masking each `t` would leave no text. A cause that
    /// repeats the secret is replaced by its text, masked.
    ///
    /// ```
    /// use graph_photo_model::{Error, ErrorKind};
    ///
    /// let error = Error::transport(ErrorKind::Connect, None, "407: no Bearer eyJ0eXAi.e30.c2ln here")
    ///     .without_secret("eyJ0eXAi.e30.c2ln");
    /// let source = std::error::Error::source(&error).map(|source| source.to_string());
    /// assert_eq!(source.as_deref(), Some("407: no Bearer [masked] here"));
    /// ```
    #[must_use]
    pub fn without_secret(mut self, secret: &str) -> Self {
        if secret.is_empty() {
            return self;
        }
        let secret = Secret(secret);
        let inner = &mut *self.0;
        let texts = [
            &mut inner.code,
            &mut inner.message,
            &mut inner.request_id,
            &mut inner.client_request_id,
            &mut inner.body_start,
        ];
        for text in texts.into_iter().flatten() {
            if let Some(masked) = secret.masked(text) {
                *text = masked;
            }
        }
        // What is not owned is in the source of a client, where no secret is.
        if let Some(Cow::Owned(detail)) = &mut inner.detail
            && let Some(masked) = secret.masked(detail)
        {
            *detail = masked;
        }
        secret.mask_headers(&mut inner.headers);
        let leaks = |error: &BoxError| {
            chain(&**error).any(|cause| {
                [cause.to_string(), format!("{cause:?}")]
                    .iter()
                    .any(|text| secret.masked(text).is_some())
            })
        };
        if let Some(source) = inner.source.take_if(|source| leaks(source)) {
            let text = causes(&*source);
            inner.source = Some(secret.masked(&text).unwrap_or(text).into());
        }
        self
    }

    /// What kind of failure this is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The HTTP status, if the server answered.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        self.0.status
    }

    /// Graph's error code, the most detailed one that is understood, else the outermost.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// Graph's error message, at most 1,024 bytes of it. It can name people.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.0.message.as_deref()
    }

    /// The id that the service gave the request; Microsoft's support asks for it.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// The id that the client gave the request, as the service repeats it.
    #[must_use]
    pub fn client_request_id(&self) -> Option<&str> {
        self.0.client_request_id.as_deref()
    }

    /// How long the service asked to wait before the next try.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// The headers of the answer; empty if there was none.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.0.headers
    }

    /// The first [`MAX_BODY_START`] bytes of the answer's body as text; what is no text is replaced.
    #[must_use]
    pub fn body_start(&self) -> Option<&str> {
        self.0.body_start.as_deref()
    }

    /// The operation that failed, if it was known by then.
    #[must_use]
    pub fn operation(&self) -> Option<&'static Operation> {
        self.0.operation
    }

    /// For [`ErrorKind::Forbidden`]: the least privileged permissions that allow the operation, one
    /// of which the token probably lacks. Empty for other kinds and where no table is known.
    #[must_use]
    pub fn missing_permissions(&self) -> Vec<&'static str> {
        match (self.0.kind, self.0.operation) {
            (ErrorKind::Forbidden, Some(operation)) => operation.permissions.least(),
            _ => Vec::new(),
        }
    }
}

/// An error and what it came from, outermost first.
fn chain<'e>(
    error: &'e (dyn StdError + 'static),
) -> impl Iterator<Item = &'e (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |cause: &&'e (dyn StdError + 'static)| {
        (*cause).source()
    })
}

/// The texts of an error and of what it came from, in one line. Errors that print their cause
/// themselves are not told twice.
fn causes(error: &(dyn StdError + 'static)) -> String {
    let mut told = String::new();
    for cause in chain(error).map(ToString::to_string) {
        if told.is_empty() {
            told = cause;
        } else if !told.contains(&cause) {
            told = format!("{told}: {cause}");
        }
    }
    told
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0
            .source
            .as_ref()
            .map(|source| &**source as &(dyn StdError + 'static))
    }
}

#[cfg(test)]
mod tests;
