//! Who may call a gateway that has a credential of its own.

use std::collections::HashMap;
use std::fmt;

use sha2::{Digest, Sha256};

/// Tokens shorter than this can be guessed.
const SHORTEST: usize = 16;

/// Tokens made up by whoever runs the gateway, one for each program that calls it.
///
/// A line of the text holds a token of 16 to 512 visible characters and, where `/me` is to be one user whatever the
/// caller says, `me=` and the user. Empty lines and lines that begin with `#` count for nothing.
///
/// ```
/// use graph_photo_compat::gateway::InboundTokens;
///
/// let tokens = InboundTokens::parse("# the address book\n5up3r-l0ng-t0k3n-0f-1t me=adele@contoso.com\n")?;
/// assert_eq!(format!("{tokens:?}"), "InboundTokens(1)");
///
/// let error = InboundTokens::parse("short").unwrap_err();
/// assert_eq!(error.to_string(), "line 1: the token is shorter than 16 characters; make up a longer one");
/// # Ok::<(), graph_photo_compat::gateway::InboundTokensError>(())
/// ```
#[derive(Clone)]
pub struct InboundTokens {
    /// By digest: how long a comparison takes says nothing about a token.
    known: HashMap<[u8; 32], Program>,
}

/// A program that may call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Program {
    /// Who `/me` is.
    pub(crate) me: Option<String>,
}

/// What is wrong with a text of tokens. It never repeats one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InboundTokensError {
    /// A line is at fault.
    #[error("line {line}: {problem}")]
    Line {
        /// The number of the line, from 1.
        line: usize,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// There is no token at all.
    #[error("there is no token in it; nobody could call")]
    Empty,
}

impl InboundTokens {
    /// Reads tokens.
    ///
    /// # Errors
    ///
    /// [`InboundTokensError`] names the line.
    pub fn parse(text: &str) -> Result<Self, InboundTokensError> {
        let mut known = HashMap::new();
        for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let fault = |problem| InboundTokensError::Line {
                line: index + 1,
                problem,
            };
            let mut words = line.split_ascii_whitespace();
            let token = words.next().unwrap_or_default();
            if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
                return Err(fault(
                    "the token has characters that a header cannot carry; use letters, digits and - . _ ~",
                ));
            }
            if token.len() < SHORTEST {
                return Err(fault(
                    "the token is shorter than 16 characters; make up a longer one",
                ));
            }
            if token.len() > 512 {
                return Err(fault("the token is longer than 512 characters"));
            }
            let me = match (words.next(), words.next()) {
                (None, _) => None,
                (Some(word), None) => match word.strip_prefix("me=") {
                    Some(user) if !user.is_empty() => Some(user.to_owned()),
                    _ => return Err(fault("after the token only me=USER may stand")),
                },
                (Some(_), Some(_)) => {
                    return Err(fault("after the token only me=USER may stand"));
                }
            };
            if known.insert(digest(token), Program { me }).is_some() {
                return Err(fault("the token stands there twice"));
            }
        }
        if known.is_empty() {
            return Err(InboundTokensError::Empty);
        }
        Ok(Self { known })
    }

    /// The program that calls with this token.
    pub(crate) fn find(&self, token: &str) -> Option<&Program> {
        self.known.get(&digest(token))
    }
}

fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// How many there are, and nothing of them.
impl fmt::Debug for InboundTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "InboundTokens({})", self.known.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_found_whole_or_not_at_all() {
        let tokens =
            InboundTokens::parse("0123456789abcdef\nfedcba9876543210 me=adele@contoso.com")
                .unwrap();
        assert_eq!(tokens.find("0123456789abcdef"), Some(&Program { me: None }));
        let me = tokens
            .find("fedcba9876543210")
            .and_then(|program| program.me.as_deref());
        assert_eq!(me, Some("adele@contoso.com"));
        for other in [
            "",
            "0123456789abcde",
            "0123456789abcdef ",
            "0123456789ABCDEF",
        ] {
            assert_eq!(tokens.find(other), None, "{other:?}");
        }
    }

    #[test]
    fn what_is_wrong_is_named_and_the_token_is_not() {
        let long = "x".repeat(513);
        for (text, says) in [
            ("", "there is no token"),
            ("# only a comment", "there is no token"),
            ("\n\ntoo-short", "line 3: the token is shorter"),
            (long.as_str(), "line 1: the token is longer"),
            ("0123456789abcdef you=adele", "line 1: after the token"),
            ("0123456789abcdef me=", "line 1: after the token"),
            ("0123456789abcdef me=a b", "line 1: after the token"),
            (
                "0123456789abcdef\n0123456789abcdef",
                "line 2: the token stands there twice",
            ),
            ("0123456789abcdéf", "line 1: the token has characters"),
        ] {
            let error = InboundTokens::parse(text).unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
            assert!(!error.contains("0123456789"), "{error}");
        }
    }
}
