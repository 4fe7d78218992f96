//! A reader or a stream of known length as a request body.
//!
//! reqwest's own stream body has no length and would be sent chunked, which Graph's photo
//! endpoints are not known to accept; this one tells its length and so is sent with
//! Content-Length.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use graph_photo_model::error::BoxError;
use http_body::{Body, Frame, SizeHint};
use tokio::io::{AsyncRead, ReadBuf};

/// How much is read at a time; a photo of 4 MB takes 64 reads.
const CHUNK: usize = 64 * 1024;

/// Where the bytes of an upload come from, and those already taken from there.
pub(crate) struct Upload {
    start: BytesMut,
    /// Behind a lock that is never contended: reqwest wants bodies that are `Sync`.
    source: Mutex<Source>,
    buffer: BytesMut,
}

enum Source {
    Reader(Pin<Box<dyn AsyncRead + Send>>),
    Stream(Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>),
}

impl Upload {
    pub(crate) fn from_reader(reader: impl AsyncRead + Send + 'static) -> Self {
        Self::new(Source::Reader(Box::pin(reader)))
    }

    pub(crate) fn from_stream<S, E>(chunks: S) -> Self
    where
        S: Stream<Item = Result<Bytes, E>> + Send + 'static,
        E: Into<BoxError> + 'static,
    {
        Self::new(Source::Stream(Box::pin(IoStream(Box::pin(chunks)))))
    }

    fn new(source: Source) -> Self {
        Self {
            start: BytesMut::new(),
            source: Mutex::new(source),
            buffer: BytesMut::new(),
        }
    }

    /// The first `wanted` bytes, or all if there are fewer; they are still sent.
    pub(crate) async fn start(&mut self, wanted: usize) -> io::Result<&[u8]> {
        while self.start.len() < wanted {
            match poll_fn(|context| self.poll_more(context)).await? {
                Some(bytes) => self.start.extend_from_slice(&bytes),
                None => break,
            }
        }
        Ok(&self.start)
    }

    /// The body of a request that sends exactly `length` bytes.
    pub(super) fn into_body(self, length: u64) -> UploadBody {
        UploadBody {
            upload: self,
            remaining: length,
        }
    }

    fn poll_more(&mut self, context: &mut Context<'_>) -> Poll<io::Result<Option<Bytes>>> {
        match self
            .source
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner)
        {
            Source::Stream(stream) => stream.as_mut().poll_next(context).map(Option::transpose),
            Source::Reader(reader) => {
                self.buffer.resize(CHUNK, 0);
                let mut buffer = ReadBuf::new(&mut self.buffer);
                ready!(reader.as_mut().poll_read(context, &mut buffer))?;
                let read = buffer.filled().len();
                Poll::Ready(Ok((read > 0).then(|| self.buffer.split_to(read).freeze())))
            }
        }
    }
}

/// A stream of chunks with its errors as I/O errors.
struct IoStream<S>(Pin<Box<S>>);

impl<S, E> Stream for IoStream<S>
where
    S: Stream<Item = Result<Bytes, E>>,
    E: Into<BoxError>,
{
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0
            .as_mut()
            .poll_next(context)
            .map(|next| next.map(|chunk| chunk.map_err(io::Error::other)))
    }
}

/// Sends exactly `remaining` bytes.
pub(super) struct UploadBody {
    upload: Upload,
    remaining: u64,
}

impl Body for UploadBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if self.remaining == 0 {
            return Poll::Ready(None);
        }
        let next = if self.upload.start.is_empty() {
            loop {
                match ready!(self.upload.poll_more(context)) {
                    Ok(Some(chunk)) if chunk.is_empty() => {}
                    other => break other,
                }
            }
        } else {
            Ok(Some(self.upload.start.split().freeze()))
        };
        Poll::Ready(Some(match next {
            Ok(Some(mut chunk)) => {
                let most = usize::try_from(self.remaining).unwrap_or(usize::MAX);
                chunk.truncate(most);
                self.remaining -= chunk.len() as u64;
                Ok(Frame::data(chunk))
            }
            Ok(None) => Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                format!(
                    "the upload ended {} bytes before its stated length",
                    self.remaining
                ),
            )),
            Err(error) => Err(error),
        }))
    }

    fn is_end_stream(&self) -> bool {
        self.remaining == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.remaining)
    }
}
