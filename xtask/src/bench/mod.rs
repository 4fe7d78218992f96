//! What `cargo xtask bench` measures of the pipeline, one file per subject.

pub mod document;
pub mod openapi_format;
pub mod pipeline;
pub mod trim;
