//! The protocol cases in `spec/cases/`: read, expanded, and run against everything that promises
//! the protocol.
//!
//! | to find out | read |
//! |---|---|
//! | how the files are read and families expanded | [`document`] |
//! | what a case can say | [`case`], [`mod@batch`], [`bytes_spec`] |
//! | how an operation or handle is called by name | [`dispatch`], [`arguments`] |
//! | what a call gave, and whether that is what the case says | [`outcome`], [`wire_check`] |
//! | the raw server that cases are answered by | [`socket`] |
//! | who runs which case | [`implementation`], [`clients`], [`emulator`], [`legacy`], [`facade`], [`gateway`] |
//! | the coverage table in `docs/cases.md` | [`coverage`] |
//!
//! Implementers in other languages: see `docs/cases-for-implementers.md`.

pub mod arguments;
pub mod batch;
pub mod bytes_spec;
pub mod case;
pub mod clients;
pub mod coverage;
pub mod dispatch;
pub mod document;
pub mod emulator;
pub mod facade;
pub mod gateway;
pub mod implementation;
pub mod legacy;
pub mod outcome;
pub mod socket;
pub mod wire_check;

use std::path::PathBuf;

/// `spec/cases/` of this repository.
pub fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../spec/cases"))
}
