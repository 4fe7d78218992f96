//! What a client tells about each request it sends: for logs, metrics and tests.

use std::time::Duration;

use http::{HeaderMap, StatusCode};

use crate::error::ErrorKind;
use crate::operation::Operation;

/// One attempt at a request and its answer's head, as a client's observer sees it.
///
/// No token is in here: Authorization is left out, and a header of the answer that repeats the
/// token is masked. Path and headers can name people; what goes into a log is the observer's
/// decision.
///
/// ```
/// use graph_photo_model::{Exchange, ExchangeOutcome};
///
/// /// A line for a log that names nobody.
/// fn line(exchange: &Exchange<'_>) -> String {
///     let id = |headers: &http::HeaderMap| format!("{:?}", headers.get("request-id"));
///     let outcome = match exchange.outcome {
///         ExchangeOutcome::Answered { status, headers } => format!("{status} {}", id(headers)),
///         ExchangeOutcome::BrokenOff { status, headers, kind } => {
///             format!("{status}, then {kind:?} {}", id(headers))
///         }
///         ExchangeOutcome::Failed(kind) => format!("{kind:?}"),
///         _ => "something new".to_owned(),
///     };
///     format!("{} #{}: {outcome}", exchange.operation.name, exchange.attempt)
/// }
/// # use graph_photo_model::{ErrorKind, operations::ME_GET_PHOTO};
/// # let mut headers = http::HeaderMap::new();
/// # headers.insert("request-id", http::HeaderValue::from_static("r-1"));
/// # let asked = http::HeaderMap::new();
/// # let time = std::time::Duration::from_millis(80);
/// # let exchange = |outcome| Exchange::new(&ME_GET_PHOTO, "/me/photo", &asked, 2, time, outcome, None);
/// let (status, kind) = (http::StatusCode::OK, ErrorKind::Body);
/// let outcome = ExchangeOutcome::BrokenOff { status, headers: &headers, kind };
/// assert_eq!(line(&exchange(outcome)), r#"me_get_photo #2: 200 OK, then Body Some("r-1")"#);
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Exchange<'a> {
    /// What was called.
    pub operation: &'static Operation,
    /// The path and query below the base URL. Ids of people are in it.
    pub path_and_query: &'a str,
    /// The headers of the request but for Authorization.
    pub request_headers: &'a HeaderMap,
    /// The number of the attempt; the first is 1.
    pub attempt: u32,
    /// How long the attempt took: to the head of the answer, or to its end if it was read at once.
    pub elapsed: Duration,
    /// What came back.
    pub outcome: ExchangeOutcome<'a>,
    /// How long the client waits before it tries again; `None` if it does not.
    pub retry_in: Option<Duration>,
}

/// How an [`Exchange`] ended.
///
/// A photo that is streamed is told when its head is there: that its body breaks off later is for
/// who reads it to see.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum ExchangeOutcome<'a> {
    /// The service answered.
    Answered {
        /// The HTTP status.
        status: StatusCode,
        /// The headers of the answer.
        headers: &'a HeaderMap,
    },
    /// A success began to arrive and did not come whole: it broke off, took too long, or was larger
    /// than what the client takes.
    BrokenOff {
        /// The HTTP status, a 2xx.
        status: StatusCode,
        /// The headers of the answer.
        headers: &'a HeaderMap,
        /// Why its body is not there.
        kind: ErrorKind,
    },
    /// No answer came, not even its head.
    Failed(ErrorKind),
}

impl<'a> Exchange<'a> {
    /// Puts a report together.
    #[must_use]
    pub const fn new(
        operation: &'static Operation,
        path_and_query: &'a str,
        request_headers: &'a HeaderMap,
        attempt: u32,
        elapsed: Duration,
        outcome: ExchangeOutcome<'a>,
        retry_in: Option<Duration>,
    ) -> Self {
        Self {
            operation,
            path_and_query,
            request_headers,
            attempt,
            elapsed,
            outcome,
            retry_in,
        }
    }
}
