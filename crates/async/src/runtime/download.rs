//! A download as a stream of chunks and as a reader.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use futures_core::Stream;
use graph_photo_model::Error;
use tokio::io::{AsyncRead, ReadBuf};

use crate::surface::{ByteStream, PhotoStream};

fn poll_chunk(
    stream: &mut ByteStream,
    context: &mut Context<'_>,
) -> Poll<Result<Option<Bytes>, Error>> {
    if let Some(peeked) = stream.take_peeked() {
        return Poll::Ready(Ok(Some(peeked)));
    }
    let Some(incoming) = stream.incoming() else {
        return Poll::Ready(Ok(None));
    };
    let arrived = ready!(incoming.poll_chunk(context));
    Poll::Ready(stream.arrived(arrived))
}

/// The chunks as they arrive; after an error the stream is over.
impl Stream for ByteStream {
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        poll_chunk(&mut self, context).map(Result::transpose)
    }
}

/// The bytes as they arrive, for [`tokio::io::copy`]; an error is the source of the I/O error.
impl AsyncRead for ByteStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if let Some(mut chunk) = ready!(poll_chunk(&mut self, context)).map_err(io::Error::other)? {
            let most = chunk.len().min(buffer.remaining());
            buffer.put_slice(&chunk[..most]);
            chunk.advance(most);
            if chunk.has_remaining() {
                self.put_back(chunk);
            }
        }
        Poll::Ready(Ok(()))
    }
}

/// The chunks as they arrive.
impl Stream for PhotoStream {
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(self.bytes_mut()).poll_next(context)
    }
}

/// The bytes as they arrive, for [`tokio::io::copy`].
impl AsyncRead for PhotoStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(self.bytes_mut()).poll_read(context, buffer)
    }
}
