//! What only the async client has: reqwest, tokio's clock and readers.
//!
//! Everything above this module is written once, in [`crate::surface`], and derived for the
//! blocking client, whose own `runtime` offers the same names. Keep this small: what can be said
//! without a backend belongs into the surface or the model crate.

mod http;
mod reader;

use std::time::Duration;

pub(crate) use self::http::{Http, Incoming};
pub(crate) use self::reader::{BoxedReader, boxed};
pub(crate) use tokio::io::AsyncRead;

/// Waits; dropping the future stops the wait.
pub(crate) async fn sleep(wait: Duration) {
    tokio::time::sleep(wait).await;
}
