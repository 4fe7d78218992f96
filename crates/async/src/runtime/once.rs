//! A request body that cannot be sent twice, which keeps reqwest from following a redirect.
//!
//! reqwest follows redirects by the policy of its client, and a client that was brought along may
//! have any. It repeats a request only if it can copy the body, so a body without a copy, an empty
//! one included, makes it hand out the redirect, which is then reported as for any other client.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

/// A body of these bytes, or none at all.
pub(super) fn once(bytes: Option<Bytes>) -> reqwest::Body {
    reqwest::Body::wrap(Once(bytes))
}

struct Once(Option<Bytes>);

impl Body for Once {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.take().map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Some(bytes) => SizeHint::with_exact(bytes.len() as u64),
            // A body known to be empty would be copied.
            None => SizeHint::default(),
        }
    }
}
