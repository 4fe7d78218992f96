//! The body of an answer.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};

/// Bytes, sent at once.
#[derive(Debug)]
pub(crate) struct AnswerBody {
    bytes: Option<Bytes>,
    length: u64,
}

impl AnswerBody {
    pub(crate) fn empty() -> AnswerBody {
        AnswerBody::full(Bytes::new())
    }

    pub(crate) fn full(bytes: Bytes) -> AnswerBody {
        AnswerBody {
            length: bytes.len() as u64,
            bytes: Some(bytes).filter(|bytes| !bytes.is_empty()),
        }
    }

    pub(crate) fn len(&self) -> u64 {
        self.length
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.bytes.take().map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
    }
}
