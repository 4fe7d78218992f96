//! A successful answer on its way to its type.

use bytes::Bytes;
use graph_photo_model::operation::Operation;
use graph_photo_model::{BearerToken, Error, Response};
use http::{HeaderMap, StatusCode};

use super::auth::without_token;
use super::byte_stream::ByteStream;
use crate::runtime::Incoming;

/// JSON answers above this are refused: 16 MiB, for documents of a few hundred bytes.
pub(crate) const MAX_JSON: u64 = 16 * 1024 * 1024;

/// The answer to [`Operations::exec`](super::Operations::exec), its status already found to be a
/// success.
pub struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    operation: &'static Operation,
    body: ByteStream,
}

impl Answer {
    pub(crate) fn new(
        mut incoming: Incoming,
        operation: &'static Operation,
        token: Option<BearerToken>,
    ) -> Self {
        let (status, headers) = (incoming.status, std::mem::take(&mut incoming.headers));
        let body = ByteStream::new(incoming, &headers, operation, token);
        Self {
            status,
            headers,
            operation,
            body,
        }
    }

    /// The same answer with its body in memory.
    pub(crate) async fn read(self, limit: u64) -> Result<Self, Error> {
        let token = self.body.token();
        match self.body.collect(limit).await {
            Ok(bytes) => Ok(Self {
                body: ByteStream::of_bytes(bytes, self.operation, token),
                ..self
            }),
            Err(error) => Err(without_token(
                error.with_head(self.status, self.headers),
                token.as_ref(),
            )),
        }
    }

    /// The body as JSON, at most 16 MiB of it.
    ///
    /// # Errors
    /// [`ErrorKind::UnexpectedResponse`](crate::ErrorKind::UnexpectedResponse) if it is not what
    /// `T` is made of, and as [`ByteStream::bytes`].
    pub async fn json<T: serde::de::DeserializeOwned>(self) -> Result<Response<T>, Error> {
        let token = self.body.token();
        let answer = self.read(MAX_JSON).await?;
        let bytes = answer.body.bytes().await?;
        Response::from_json(answer.operation, answer.status, answer.headers, &bytes)
            .map_err(|error| without_token(error, token.as_ref()))
    }

    /// The body as it arrives.
    pub fn stream(self) -> Response<ByteStream> {
        let body = self.body.with_head(self.status, &self.headers);
        Response::new(self.status, self.headers, body)
    }

    /// The head, and the start of a body that does not matter beyond `limit` bytes.
    pub(crate) async fn start(self, limit: usize) -> (StatusCode, HeaderMap, Bytes) {
        (self.status, self.headers, self.body.start(limit).await)
    }

    /// No body; one that comes all the same is read away, so that the connection can be used again.
    ///
    /// # Errors
    /// None today: what follows the head of an answer without a body is of no interest.
    pub async fn empty(self) -> Result<Response<()>, Error> {
        self.body.start(MAX_JSON as usize).await;
        Ok(Response::new(self.status, self.headers, ()))
    }
}

/// Without headers and body, which can say whose photo it is.
impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Answer")
            .field("operation", &self.operation.name)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}
