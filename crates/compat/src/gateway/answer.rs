//! Answers to legacy callers, and the body that they are sent with.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream as _;
use graph_photo::ByteStream;
use http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Response};
use hyper::body::{Body, Frame, SizeHint};

use super::graph::REQUEST_ID;
use super::record::Record;

/// The media type of the legacy service's documents.
const JSON: HeaderValue = HeaderValue::from_static(
    "application/json; odata.metadata=minimal; odata.streaming=true; IEEE754Compatible=false; charset=utf-8",
);

/// What an answer has at most, so that the map of them need not grow.
const EXPECTED_HEADERS: usize = 6;

const ODATA_VERSION: HeaderName = HeaderName::from_static("odata-version");

/// A body on its way to the caller; in a box, since hyper and we hand it on some twenty times.
pub(crate) struct AnswerBody(Box<Sending>);

struct Sending {
    content: Content,
    /// Written down when the body is gone, whether or not it was read to its end.
    record: Option<Record>,
}

enum Content {
    Whole(Bytes),
    /// A photo as it comes from Graph; `None` if nobody said how much is still to come.
    Photo(ByteStream, Option<u64>),
}

impl AnswerBody {
    pub(crate) fn whole(bytes: Bytes) -> Self {
        Self::of(Content::Whole(bytes))
    }

    fn of(content: Content) -> Self {
        let record = None;
        Self(Box::new(Sending { content, record }))
    }

    /// From here on what is sent is written down.
    pub(crate) fn record(&mut self, record: Record) {
        self.0.record = Some(record);
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = graph_photo::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let Sending { content, record } = &mut *self.get_mut().0;
        let bytes = match content {
            Content::Whole(bytes) if bytes.is_empty() => return Poll::Ready(None),
            Content::Whole(bytes) => std::mem::take(bytes),
            Content::Photo(stream, left) => match ready!(Pin::new(stream).poll_next(context)) {
                None => return Poll::Ready(None),
                Some(Err(error)) => {
                    tracing::warn!(%error, "the photo broke off");
                    return Poll::Ready(Some(Err(error)));
                }
                Some(Ok(bytes)) => {
                    if let Some(left) = left {
                        *left = left.saturating_sub(bytes.len() as u64);
                    }
                    bytes
                }
            },
        };
        if let Some(record) = record {
            record.bytes += bytes.len() as u64;
        }
        Poll::Ready(Some(Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        match &self.0.content {
            Content::Whole(bytes) => bytes.is_empty(),
            Content::Photo(_, left) => *left == Some(0),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0.content {
            Content::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Content::Photo(_, Some(left)) => SizeHint::with_exact(*left),
            Content::Photo(_, None) => SizeHint::default(),
        }
    }
}

/// A document of the legacy service.
pub(crate) fn legacy_json(bytes: Bytes) -> Response<AnswerBody> {
    let mut response = Response::new(AnswerBody::whole(bytes));
    let headers = response.headers_mut();
    headers.reserve(EXPECTED_HEADERS);
    headers.insert(CONTENT_TYPE, JSON);
    headers.insert(ODATA_VERSION, HeaderValue::from_static("4.0"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private"));
    response
}

/// A photo as it arrives, with what its callers get of Graph's headers.
pub(crate) fn photo(from_graph: &HeaderMap, stream: ByteStream) -> Response<AnswerBody> {
    let length = stream.content_length();
    let mut response = Response::new(AnswerBody::of(Content::Photo(stream, length)));
    let headers = response.headers_mut();
    headers.reserve(EXPECTED_HEADERS);
    copy(from_graph, headers, CONTENT_TYPE);
    copy(from_graph, headers, REQUEST_ID);
    if length.is_some() {
        copy(from_graph, headers, CONTENT_LENGTH);
    }
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private"));
    response
}

/// Nothing but a status.
pub(crate) fn empty() -> Response<AnswerBody> {
    Response::new(AnswerBody::whole(Bytes::new()))
}

/// Hands a header of Graph's on. Once for all who do: code that runs once per request comes from a slow cache.
#[inline(never)]
pub(crate) fn copy(from: &HeaderMap, to: &mut HeaderMap, name: HeaderName) {
    if let Some(value) = from.get(&name) {
        to.insert(name, value.clone());
    }
}
