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
        status: StatusCode,
        headers: HeaderMap,
        incoming: Incoming,
        operation: &'static Operation,
        token: Option<BearerToken>,
    ) -> Self {
        let body = ByteStream::new(incoming, &headers, operation, token);
        Self {
            status,
            headers,
            operation,
            body,
        }
    }

    /// Takes the body into memory.
    pub(crate) async fn read(&mut self, limit: u64) -> Result<(), Error> {
        match self.body.read_all(limit).await {
            Ok(bytes) => {
                self.body = ByteStream::of_bytes(bytes, self.operation, self.body.token());
                Ok(())
            }
            Err(error) => {
                let headers = std::mem::take(&mut self.headers);
                let error = error.with_head(self.status, headers);
                Err(without_token(error, self.body.token().as_ref()))
            }
        }
    }

    /// The body as JSON, at most 16 MiB of it.
    ///
    /// # Errors
    /// [`ErrorKind::UnexpectedResponse`](crate::ErrorKind::UnexpectedResponse) if it is not what
    /// `T` is made of, and as [`ByteStream::bytes`].
    pub async fn json<T: serde::de::DeserializeOwned>(mut self) -> Result<Response<T>, Error> {
        self.read(MAX_JSON).await?;
        let bytes = self.body.take_peeked().unwrap_or_default();
        Response::from_json(self.operation, self.status, self.headers, &bytes)
            .map_err(|error| without_token(error, self.body.token().as_ref()))
    }

    /// The body as it arrives.
    pub fn stream(self) -> Response<ByteStream> {
        let body = self.body.with_head(self.status, &self.headers);
        Response::new(self.status, self.headers, body)
    }

    /// The head, and the body as it arrives: for who hands both on. Unlike those of
    /// [`stream`](Self::stream), errors of this body do not repeat the head.
    ///
    /// ```
    /// # async fn example(answer: graph_photo::Answer) -> Result<(), graph_photo::Error> {
    /// let (status, headers, mut body) = answer.into_parts();
    /// println!("{status}, {} headers", headers.len());
    /// while let Some(chunk) = body.chunk().await? {
    ///     println!("{} bytes", chunk.len());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn into_parts(self) -> (StatusCode, HeaderMap, ByteStream) {
        (self.status, self.headers, self.body)
    }

    /// The start of a body that does not matter beyond `limit` bytes.
    pub(crate) async fn start(&mut self, limit: usize) -> Bytes {
        self.body.start(limit).await
    }

    /// No body; one that comes all the same is read away, so that the connection can be used again.
    ///
    /// # Errors
    /// None today: what follows the head of an answer without a body is of no interest.
    pub async fn empty(mut self) -> Result<Response<()>, Error> {
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
