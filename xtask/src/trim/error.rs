//! Everything that makes `trim` refuse a document. Each message names the place and the remedy.

use std::path::PathBuf;

use crate::overlay::OverlayError;

/// Why a document could not be trimmed. Nothing has been written when one of these comes back,
/// except for [`TrimError::Write`], which says how far it came.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrimError {
    /// The document, or a file that steers the trim, could not be read.
    #[error("cannot read {path}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// `--from` names a directory.
    #[error("{path} is a directory; give the OpenAPI document itself, as JSON or YAML")]
    IsDirectory {
        /// What was given.
        path: PathBuf,
    },
    /// The document is larger than any that Microsoft publishes, by far.
    #[error("the document has {bytes} bytes; the limit is {limit}. Is it an OpenAPI document?")]
    TooLarge {
        /// Its size, or as much of it as was read.
        bytes: u64,
        /// [`MAX_BYTES`](super::load::MAX_BYTES).
        limit: u64,
    },
    /// Nothing, or nothing but white space.
    #[error(
        "the document is empty ({bytes} bytes, all of them white space); was the download cut short?"
    )]
    Empty {
        /// Its size.
        bytes: usize,
    },
    /// Not UTF-8.
    #[error(
        "the document is not UTF-8: byte {offset} cannot be read; convert it to UTF-8 first{hint}"
    )]
    NotUtf8 {
        /// The first byte that is wrong, counted from zero.
        offset: usize,
        /// What it looks like instead.
        hint: &'static str,
    },
    /// Not JSON or not YAML; truncated, as a rule.
    #[error(
        "the document is not readable as {format}, {place}: {problem}; {}",
        remedy(problem)
    )]
    Syntax {
        /// `JSON` or `YAML`, told from the content.
        format: &'static str,
        /// Line and column, or JSON pointer.
        place: String,
        /// What the parser said.
        problem: String,
    },
    /// JSON or YAML, but not an OpenAPI 3.0.x description.
    #[error("not an OpenAPI 3.0 description: {problem}")]
    NotOpenApi30 {
        /// What it is instead, and the remedy.
        problem: String,
    },
    /// Part of the description has a type that OpenAPI does not give it.
    #[error("{pointer} {problem}")]
    Shape {
        /// JSON pointer.
        pointer: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The same key twice, so that two readers of the document may disagree about it.
    #[error("{pointer} occurs twice, {place}: remove one of the two")]
    DuplicateKey {
        /// JSON pointer.
        pointer: String,
        /// Where, as exactly as is known.
        place: String,
    },
    /// Two paths that differ in the spelling of their parameters only.
    #[error(
        "the document describes both {first} and {second}, which are one path to OpenAPI: remove one of the two"
    )]
    SamePath {
        /// One of them.
        first: String,
        /// The other.
        second: String,
    },
    /// None of the configured paths is in the document.
    #[error(
        "none of the {wanted} paths of trim.toml is among the {seen} paths of the document (the first wanted: {example}); is this Microsoft's whole document, or the module that holds the photos?"
    )]
    NoPaths {
        /// How many paths the configuration names.
        wanted: usize,
        /// How many the document has.
        seen: usize,
        /// One of the configured paths.
        example: String,
    },
    /// A reference in the kept slice leads nowhere.
    #[error("{pointer} refers to {target:?}, {problem}")]
    UnresolvedRef {
        /// JSON pointer of the object that holds the `$ref`.
        pointer: String,
        /// The `$ref` as written.
        target: String,
        /// Why it does not resolve, and the remedy.
        problem: String,
    },
    /// Nested deeper than [`MAX_NESTING`](super::strict::MAX_NESTING).
    #[error(
        "{} is nested deeper than {limit} levels; no description of an API needs that, so the document is broken or hostile",
        shortened(pointer)
    )]
    TooDeep {
        /// JSON pointer, as far as it is known.
        pointer: String,
        /// The limit.
        limit: usize,
    },
    /// `trim.toml` is wrong.
    #[error("{path}: {problem}")]
    Config {
        /// The file, or `trim.toml` when it came as text.
        path: String,
        /// What is wrong and how to mend it.
        problem: String,
    },
    /// `--api` names an API that `trim.toml` does not know.
    #[error("--api {api}: trim.toml has no [api.{api:?}]; it knows {known}")]
    UnknownApi {
        /// What was asked for.
        api: String,
        /// What there is.
        known: String,
    },
    /// The overlay is wrong, or does not fit the document.
    #[error("{path} cannot be applied")]
    Overlay {
        /// The file, or `overlay.yaml` when it came as text.
        path: String,
        /// Which action, and why.
        source: OverlayError,
    },
    /// The overlay left a document that is not in order.
    #[error("the overlay leaves a document that is not in order; mend overlay.yaml")]
    AfterOverlay(#[source] Box<TrimError>),
    /// A file could not be written. Files before it in the list are already replaced.
    #[error("cannot write {path}")]
    Write {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
}

/// What to do about a parser's complaint.
fn remedy(problem: &str) -> &'static str {
    if problem.contains("EOF") || problem.contains("end of stream") {
        "was the download cut short?"
    } else if problem.contains("repetition limit") {
        "its aliases repeat each other beyond reason; write out what they stand for"
    } else {
        "correct it there, or get the document again"
    }
}

/// The start of a pointer that may be very long.
fn shortened(pointer: &str) -> String {
    const SHOWN: usize = 8;
    if pointer.is_empty() {
        return "the document".to_owned();
    }
    let mut segments = pointer.split('/');
    let start = segments
        .by_ref()
        .take(SHOWN + 1)
        .collect::<Vec<_>>()
        .join("/");
    if segments.next().is_some() {
        format!("{start}/...")
    } else {
        start
    }
}
