//! What a client tells about each request it sends: for logs, metrics and tests.

use std::time::Duration;

use http::{HeaderMap, StatusCode};

use crate::error::ErrorKind;
use crate::operation::Operation;

/// One attempt at a request and its answer's head, as a client's observer sees it.
///
/// No token is in here. Path and headers can name people; what goes into a log is the observer's
/// decision.
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
#[derive(Clone, Copy, Debug)]
pub enum ExchangeOutcome<'a> {
    /// The service answered.
    Answered {
        /// The HTTP status.
        status: StatusCode,
        /// The headers of the answer.
        headers: &'a HeaderMap,
    },
    /// No whole answer came.
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
