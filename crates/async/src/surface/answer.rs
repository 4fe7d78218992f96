//! A successful answer on its way to its type.

use graph_photo_model::operation::Operation;
use graph_photo_model::{Error, Response};

use super::byte_stream::ByteStream;
use crate::runtime::Incoming;

/// JSON answers above this are refused: 16 MiB, for documents of a few hundred bytes.
const MAX_JSON: u64 = 16 * 1024 * 1024;

/// The answer to an operation, its status already found to be a success.
pub(crate) struct Answer {
    incoming: Incoming,
    operation: &'static Operation,
}

impl Answer {
    pub(crate) fn new(incoming: Incoming, operation: &'static Operation) -> Self {
        Self {
            incoming,
            operation,
        }
    }

    /// The body as JSON.
    pub(crate) async fn json<T: serde::de::DeserializeOwned>(self) -> Result<Response<T>, Error> {
        let (status, headers) = (self.incoming.status, self.incoming.headers.clone());
        let bytes = ByteStream::new(self.incoming, self.operation)
            .collect(MAX_JSON)
            .await?;
        Response::from_json(self.operation, status, headers, &bytes)
    }

    /// The body as it arrives.
    pub(crate) fn stream(self) -> Response<ByteStream> {
        let (status, headers) = (self.incoming.status, self.incoming.headers.clone());
        Response::new(
            status,
            headers,
            ByteStream::new(self.incoming, self.operation),
        )
    }

    /// No body; one that comes all the same is read away, so that the connection can be used again.
    pub(crate) async fn empty(self) -> Result<Response<()>, Error> {
        let (status, headers) = (self.incoming.status, self.incoming.headers.clone());
        ByteStream::new(self.incoming, self.operation)
            .start(MAX_JSON as usize)
            .await;
        Ok(Response::new(status, headers, ()))
    }
}
