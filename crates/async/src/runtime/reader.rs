//! A reader of known length as a request body.
//!
//! reqwest's own stream body has no length and would be sent chunked, which Graph's photo
//! endpoints are not known to accept; this one tells its length and so is sent with
//! Content-Length.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use http_body::{Body, Frame, SizeHint};
use tokio::io::{AsyncRead, ReadBuf};

/// An owned reader for an upload.
pub(crate) type BoxedReader = Pin<Box<dyn AsyncRead + Send + Sync>>;

/// Boxes a reader.
pub(crate) fn boxed(reader: impl AsyncRead + Send + Sync + 'static) -> BoxedReader {
    Box::pin(reader)
}

/// How much is read at a time; a photo of 4 MB takes 64 reads.
const CHUNK: usize = 64 * 1024;

/// Sends exactly `remaining` bytes of a reader.
pub(super) struct SizedReader {
    reader: BoxedReader,
    remaining: u64,
    buffer: BytesMut,
}

impl SizedReader {
    pub(super) fn new(reader: BoxedReader, length: u64) -> Self {
        Self {
            reader,
            remaining: length,
            buffer: BytesMut::new(),
        }
    }
}

impl Body for SizedReader {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let this = &mut *self;
        if this.remaining == 0 {
            return Poll::Ready(None);
        }
        let wanted = usize::try_from(this.remaining).unwrap_or(CHUNK).min(CHUNK);
        this.buffer.resize(wanted, 0);
        let mut buffer = ReadBuf::new(&mut this.buffer);
        let outcome = ready!(this.reader.as_mut().poll_read(context, &mut buffer));
        let read = buffer.filled().len();
        if let Err(error) = outcome {
            return Poll::Ready(Some(Err(error)));
        }
        if read == 0 {
            let error = io::Error::new(
                io::ErrorKind::UnexpectedEof,
                format!(
                    "the reader ended {} bytes before its stated length",
                    this.remaining
                ),
            );
            return Poll::Ready(Some(Err(error)));
        }
        this.remaining -= read as u64;
        let chunk = this.buffer.split_to(read).freeze();
        Poll::Ready(Some(Ok(Frame::data(chunk))))
    }

    fn is_end_stream(&self) -> bool {
        self.remaining == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.remaining)
    }
}
