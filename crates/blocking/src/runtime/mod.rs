//! What only the blocking client has: ureq, the thread's clock and readers.
//!
//! Everything above this module is derived from the async client's surface, whose own `runtime`
//! offers the same names. Keep this small: what can be said without a backend belongs into the
//! surface or the model crate.

mod http;

use std::time::Duration;

pub(crate) use self::http::{Http, Incoming};
pub(crate) use std::io::Read;

/// An owned reader for an upload.
pub(crate) type BoxedReader = Box<dyn Read + Send + Sync>;

/// Boxes a reader.
pub(crate) fn boxed(reader: impl Read + Send + Sync + 'static) -> BoxedReader {
    Box::new(reader)
}

/// Waits on this thread.
pub(crate) fn sleep(wait: Duration) {
    std::thread::sleep(wait);
}
