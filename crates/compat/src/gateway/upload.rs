//! A photo on its way from a caller to Graph, piece by piece.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use graph_photo::Body;
use graph_photo_model::error::BoxError;
use graph_photo_model::media::{self, MAX_UPLOAD_BYTES};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, Response, StatusCode};
use hyper::body::{Body as _, Incoming};
use tokio::time::{Sleep, sleep};

use super::answer::{AnswerBody, empty};
use super::graph::Ask;
use super::refusal::Refusal;

/// The most that is read and thrown away of a body nobody wants, so that its sender gets to read why.
const MAX_DRAIN: u64 = 8 * MAX_UPLOAD_BYTES;

/// Sets a photo. Whatever success Graph reports, v2.0 answered 200 and nothing more.
pub(crate) async fn set(
    ask: &Ask<'_>,
    body: Incoming,
    patience: Duration,
) -> Result<Response<AnswerBody>, Refusal> {
    let mut pieces = Pieces::new(body, patience);
    let result = send(ask, &mut pieces).await;
    if result.is_err() {
        // Graph may have answered before all was sent.
        pieces.drain().await;
    }
    result.map(|()| empty())
}

async fn send(ask: &Ask<'_>, pieces: &mut Pieces) -> Result<(), Refusal> {
    let length = length(ask.headers)?;
    let first = match pieces.next().await {
        Some(Ok(first)) => first,
        None => Bytes::new(),
        Some(Err(_)) => return Err(pieces.broke_off()),
    };
    let content_type = content_type(ask.headers, &first);
    let body = Body::from_stream(pieces.restarted(first), length);
    match ask.set(content_type, body).await {
        Ok(()) => Ok(()),
        Err(_) if pieces.failed() => Err(pieces.broke_off()),
        Err(error) => Err(error.into()),
    }
}

/// The length, which Graph wants to be told before the first byte.
fn length(headers: &HeaderMap) -> Result<u64, Refusal> {
    let length = headers
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.parse().ok());
    match length {
        None => Err(Refusal::new(
            StatusCode::LENGTH_REQUIRED,
            "ErrorInvalidRequest",
            "Send the photo with a Content-Length; it is handed on as it comes, and Microsoft Graph has to be told.",
        )),
        Some(length) if length > MAX_UPLOAD_BYTES => Err(Refusal::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "ErrorMessageSizeExceeded",
            format!("The photo has {length} bytes; Microsoft Graph takes {MAX_UPLOAD_BYTES}."),
        )),
        Some(length) => Ok(length),
    }
}

/// What Graph is told the photo is: what the caller says if that is an image, else what its first bytes show.
fn content_type(headers: &HeaderMap, first: &[u8]) -> &'static str {
    let given = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(media::ImageKind::from_content_type);
    given
        .or_else(|| media::sniff(first))
        .map_or("image/jpeg", |kind| kind.content_type())
}

/// Reads a body to its end, within bounds.
pub(crate) async fn drain(body: Incoming, patience: Duration) {
    if !body.is_end_stream() {
        Pieces::new(body, patience).drain().await;
    }
}

/// The pieces of a body. What Graph did not want of it is still here when the call to Graph is over.
struct Pieces {
    body: Arc<Mutex<Incoming>>,
    first: Option<Bytes>,
    patience: Duration,
    /// How long the next piece may still take.
    wait: Option<Pin<Box<Sleep>>>,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    failed: AtomicBool,
    late: AtomicBool,
}

impl Pieces {
    fn new(body: Incoming, patience: Duration) -> Self {
        Self {
            body: Arc::new(Mutex::new(body)),
            first: None,
            patience,
            wait: None,
            state: Arc::default(),
        }
    }

    /// All pieces, for the client to send.
    fn restarted(&self, first: Bytes) -> Self {
        Self {
            body: Arc::clone(&self.body),
            first: Some(first).filter(|first| !first.is_empty()),
            patience: self.patience,
            wait: None,
            state: Arc::clone(&self.state),
        }
    }

    async fn next(&mut self) -> Option<Result<Bytes, BoxError>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    async fn drain(&mut self) {
        let mut read = 0;
        while let Some(Ok(bytes)) = self.next().await {
            read += bytes.len() as u64;
            if read > MAX_DRAIN {
                break;
            }
        }
    }

    /// Whether it was the caller who did not go on.
    fn failed(&self) -> bool {
        self.state.failed.load(Ordering::Relaxed)
    }

    fn broke_off(&self) -> Refusal {
        let (status, message) = if self.state.late.load(Ordering::Relaxed) {
            (
                StatusCode::REQUEST_TIMEOUT,
                "The photo did not go on arriving.",
            )
        } else {
            (StatusCode::BAD_REQUEST, "The photo could not be read.")
        };
        Refusal::new(status, "ErrorInvalidRequest", message).closing()
    }
}

impl Stream for Pieces {
    type Item = Result<Bytes, BoxError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        if let Some(first) = this.first.take() {
            return Poll::Ready(Some(Ok(first)));
        }
        if this.failed() {
            return Poll::Ready(None);
        }
        loop {
            let frame = {
                // Never contended: whoever drains does so when nobody sends any more.
                let mut body = this.body.lock().unwrap_or_else(PoisonError::into_inner);
                Pin::new(&mut *body).poll_frame(context)
            };
            match frame {
                Poll::Ready(Some(Ok(frame))) => {
                    this.wait = None;
                    match frame.into_data() {
                        Ok(bytes) if !bytes.is_empty() => return Poll::Ready(Some(Ok(bytes))),
                        _ => continue,
                    }
                }
                Poll::Ready(Some(Err(error))) => {
                    this.state.failed.store(true, Ordering::Relaxed);
                    return Poll::Ready(Some(Err(error.into())));
                }
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Pending => {
                    let wait = this
                        .wait
                        .get_or_insert_with(|| Box::pin(sleep(this.patience)));
                    ready!(wait.as_mut().poll(context));
                    this.state.failed.store(true, Ordering::Relaxed);
                    this.state.late.store(true, Ordering::Relaxed);
                    return Poll::Ready(Some(Err("the caller took too long".into())));
                }
            }
        }
    }
}
