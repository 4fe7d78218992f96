//! What the tests that cross crates share.
//!
//! * [`wire`]: a server that records requests byte for byte, in front of the emulator or with
//!   answers of its own.
//! * [`operations`]: every operation of both clients, called from one list.

pub mod operations;
pub mod wire;
