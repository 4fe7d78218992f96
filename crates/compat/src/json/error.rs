//! Why a document was refused.

use std::fmt;

/// A place in a document, as an editor shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Position {
    /// Line, counted from 1; a line ends with a line feed.
    pub line: u64,
    /// Column in characters (Unicode scalar values), counted from 1.
    pub column: u64,
    /// Bytes before it.
    pub offset: u64,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {} column {}", self.line, self.column)
    }
}

/// Why a document could not be translated.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TranslateError {
    /// The document is not JSON (RFC 8259).
    #[error("not JSON at {position}: {problem}")]
    Syntax {
        /// Where the document stops being JSON.
        position: Position,
        /// What was found there.
        problem: String,
    },
    /// Two members of one object would get the same name.
    #[error(
        "{pointer} at {position}: the object also has \"{other}\", and both would be named \"{name}\"; \
         remove or rename one of the two"
    )]
    Collision {
        /// JSON pointer (RFC 6901) to the second of the two; names beyond 128 bytes are cut and end in `…`.
        pointer: String,
        /// Where the second of the two stands.
        position: Position,
        /// The first of the two, as written in the document.
        other: String,
        /// The name both would get.
        name: String,
    },
    /// Objects and arrays are nested deeper than [`MAX_DEPTH`](super::MAX_DEPTH).
    #[error("nested deeper than {} levels at {position}", super::MAX_DEPTH)]
    TooDeep {
        /// Where the level too many begins.
        position: Position,
    },
    /// A member's name, or a value that may have to be rewritten, is longer than [`MAX_TOKEN`](super::MAX_TOKEN).
    #[error(
        "a name or annotation longer than {} bytes at {position}",
        super::MAX_TOKEN
    )]
    TooLong {
        /// Where it begins.
        position: Position,
    },
    /// The document could not be read.
    #[error("cannot read the document")]
    Read(#[source] std::io::Error),
    /// The result could not be written.
    #[error("cannot write the result")]
    Write(#[source] std::io::Error),
}
