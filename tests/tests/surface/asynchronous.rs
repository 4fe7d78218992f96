//! The cases against the async client.

macro_rules! case {
    ($name:ident $body:block) => {
        #[tokio::test(flavor = "multi_thread")]
        async fn $name() $body
    };
}
macro_rules! wait {
    ($call:expr) => {
        $call.await
    };
}
/// The outcome of a call, or its panic.
macro_rules! caught {
    ($call:expr) => {
        futures_util::FutureExt::catch_unwind(std::panic::AssertUnwindSafe(async { $call })).await
    };
}
/// What a callback answers.
macro_rules! answer {
    ($value:expr) => {
        std::future::ready($value)
    };
}
/// The client under test, and readers and streams as it takes and gives them.
macro_rules! client {
    () => {
        #[allow(unused_imports)]
        use super::io;
        #[allow(unused_imports)]
        use graph_photo as client;
        #[allow(unused_imports)]
        use graph_photo::{Client, ErrorKind};
    };
}

#[allow(clippy::duplicate_mod)]
#[path = "batches.rs"]
mod batches;
#[allow(clippy::duplicate_mod)]
#[path = "panics.rs"]
mod panics;
#[allow(clippy::duplicate_mod)]
#[path = "proxies.rs"]
mod proxies;
#[allow(clippy::duplicate_mod)]
#[path = "reads.rs"]
mod reads;
#[allow(clippy::duplicate_mod)]
#[path = "security.rs"]
mod security;
#[allow(clippy::duplicate_mod)]
#[path = "settings.rs"]
mod settings;
#[allow(clippy::duplicate_mod)]
#[path = "tls.rs"]
mod tls;
#[allow(clippy::duplicate_mod)]
#[path = "tokens.rs"]
mod tokens;
#[allow(clippy::duplicate_mod)]
#[path = "writes.rs"]
mod writes;

mod io {
    use std::pin::Pin;
    use std::task::{Context, Poll};

    use bytes::Bytes;
    use graph_photo::{Error, PhotoStream};
    use tokio::io::{AsyncRead, AsyncReadExt, ReadBuf};

    pub(super) fn reader(bytes: Bytes) -> impl AsyncRead + Send + 'static {
        std::io::Cursor::new(bytes)
    }

    pub(super) fn chunks(
        chunks: Vec<std::io::Result<Bytes>>,
    ) -> impl futures_util::Stream<Item = std::io::Result<Bytes>> + Send + 'static {
        futures_util::stream::iter(chunks)
    }

    /// Bytes, and then a panic.
    pub(super) fn panicking_reader(start: Bytes, text: String) -> impl AsyncRead + Send + 'static {
        struct Panics(String);
        impl AsyncRead for Panics {
            fn poll_read(
                self: Pin<&mut Self>,
                _: &mut Context<'_>,
                _: &mut ReadBuf<'_>,
            ) -> Poll<std::io::Result<()>> {
                panic!("{}", self.0)
            }
        }
        std::io::Cursor::new(start).chain(Panics(text))
    }

    /// A chunk, and then a panic.
    pub(super) fn panicking_stream(
        start: Bytes,
        text: String,
    ) -> impl futures_util::Stream<Item = std::io::Result<Bytes>> + Send + 'static {
        let end = futures_util::stream::poll_fn(move |_| panic!("{text}"));
        futures_util::StreamExt::chain(futures_util::stream::iter([Ok(start)]), end)
    }

    pub(super) async fn read(mut stream: PhotoStream) -> std::io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).await?;
        Ok(bytes)
    }

    pub(super) async fn collect(stream: PhotoStream) -> Result<Vec<Bytes>, Error> {
        use futures_util::TryStreamExt;

        stream.try_collect().await
    }
}
