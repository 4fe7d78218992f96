//! Reads a URL or path out of source text: undoes escapes and replaces placeholders by words that pass through
//! [`crate::url`] unharmed.

/// What is longer than this, in bytes, is no URL that someone wrote.
const LONGEST: usize = 2048;

/// Words that follow `$` in OData; any other name after it is a variable.
const ODATA: [&[u8]; 12] = [
    b"value",
    b"select",
    b"metadata",
    b"entity",
    b"expand",
    b"top",
    b"skip",
    b"filter",
    b"orderby",
    b"count",
    b"search",
    b"format",
];

/// A URL or path as it stands in source text.
#[derive(Debug, Default)]
pub(super) struct Literal {
    /// Escapes undone, placeholders replaced.
    pub(super) value: String,
    /// The byte after its last.
    pub(super) end: usize,
    /// Each replaced placeholder: the word put in its place, and what was written.
    pub(super) placeholders: Vec<(String, String)>,
    /// What stands for `/`, `$` and `'`, where it is not the character itself.
    slash: Option<&'static str>,
    dollar: Option<&'static str>,
    quote: Option<&'static str>,
    /// Whether some of those were written plainly too, so that the way back is not known.
    mixed: bool,
    /// Whether it ends where its string literal ends.
    pub(super) closed: bool,
}

impl Literal {
    /// Reads from `start`. `quote` is the character that opened the string literal, if that is known; `open_key` tells
    /// that an OData key was opened before `start`.
    pub(super) fn read(text: &[u8], start: usize, quote: Option<u8>, open_key: bool) -> Self {
        let mut literal = Self::default();
        let mut value = Vec::new();
        let (mut at, mut key, mut depth) = (start, open_key, usize::from(open_key));
        let (mut plain_slash, mut plain_dollar, mut plain_quote) = (false, false, false);
        while let Some(byte) = text.get(at).copied().filter(|_| at - start < LONGEST) {
            let next = text.get(at + 1).copied();
            if let Some(end) = placeholder(text, at, key) {
                let written =
                    String::from_utf8_lossy(text.get(at..end).unwrap_or_default()).into_owned();
                let half = matches!(
                    text.get(end..),
                    Some([b'x' | b'X', b'$' | b'{' | b'#' | b'%' | b'0'..=b'9', ..])
                );
                let word = literal.word(&value, half);
                value.extend_from_slice(word.as_bytes());
                literal.placeholders.push((word, written));
                at = end;
                continue;
            }
            match (byte, next) {
                (b'\'', _) if quote == Some(b'\'') => {
                    // Doubled: a quote, in the languages that write it so.
                    if next != Some(b'\'') || !(value.ends_with(b"(") || key) {
                        break;
                    }
                    key = !key;
                    literal.quote = Some("''");
                    value.push(b'\'');
                    at += 2;
                    continue;
                }
                (b'\'', Some(b'\'')) if key => {
                    value.extend_from_slice(b"''");
                    at += 2;
                    continue;
                }
                (b'\'', _) if key || value.ends_with(b"(") => {
                    key = !key;
                    plain_quote = true;
                    value.push(b'\'');
                }
                (b'\\', Some(b'/')) => {
                    literal.slash = Some("\\/");
                    value.push(b'/');
                    at += 1;
                }
                (b'\\', Some(b'$')) => {
                    literal.dollar = Some("\\$");
                    value.push(b'$');
                    at += 1;
                }
                // Doubled: a dollar, where one begins a variable.
                (b'$', Some(b'$')) if odata(text, at + 1) => {
                    literal.dollar = Some("$$");
                    value.push(b'$');
                    at += 1;
                }
                (b'`', Some(b'$')) if quote != Some(b'`') => {
                    literal.dollar = Some("`$");
                    value.push(b'$');
                    at += 1;
                }
                (b'\\', Some(b'\'')) => {
                    key = !key;
                    literal.quote = Some("\\'");
                    value.push(b'\'');
                    at += 1;
                }
                (b'(', _) => {
                    depth += 1;
                    value.push(byte);
                }
                (b')', _) if depth == 0 => break,
                (b')', _) => {
                    depth -= 1;
                    value.push(byte);
                }
                (
                    b'"' | b'\'' | b'`' | b'<' | b'>' | b'\\' | b'|' | b'^' | b'[' | b']' | b'{'
                    | b'}',
                    _,
                ) => break,
                (other, _) if other <= b' ' || other == 0x7f => break,
                (other, _) => {
                    plain_slash |= other == b'/';
                    plain_dollar |= other == b'$';
                    value.push(other);
                }
            }
            at += 1;
        }
        literal.closed = match quote {
            Some(quote) => text.get(at) == Some(&quote),
            None => true,
        };
        if quote.is_none() {
            // A sentence or a call around a bare URL.
            while let Some(b'.' | b',' | b';' | b':' | b'!' | b'?' | b'*') = value.last() {
                value.pop();
                at -= 1;
            }
        }
        literal.mixed = (literal.slash.is_some() && plain_slash)
            || (literal.dollar.is_some() && plain_dollar)
            || (literal.quote.is_some() && plain_quote);
        literal.end = at;
        literal.value = String::from_utf8_lossy(&value).into_owned();
        literal
    }

    /// A word to put in the place of a placeholder: a number where a size is expected, else letters. `half` tells that
    /// an `x` and the other half of a size follow.
    fn word(&self, before: &[u8], half: bool) -> String {
        let number = self.placeholders.len() % 100;
        let lower = before.to_ascii_lowercase();
        let size = [&b"photos('"[..], b"photos/", b"size="]
            .iter()
            .any(|context| lower.ends_with(context));
        let rest_of_size = lower
            .strip_suffix(b"x")
            .and_then(|rest| rest.last())
            .is_some_and(u8::is_ascii_digit);
        if half || rest_of_size || lower.ends_with(b"size=hr") || lower.ends_with(b"photos('hr") {
            format!("900{number:02}")
        } else if size {
            format!("900{number:02}x900{number:02}")
        } else {
            format!("zq{number:02}qz")
        }
    }

    /// Puts the placeholders back.
    pub(super) fn restore(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (word, written) in &self.placeholders {
            text = text.replace(word.as_str(), written);
        }
        text
    }

    /// Writes `text` with the escapes this literal was written with.
    pub(super) fn escape(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (plain, escaped) in [("/", self.slash), ("$", self.dollar), ("'", self.quote)] {
            if let Some(escaped) = escaped {
                text = text.replace(plain, escaped);
            }
        }
        text
    }

    /// Whether the text can be rewritten without knowing more: no placeholders, and escapes of one kind.
    pub(super) fn is_plain(&self) -> bool {
        self.placeholders.is_empty() && !self.mixed
    }
}

/// Whether the name behind the dollar at `at` is one of OData's.
fn odata(text: &[u8], at: usize) -> bool {
    let name = text.get(at + 1..).unwrap_or_default();
    let length = name
        .iter()
        .take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_')
        .count();
    let name = name.get(..length).unwrap_or_default();
    ODATA.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// Where the placeholder at `at` ends, if there is one.
fn placeholder(text: &[u8], at: usize, key: bool) -> Option<usize> {
    let next = text.get(at + 1).copied();
    match (*text.get(at)?, next) {
        (b'$' | b'#' | b'%', Some(b'{')) => matching(text, at + 1, b'{', b'}'),
        (b'{', _) => matching(text, at, b'{', b'}'),
        (b'$', Some(b'(')) => matching(text, at + 1, b'(', b')'),
        // `<email>` in a key, as in instructions for people.
        (b'<', Some(_)) if key => matching(text, at, b'<', b'>'),
        (b'$', Some(first)) if first.is_ascii_alphabetic() || first == b'_' => {
            let name = text.get(at + 1..)?;
            let length = name
                .iter()
                .take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_')
                .count();
            (!odata(text, at)).then_some(at + 1 + length)
        }
        (b'%', Some(b's' | b'v' | b'@')) => Some(at + 2),
        (b'%', Some(b'1'..=b'9')) if text.get(at + 2..at + 4) == Some(b"$s") => Some(at + 4),
        _ => None,
    }
}

/// Where a bracket that opens at `at` has been closed, on the same line.
fn matching(text: &[u8], at: usize, open: u8, close: u8) -> Option<usize> {
    let mut depth = 0usize;
    for (place, byte) in text.iter().enumerate().skip(at).take(200) {
        if *byte == b'\n' {
            return None;
        }
        if *byte == open {
            depth += 1;
        } else if *byte == close {
            depth -= 1;
            if depth == 0 {
                return Some(place + 1);
            }
        }
    }
    None
}
