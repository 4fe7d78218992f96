//! [OpenAPI Overlay 1.0.0](https://spec.openapis.org/overlay/v1.0.0.html): a list of actions, each
//! of which selects nodes of a document with a JSONPath (RFC 9535) and merges something into them
//! or removes them.
//!
//! Every place where this project departs from Microsoft's description is one action of
//! `spec/overlay.yaml`. This module knows nothing about photos: [`Overlay`] reads and checks an
//! overlay, [`apply`](apply()) carries it out.
//!
//! Two extensions make an overlay reviewable: `x-reason` says why the action is needed and
//! `x-source` where that is known from. [`Overlay::require_reasons`] insists on both.

mod apply;
mod document;

pub use apply::{ActionOutcome, Report, apply};
pub use document::{Action, Change, Overlay};

/// Why an overlay could not be read or applied. Every message names the action by its place in
/// the list (counted from zero) and its description.
#[derive(Debug, thiserror::Error)]
pub enum OverlayError {
    /// The text is neither YAML nor JSON.
    #[error("the overlay is not readable as YAML: {0}")]
    Syntax(String),
    /// Something outside the actions is missing, misspelled or of the wrong type.
    #[error("the overlay's {place} {problem}")]
    Document {
        /// The field, for example `/info/title`.
        place: String,
        /// What is wrong with it and how to mend it.
        problem: String,
    },
    /// An action is missing a field, has one too many, or holds a JSONPath that does not parse.
    #[error("{action}: {problem}")]
    Action {
        /// The action, as `action 3 ("Drop tags")`.
        action: String,
        /// What is wrong with it and how to mend it.
        problem: String,
    },
    /// The action is well formed, but does not fit the node that it selects.
    #[error("{action} cannot be applied to {}: {problem}", if pointer.is_empty() { "the root" } else { pointer })]
    Target {
        /// The action, as `action 3 ("Drop tags")`.
        action: String,
        /// JSON pointer of the node in the document.
        pointer: String,
        /// What is wrong with it and how to mend it.
        problem: String,
    },
}

#[cfg(test)]
mod tests;
