//! The cases against the blocking client.

macro_rules! case {
    ($name:ident $body:block) => {
        #[test]
        fn $name() $body
    };
}
macro_rules! wait {
    ($call:expr) => {
        $call
    };
}
/// The outcome of a call, or its panic.
macro_rules! caught {
    ($call:expr) => {
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| $call))
    };
}
/// What a callback answers.
macro_rules! answer {
    ($value:expr) => {
        $value
    };
}
/// The client under test, and readers and streams as it takes and gives them.
macro_rules! client {
    () => {
        #[allow(unused_imports)]
        use super::io;
        #[allow(unused_imports)]
        use graph_photo_blocking as client;
        #[allow(unused_imports)]
        use graph_photo_blocking::{Client, ErrorKind};
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
    use std::io::Read;

    use bytes::Bytes;
    use graph_photo_blocking::{Error, PhotoStream};

    pub(super) fn reader(bytes: Bytes) -> impl Read + Send + 'static {
        std::io::Cursor::new(bytes)
    }

    pub(super) fn chunks(
        chunks: Vec<std::io::Result<Bytes>>,
    ) -> impl Iterator<Item = std::io::Result<Bytes>> + Send + 'static {
        chunks.into_iter()
    }

    /// Bytes, and then a panic.
    pub(super) fn panicking_reader(start: Bytes, text: String) -> impl Read + Send + 'static {
        struct Panics(String);
        impl Read for Panics {
            fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
                panic!("{}", self.0)
            }
        }
        std::io::Cursor::new(start).chain(Panics(text))
    }

    /// A chunk, and then a panic.
    pub(super) fn panicking_stream(
        start: Bytes,
        text: String,
    ) -> impl Iterator<Item = std::io::Result<Bytes>> + Send + 'static {
        std::iter::once(Ok(start)).chain(std::iter::from_fn(move || panic!("{text}")))
    }

    pub(super) fn read(mut stream: PhotoStream) -> std::io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    pub(super) fn collect(stream: PhotoStream) -> Result<Vec<Bytes>, Error> {
        stream.collect()
    }
}
