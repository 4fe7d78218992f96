//! What only the blocking client has: ureq, the thread's clock, readers and iterators.
//!
//! Everything above this module is derived from the async client's surface, whose own `runtime`
//! offers the same names. Keep this small: what can be said without a backend belongs into the
//! surface or the model crate.

mod download;
mod http;
mod trust;
mod upload;

use std::path::Path;
use std::sync::{MutexGuard, PoisonError};
use std::time::Duration;

#[cfg(feature = "oauth")]
pub(crate) use self::http::sign_in_agent;
pub(crate) use self::http::{Backend, Fault, Http, Incoming};
pub(crate) use self::upload::Upload;
pub(crate) use std::io::Read;
pub(crate) use std::iter::Iterator;

/// What a callback gives: now, where it is later in the async client.
pub(crate) type Later<T> = T;

/// What a callback gave.
pub(crate) fn later<T>(value: T) -> Later<T> {
    value
}

/// A lock as the async client has it: a panic while it was held does not spoil it.
pub(crate) struct Mutex<T>(std::sync::Mutex<T>);

impl<T> Mutex<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(std::sync::Mutex::new(value))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Waits on this thread.
pub(crate) fn sleep(wait: Duration) {
    std::thread::sleep(wait);
}

/// A file's bytes, or one more than `limit` of them.
pub(crate) fn read_file(path: &Path, limit: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::fs::File::open(path)?
        .take(limit + 1)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Evaluates an expression inside a span.
macro_rules! in_span {
    ($span:expr, $value:expr) => {{
        let span = $span;
        let _entered = span.enter();
        $value
    }};
}
pub(crate) use in_span;
