//! What `cargo xtask bench` measures of the pipeline, one file per subject.

pub mod document;
pub mod pipeline;
pub mod trim;
