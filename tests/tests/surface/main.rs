//! The curated surface of both clients: every case is written once and run against both.
//!
//! `asynchronous.rs` and `blocking.rs` say what differs (how one waits, what a test is) and include
//! the same files: `reads.rs`, `writes.rs`, `batches.rs`, `tokens.rs`, `security.rs`, `panics.rs`,
//! `proxies.rs`, `tls.rs`, `settings.rs`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop at the first surprise, in its helpers too"
)]

mod asynchronous;
mod blocking;
mod panic_texts;
