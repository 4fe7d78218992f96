//! The body of an answer: usually all of it at once, and where a fault wants
//! it so, slowly or not to its end.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::time::Sleep;

use crate::service::HangUp;
use crate::throttle::Admission;

/// Bytes on their way out.
#[derive(Debug)]
pub(crate) struct AnswerBody {
    bytes: Bytes,
    length: u64,
    slowly: Option<Slowly>,
    cut: Cut,
    /// Held until the body is gone: the request is running until then.
    _admission: Option<Admission>,
}

/// A tenth of a second's worth at a time.
#[derive(Debug)]
struct Slowly {
    step: usize,
    sleep: Pin<Box<Sleep>>,
}

#[derive(Debug, PartialEq, Eq)]
enum Cut {
    No,
    /// Send so many bytes, then break off.
    After(usize),
    /// They were sent; give the connection one turn to flush them.
    Flushing,
    Now,
}

const TICK: Duration = Duration::from_millis(100);

impl AnswerBody {
    pub(crate) fn empty() -> AnswerBody {
        AnswerBody::full(Bytes::new())
    }

    pub(crate) fn full(bytes: Bytes) -> AnswerBody {
        AnswerBody {
            length: bytes.len() as u64,
            bytes,
            slowly: None,
            cut: Cut::No,
            _admission: None,
        }
    }

    /// The length that is announced.
    pub(crate) fn len(&self) -> u64 {
        self.length
    }

    /// Breaks off half way, with the full length announced.
    pub(crate) fn truncated(mut self) -> AnswerBody {
        self.cut = Cut::After(self.bytes.len() / 2);
        self
    }

    /// Sends no more than so many bytes a second.
    pub(crate) fn paced(mut self, bytes_per_second: u64) -> AnswerBody {
        let step = usize::try_from(bytes_per_second / 10).unwrap_or(usize::MAX);
        self.slowly = Some(Slowly {
            step: step.max(1),
            sleep: Box::pin(tokio::time::sleep(TICK)),
        });
        self
    }

    pub(crate) fn holding(mut self, admission: Option<Admission>) -> AnswerBody {
        self._admission = admission;
        self
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = HangUp;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, HangUp>>> {
        let this = self.get_mut();
        match this.cut {
            Cut::No => {}
            Cut::After(length) => {
                this.cut = Cut::Flushing;
                let part = this.bytes.split_to(length.min(this.bytes.len()));
                if !part.is_empty() {
                    return Poll::Ready(Some(Ok(Frame::data(part))));
                }
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            Cut::Flushing => {
                this.cut = Cut::Now;
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            Cut::Now => return Poll::Ready(Some(Err(HangUp))),
        }
        if this.bytes.is_empty() {
            return Poll::Ready(None);
        }
        let part = match &mut this.slowly {
            None => std::mem::take(&mut this.bytes),
            Some(slowly) => {
                if slowly.sleep.as_mut().poll(context).is_pending() {
                    return Poll::Pending;
                }
                slowly.sleep.set(tokio::time::sleep(TICK));
                this.bytes.split_to(slowly.step.min(this.bytes.len()))
            }
        };
        Poll::Ready(Some(Ok(Frame::data(part))))
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_empty() && self.cut == Cut::No
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.bytes.len() as u64)
    }
}
