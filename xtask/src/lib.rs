//! The pipeline from Microsoft's OpenAPI document to the two clients.
//!
//! Two stages, each a pure function with one writer at its end:
//!
//! * [`trim`](self) cuts Microsoft's document down to the configured paths and
//!   corrects it through `spec/overlay.yaml`; the result is `spec/graph-photo.json`.
//! * [`generate`] turns that file into the model crate and both clients.
//!
//! `main.rs` only parses arguments. Start reading at [`generate`].

pub mod generate;
pub mod problem;
