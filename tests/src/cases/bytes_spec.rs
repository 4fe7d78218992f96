//! How a case writes down bytes: request bodies, answer bodies, whole answers.

use anyhow::{Context as _, Result, ensure};
use base64::Engine as _;
use serde::Deserialize;
use serde_json::Value;

/// Bytes, written in the way that shows best what they are.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum BytesSpec {
    /// Text in UTF-8.
    Text(String),
    /// A JSON document, without white space, members in the order of their names.
    Json(Value),
    /// Hexadecimal digits; spaces between them do not count.
    Hex(String),
    /// Standard base64.
    Base64(String),
    /// Text in UTF-16, little endian, without a byte order mark.
    Utf16le(String),
    /// Text in UTF-16, big endian, without a byte order mark.
    Utf16be(String),
    /// The same bytes again and again.
    Repeat {
        /// What is repeated.
        of: Box<BytesSpec>,
        /// How often.
        times: usize,
    },
    /// One after the other.
    Parts(Vec<BytesSpec>),
}

impl BytesSpec {
    /// The bytes.
    ///
    /// # Errors
    /// When hexadecimal digits or base64 are none.
    pub fn bytes(&self) -> Result<Vec<u8>> {
        Ok(match self {
            Self::Text(text) => text.clone().into_bytes(),
            Self::Json(value) => serde_json::to_vec(value)?,
            Self::Hex(digits) => hex(digits)?,
            Self::Base64(text) => base64::engine::general_purpose::STANDARD
                .decode(text)
                .context("not base64")?,
            Self::Utf16le(text) => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            Self::Utf16be(text) => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
            Self::Repeat { of, times } => of.bytes()?.repeat(*times),
            Self::Parts(parts) => {
                let mut bytes = Vec::new();
                for part in parts {
                    bytes.extend(part.bytes()?);
                }
                bytes
            }
        })
    }
}

fn hex(digits: &str) -> Result<Vec<u8>> {
    let digits: Vec<u8> = digits
        .bytes()
        .filter(|digit| !digit.is_ascii_whitespace())
        .collect();
    ensure!(
        digits.len().is_multiple_of(2),
        "an odd number of hexadecimal digits"
    );
    let (pairs, _) = digits.as_chunks::<2>();
    pairs
        .iter()
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair)?, 16).context("not hexadecimal"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_spelling_of_bytes() {
        for (spec, expected) in [
            (json!({ "text": "é" }), "é".as_bytes()),
            (
                json!({ "json": { "b": [1.5, null], "a": "x" } }),
                br#"{"a":"x","b":[1.5,null]}"#,
            ),
            (json!({ "hex": "ff D8 00" }), &[0xFF, 0xD8, 0]),
            (json!({ "base64": "/9g=" }), &[0xFF, 0xD8]),
            (json!({ "utf16le": "a" }), &[b'a', 0]),
            (json!({ "utf16be": "a" }), &[0, b'a']),
            (
                json!({ "repeat": { "of": { "text": "ab" }, "times": 2 } }),
                b"abab",
            ),
            (
                json!({ "parts": [{ "hex": "EF BB BF" }, { "text": "{}" }] }),
                &[0xEF, 0xBB, 0xBF, b'{', b'}'],
            ),
        ] {
            let spec: BytesSpec = serde_json::from_value(spec).unwrap();
            assert_eq!(spec.bytes().unwrap(), expected, "{spec:?}");
        }
        assert!(BytesSpec::Hex("f".into()).bytes().is_err());
        assert!(BytesSpec::Hex("zz".into()).bytes().is_err());
        assert!(BytesSpec::Base64("*".into()).bytes().is_err());
    }
}
