//! What only the async client has: reqwest and hyper, tokio's clock, readers and streams.
//!
//! Everything above this module is written once, in [`crate::surface`], and derived for the
//! blocking client, whose own `runtime` offers the same names. Keep this small: what can be said
//! without a backend belongs into the surface or the model crate.

mod download;
mod http;
mod once;
#[cfg(feature = "hyper")]
mod origin;
#[cfg(feature = "hyper")]
mod pool;
mod trust;
mod upload;

use std::future::Future;
use std::path::Path;
use std::pin::Pin;
use std::time::Duration;

pub(crate) use self::http::{Backend, Fault, Http, Incoming};
pub(crate) use self::upload::Upload;
pub(crate) use futures_core::Stream;
pub(crate) use tokio::io::AsyncRead;
pub(crate) use tokio::sync::Mutex;

/// What a callback gives: now in the blocking client, later in this one.
pub(crate) type Later<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Boxes what a callback gives.
pub(crate) fn later<T>(future: impl Future<Output = T> + Send + 'static) -> Later<T> {
    Box::pin(future)
}

/// Waits; dropping the future stops the wait.
pub(crate) async fn sleep(wait: Duration) {
    tokio::time::sleep(wait).await;
}

/// A file's bytes, or one more than `limit` of them.
pub(crate) async fn read_file(path: &Path, limit: u64) -> std::io::Result<Vec<u8>> {
    use tokio::io::AsyncReadExt;

    let file = tokio::fs::File::open(path).await?;
    let mut bytes = Vec::new();
    file.take(limit + 1).read_to_end(&mut bytes).await?;
    Ok(bytes)
}

/// Makes a call inside a span.
macro_rules! in_span {
    ($span:expr, $call:expr) => {
        tracing::Instrument::instrument($call, $span).await
    };
}
pub(crate) use in_span;
