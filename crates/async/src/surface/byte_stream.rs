//! A download that is read as it arrives.

use bytes::{Bytes, BytesMut};
use graph_photo_model::media;
use graph_photo_model::operation::Operation;
use graph_photo_model::{Error, ErrorKind};

use crate::runtime::Incoming;

/// The bytes of a photo while they arrive; memory use does not depend on the photo's size.
///
/// Read it chunk by chunk with [`chunk`](Self::chunk), or whole with [`bytes`](Self::bytes).
pub struct ByteStream {
    incoming: Incoming,
    operation: &'static Operation,
    /// What Content-Length promised.
    length: Option<u64>,
    received: u64,
    /// A chunk that was looked at but not handed out.
    peeked: Option<Bytes>,
}

impl ByteStream {
    /// [`bytes`](Self::bytes) stops here: 64 MiB, far above any photo Graph stores.
    pub const MAX_BUFFERED: u64 = 64 * 1024 * 1024;

    pub(crate) fn new(incoming: Incoming, operation: &'static Operation) -> Self {
        let length = incoming
            .headers
            .get(http::header::CONTENT_LENGTH)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.parse().ok());
        Self {
            incoming,
            operation,
            length,
            received: 0,
            peeked: None,
        }
    }

    /// The size in bytes, if the service announced it.
    pub fn content_length(&self) -> Option<u64> {
        self.length
    }

    /// The next bytes, `None` at the end.
    ///
    /// # Errors
    /// [`ErrorKind::Timeout`] or [`ErrorKind::Body`] when the connection fails on the way; bytes
    /// already handed out are then not the whole photo.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Error> {
        if let Some(peeked) = self.peeked.take() {
            return Ok(Some(peeked));
        }
        match self.incoming.chunk().await {
            Ok(Some(bytes)) => {
                self.received += bytes.len() as u64;
                Ok(Some(bytes))
            }
            Ok(None) => match self.length {
                Some(length) if length > self.received => Err(Error::transport(
                    ErrorKind::Body,
                    Some(self.operation),
                    format!("the answer ended after {} of {length} bytes", self.received),
                )),
                _ => Ok(None),
            },
            Err(fault) => Err(Error::transport(
                fault.kind,
                Some(self.operation),
                fault.source,
            )),
        }
    }

    /// All remaining bytes at once.
    ///
    /// # Errors
    /// As [`chunk`](Self::chunk); [`ErrorKind::Body`] above [`MAX_BUFFERED`](Self::MAX_BUFFERED).
    pub async fn bytes(self) -> Result<Bytes, Error> {
        self.collect(Self::MAX_BUFFERED).await
    }

    /// All remaining bytes, unless there are more than `limit`.
    pub(crate) async fn collect(mut self, limit: u64) -> Result<Bytes, Error> {
        let Some(first) = self.chunk().await? else {
            return Ok(Bytes::new());
        };
        // One chunk is the whole of most metadata answers; no copy then.
        let mut buffer = BytesMut::new();
        let mut last = first;
        while let Some(next) = self.chunk().await? {
            if buffer.is_empty() {
                let expected = usize::try_from(self.length.unwrap_or(0).min(limit)).unwrap_or(0);
                buffer.reserve(expected);
            }
            buffer.extend_from_slice(&last);
            if buffer.len() as u64 + next.len() as u64 > limit {
                return Err(Error::transport(
                    ErrorKind::Body,
                    Some(self.operation),
                    format!("the answer is larger than {limit} bytes; read it as a stream"),
                ));
            }
            last = next;
        }
        if buffer.is_empty() {
            return Ok(last);
        }
        buffer.extend_from_slice(&last);
        Ok(buffer.freeze())
    }

    /// Whether this is the one-pixel gif that stands for "no photo".
    pub(crate) async fn is_placeholder(&mut self) -> Result<bool, Error> {
        let Some(first) = self.chunk().await? else {
            return Ok(false);
        };
        let placeholder =
            media::dimensions(&first).is_some_and(|size| (size.width(), size.height()) == (1, 1));
        self.peeked = Some(first);
        Ok(placeholder)
    }

    /// The first bytes up to `limit`, whatever happens after them; for error bodies.
    pub(crate) async fn start(mut self, limit: usize) -> Bytes {
        let mut buffer = BytesMut::new();
        while buffer.len() < limit {
            match self.chunk().await {
                Ok(Some(bytes)) => buffer.extend_from_slice(&bytes),
                Ok(None) | Err(_) => break,
            }
        }
        buffer.truncate(limit);
        buffer.freeze()
    }
}

impl std::fmt::Debug for ByteStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ByteStream")
            .field("operation", &self.operation.name)
            .field("length", &self.length)
            .field("received", &self.received)
            .finish_non_exhaustive()
    }
}
