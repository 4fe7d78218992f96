//! What `cargo xtask bench` measures, one file per subject.

pub mod trim;
