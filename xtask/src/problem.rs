//! What is wrong with an input: the place, the fault and the remedy.
//!
//! Every stage that refuses a document reports a list of these instead of stopping at the
//! first, so that a maintainer mends a spec in one round.

use std::fmt;

/// One fault in an OpenAPI document.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// JSON pointer (RFC 6901) to the faulty node; empty for the whole document.
    pub pointer: String,
    /// What is wrong there.
    pub fault: String,
    /// How to mend it.
    pub remedy: String,
}

impl Problem {
    /// A problem at `pointer`.
    pub fn new(
        pointer: impl Into<String>,
        fault: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            pointer: pointer.into(),
            fault: fault.into(),
            remedy: remedy.into(),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = if self.pointer.is_empty() {
            "(whole document)"
        } else {
            &self.pointer
        };
        write!(f, "{place}: {}\n    remedy: {}", self.fault, self.remedy)
    }
}

/// A JSON pointer built segment by segment, escaped per RFC 6901.
///
/// ```
/// use xtask::problem::Pointer;
/// let root = Pointer::root();
/// assert_eq!(root.key("paths").key("/me/photo").to_string(), "/paths/~1me~1photo");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Pointer(String);

impl Pointer {
    /// The pointer to the whole document.
    pub fn root() -> Self {
        Self::default()
    }

    /// The pointer to a member of this object.
    #[must_use]
    pub fn key(&self, key: &str) -> Self {
        Self(format!(
            "{}/{}",
            self.0,
            key.replace('~', "~0").replace('/', "~1")
        ))
    }

    /// The pointer to an element of this array.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        Self(format!("{}/{index}", self.0))
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<Pointer> for String {
    fn from(pointer: Pointer) -> Self {
        pointer.0
    }
}
