//! What a new spec changes for users: `cargo xtask diff OLD NEW`.
//!
//! ```text
//! side (folder or git revision) -> view (operations and types) -> rules -> report -> markdown | JSON | changelog
//! ```
//!
//! | file | does |
//! |---|---|
//! | [`side`] | finds the spec that OLD or NEW means |
//! | [`view`] | what there is to compare: [`crate::generate::ir`] and the generated Rust types |
//! | [`operations`] with `parameters`, `bodies` and `permissions`, [`types`] | the rules, one function for each thing that can change |
//! | [`json_kind`] | which JSON a Rust type stands for, and whether one kind takes in another |
//! | [`report`] | the changes, their weight, the semver step |
//! | [`markdown`] | the page for a pull request |
//! | [`changelog`] | the entries for CHANGELOG.md |
//! | `grouping` | what happened to several operations or types alike, for both |
//!
//! Every change is weighed twice. **Rust** is what the author of a program meets who upgrades the
//! crates and compiles again. **Wire** is what a program meets that was built before, if the
//! service behaves as the new description says. The two differ more often than not: a further
//! optional query parameter breaks every call in Rust, where arguments have places, and nothing on
//! the wire.
//!
//! The Rust side is read from the code that [`crate::generate`] emits and not from the schemas, so
//! that consequences count too: a property that becomes required takes `Default` away from its type.

mod bodies;
pub mod changelog;
mod grouping;
pub mod json_kind;
pub mod markdown;
pub mod operations;
mod parameters;
mod permissions;
pub mod report;
pub mod side;
pub mod types;
pub mod view;

pub use report::{Change, Effect, Level, Place, Report, Step};
pub use side::Side;
pub use view::View;

use std::path::Path;

use crate::generate::GenerateError;

/// Compares two specs.
///
/// # Errors
/// When the generator refuses one of them; the message names the side.
pub fn compare(old: &Side, new: &Side) -> Result<Report, GenerateError> {
    let before = View::read(Path::new(&old.name), &old.spec)?;
    let after = View::read(Path::new(&new.name), &new.spec)?;
    let mut changes = Vec::new();
    let renamed = types::compare(&before, &after, &mut changes);
    operations::compare(&before, &after, &renamed, &mut changes);
    Ok(Report::new(old, new, changes))
}
