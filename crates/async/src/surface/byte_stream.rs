//! A download that is read as it arrives.

use bytes::{Bytes, BytesMut};
use graph_photo_model::error::BoxError;
use graph_photo_model::operation::Operation;
use graph_photo_model::{BearerToken, Error, ErrorKind};
use http::{HeaderMap, StatusCode};

use super::auth::without_token;
use crate::runtime::{Fault, Incoming};

/// The bytes of a photo while they arrive; memory use does not depend on the photo's size.
///
/// Read it chunk by chunk with [`chunk`](Self::chunk), whole with [`bytes`](Self::bytes), or through
/// the traits below that the standard ways of reading take.
pub struct ByteStream {
    /// `None` if all there is to come is in `peeked`.
    incoming: Option<Incoming>,
    operation: &'static Operation,
    /// What Content-Length promised.
    length: Option<u64>,
    received: u64,
    /// Bytes that were looked at but not handed out.
    peeked: Option<Bytes>,
    /// The head of the answer, for errors; only where nobody above keeps it.
    head: Option<Box<(StatusCode, HeaderMap)>>,
    /// What the request was sent with, which no error may repeat.
    token: Option<BearerToken>,
}

impl ByteStream {
    /// [`bytes`](Self::bytes) stops here: 64 MiB, far above any photo Graph stores.
    pub const MAX_BUFFERED: u64 = 64 * 1024 * 1024;

    pub(crate) fn new(
        incoming: Incoming,
        headers: &HeaderMap,
        operation: &'static Operation,
        token: Option<BearerToken>,
    ) -> Self {
        let length = headers
            .get(&http::header::CONTENT_LENGTH)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.parse().ok());
        Self {
            // Where nothing is to come, nothing is waited for.
            incoming: (length != Some(0)).then_some(incoming),
            operation,
            length,
            received: 0,
            peeked: None,
            head: None,
            token,
        }
    }

    /// The same stream with the head of its answer, which its errors then tell. A stream that is
    /// in memory already has none.
    pub(crate) fn with_head(mut self, status: StatusCode, headers: &HeaderMap) -> Self {
        if self.incoming.is_some() {
            self.head = Some(Box::new((status, headers.clone())));
        }
        self
    }

    /// What no error about these bytes may repeat.
    pub(crate) fn token(&self) -> Option<BearerToken> {
        self.token.clone()
    }

    /// A body that is in memory already.
    pub(crate) fn of_bytes(
        bytes: Bytes,
        operation: &'static Operation,
        token: Option<BearerToken>,
    ) -> Self {
        let length = bytes.len() as u64;
        Self {
            incoming: None,
            operation,
            length: Some(length),
            received: length,
            peeked: Some(bytes),
            head: None,
            token,
        }
    }

    /// The size in bytes, if the service announced it.
    pub fn content_length(&self) -> Option<u64> {
        self.length
    }

    /// The next bytes, `None` at the end.
    ///
    /// # Errors
    /// [`ErrorKind::Timeout`] or [`ErrorKind::Body`] when the connection fails on the way, with
    /// status and headers of the answer; bytes already handed out are then not the whole photo.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Error> {
        if let Some(peeked) = self.take_peeked() {
            return Ok(Some(peeked));
        }
        let arrived = match self.incoming() {
            Some(incoming) => incoming.chunk().await,
            None => return Ok(None),
        };
        self.arrived(arrived)
    }

    /// All remaining bytes at once.
    ///
    /// # Errors
    /// As [`chunk`](Self::chunk); [`ErrorKind::UnexpectedResponse`] above
    /// [`MAX_BUFFERED`](Self::MAX_BUFFERED).
    pub async fn bytes(mut self) -> Result<Bytes, Error> {
        self.read_all(Self::MAX_BUFFERED).await
    }

    /// All remaining bytes, unless there are more than `limit`.
    pub(crate) async fn read_all(&mut self, limit: u64) -> Result<Bytes, Error> {
        let Some(incoming) = &mut self.incoming else {
            return Ok(self.take_peeked().unwrap_or_default());
        };
        let announced = self
            .length
            .map(|length| length.saturating_sub(self.received));
        if announced.is_some_and(|length| length > limit) {
            return Err(self.too_large(limit));
        }
        let rest = match incoming.read_all(announced, limit).await {
            Ok(Some(rest)) => rest,
            Ok(None) => return Err(self.too_large(limit)),
            Err(fault) => return Err(self.broken_off(fault.kind, fault.source)),
        };
        self.received += rest.len() as u64;
        self.arrived(Ok(None::<Bytes>))?;
        Ok(match self.peeked.take() {
            None => rest,
            Some(peeked) => [peeked, rest].concat().into(),
        })
    }

    /// The first bytes up to `limit`, whatever happens after them; for error bodies.
    pub(crate) async fn start(&mut self, limit: usize) -> Bytes {
        let Ok(Some(first)) = self.chunk().await else {
            return Bytes::new();
        };
        let mut buffer = BytesMut::from(first);
        while buffer.len() < limit {
            match self.chunk().await {
                Ok(Some(bytes)) => buffer.extend_from_slice(&bytes),
                Ok(None) | Err(_) => break,
            }
        }
        buffer.truncate(limit);
        buffer.freeze()
    }

    /// At least the first `wanted` bytes, unless there are fewer; they are still handed out.
    pub(crate) async fn peek(&mut self, wanted: usize) -> Result<Bytes, Error> {
        let mut start = self.chunk().await?.unwrap_or_default();
        // A first chunk of some hundred kilobytes is no reason to copy it.
        if start.len() < wanted {
            let mut longer = BytesMut::from(start);
            while longer.len() < wanted {
                match self.chunk().await? {
                    Some(bytes) => longer.extend_from_slice(&bytes),
                    None => break,
                }
            }
            start = longer.freeze();
        }
        self.peeked = Some(start.clone()).filter(|start| !start.is_empty());
        Ok(start)
    }

    pub(crate) fn incoming(&mut self) -> Option<&mut Incoming> {
        self.incoming.as_mut()
    }

    pub(crate) fn take_peeked(&mut self) -> Option<Bytes> {
        self.peeked.take().filter(|bytes| !bytes.is_empty())
    }

    pub(crate) fn put_back(&mut self, bytes: Bytes) {
        self.peeked = Some(bytes);
    }

    /// Keeps count of what arrives; an end before its time is an error.
    pub(crate) fn arrived<B: AsRef<[u8]>>(
        &mut self,
        arrived: Result<Option<B>, Fault>,
    ) -> Result<Option<B>, Error> {
        match arrived {
            Ok(Some(bytes)) => {
                self.received += bytes.as_ref().len() as u64;
                Ok(Some(bytes))
            }
            Ok(None) => match self.length {
                Some(length) if length > self.received => {
                    let what =
                        format!("the answer ended after {} of {length} bytes", self.received);
                    Err(self.broken_off(ErrorKind::Body, what.into()))
                }
                _ => Ok(None),
            },
            Err(fault) => Err(self.broken_off(fault.kind, fault.source)),
        }
    }

    fn broken_off(&self, kind: ErrorKind, source: BoxError) -> Error {
        self.headed(Error::transport(kind, Some(self.operation), source))
    }

    fn too_large(&self, limit: u64) -> Error {
        let error = Error::local(
            ErrorKind::UnexpectedResponse,
            format!("the answer is larger than {limit} bytes; read it as a stream"),
        );
        self.headed(error.with_operation(self.operation))
    }

    fn headed(&self, error: Error) -> Error {
        let error = match &self.head {
            Some(head) => error.with_head(head.0, head.1.clone()),
            None => error,
        };
        without_token(error, self.token.as_ref())
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
