//! The gateway in front of the emulator: what legacy callers see, and what nobody gets out of it.
//!
//! `legacy` is the API as callers knew it, `exchange` the photo URL of Exchange, `callers` who is let in and whose
//! `/me` it is, `hostile` what is sent to do harm from either side, `running` TLS, pages, logs and stopping.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop at the first surprise, in its helpers too"
)]

mod callers;
mod exchange;
mod hostile;
mod legacy;
mod running;
mod support;
