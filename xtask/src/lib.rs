//! The pipeline from Microsoft's OpenAPI document to the two clients, and the chores around it.
//!
//! Two stages, each pure with one writer at its end:
//!
//! * [`trim`] cuts Microsoft's document down to the paths in `spec/trim.toml` and corrects it
//!   through an [`overlay`]; the result is `spec/graph-photo.json`.
//! * [`generate`] turns that file into the model crate and both clients.
//!
//! Around them: [`diff`] says what a new spec changes for users, [`cases`] lists the coverage of
//! the protocol cases, [`tidy`] looks for what a reviewer should not have to, [`mod@bench`] measures,
//! [`mod@soak`] runs the long series, [`revisions`] among them,
//! and [`chores`] runs what belongs to the repository (CI, the demo). `main.rs` only parses
//! arguments.

pub mod bench;
pub mod cases;
pub mod chores;
pub mod compat_tables;
pub mod diff;
pub mod generate;
pub mod overlay;
pub mod problem;
pub mod revisions;
pub mod soak;
pub mod tidy;
pub mod trim;
pub mod working_copy;
