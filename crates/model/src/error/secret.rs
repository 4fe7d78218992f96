//! Finds a secret in text and headers, and takes it out.

use http::{HeaderMap, HeaderValue};

/// What stands in place of a secret.
pub(super) const MASK: &str = "[masked]";

/// From this length on a secret is one wherever it occurs. Access tokens have hundreds of bytes;
/// what is shorter than this is a placeholder of a test, and part of ordinary words.
const CERTAIN: usize = 8;

/// A secret that is not empty.
#[derive(Clone, Copy)]
pub(crate) struct Secret<'s>(pub(crate) &'s str);

impl Secret<'_> {
    /// The text with each occurrence masked; `None` if there is none.
    pub(super) fn masked(self, text: &str) -> Option<String> {
        let mut masked = String::new();
        let mut rest = 0;
        for (start, found) in text.match_indices(self.0) {
            let end = start + found.len();
            if found.len() >= CERTAIN || stands_alone(text, start, end) {
                masked.push_str(&text[rest..start]);
                masked.push_str(MASK);
                rest = end;
            }
        }
        (rest > 0).then(|| masked + &text[rest..])
    }

    /// Masks each value that holds the secret, as a whole.
    pub(crate) fn mask_headers(self, headers: &mut HeaderMap) {
        for value in headers.values_mut() {
            let text = String::from_utf8_lossy(value.as_bytes());
            if self.masked(&text).is_some() {
                *value = HeaderValue::from_static(MASK);
            }
        }
    }
}

/// Whether a part of a text is a word: what is around it cannot be part of a token.
fn stands_alone(text: &str, start: usize, end: usize) -> bool {
    let belongs = |c: char| c.is_alphanumeric() || "-._~+/=".contains(c);
    !text[..start].ends_with(belongs) && !text[end..].starts_with(belongs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_secret_is_found_anywhere() {
        let secret = Secret("sentinel");
        assert_eq!(
            secret.masked("xsentinely sentinel").as_deref(),
            Some("x[masked]y [masked]")
        );
        assert_eq!(secret.masked("sentine l"), None);
    }

    #[test]
    fn a_short_secret_is_found_as_a_word() {
        let secret = Secret("t");
        assert_eq!(secret.masked("the connection was reset at it"), None);
        assert_eq!(
            secret.masked("Bearer t, \"t\" and t").as_deref(),
            Some("Bearer [masked], \"[masked]\" and [masked]")
        );
        assert_eq!(Secret("a-token").masked("not-a-token/"), None);
        assert_eq!(secret.masked("\u{e4}t t\u{e4}"), None);
    }
}
