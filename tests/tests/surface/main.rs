//! The curated surface of both clients: every case is written once and run against both, and against
//! the async one over hyper.
//!
//! `asynchronous.rs` and `blocking.rs` say what differs (how one waits, what a test is) and include
//! the same files; `configure!` is a builder of the client under test. The files are `reads.rs`,
//! `writes.rs`, `batches.rs`, `tokens.rs`, `security.rs`, `panics.rs`, `proxies.rs`, `tls.rs`,
//! `settings.rs`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop at the first surprise, in its helpers too"
)]

macro_rules! configure {
    () => {
        graph_photo::Client::builder()
    };
}
mod asynchronous;

macro_rules! configure {
    () => {
        graph_photo::Client::builder().over_hyper()
    };
}
#[allow(clippy::duplicate_mod)]
#[path = "asynchronous.rs"]
mod hyper;

macro_rules! configure {
    () => {
        graph_photo_blocking::Client::builder()
    };
}
mod blocking;
mod panic_texts;
