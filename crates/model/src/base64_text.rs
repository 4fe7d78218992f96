//! Base64 as photos travel in it: in `$batch` bodies, attachments and `data:` URLs.
//!
//! Graph answers with the standard alphabet; OData and Microsoft's batch page ask for the URL-safe
//! one. So what is written is the standard form, and what is read may be either, padded or not.

use std::borrow::Cow;

use base64::engine::general_purpose::{GeneralPurpose, NO_PAD_INDIFFERENT, STANDARD};
use base64::{Engine, alphabet};

const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    NO_PAD_INDIFFERENT.with_decode_allow_trailing_bits(true),
);

/// Text that is no base64 in any of the accepted forms.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not base64")]
pub struct NotBase64(#[from] base64::DecodeError);

/// Writes bytes in the standard alphabet, padded.
#[must_use]
pub fn encode(bytes: impl AsRef<[u8]>) -> String {
    STANDARD.encode(bytes)
}

/// Reads base64 in the standard or the URL-safe alphabet, padded or not, with or without line
/// breaks.
///
/// # Errors
///
/// If the text holds anything else.
///
/// ```
/// use graph_photo_model::base64_text::decode;
///
/// # fn main() -> Result<(), graph_photo_model::base64_text::NotBase64> {
/// assert_eq!(decode("_9j_4A")?, decode("/9j/4A==")?);
/// # Ok(())
/// # }
/// ```
pub fn decode(text: &str) -> Result<Vec<u8>, NotBase64> {
    let foreign = |byte: u8| byte.is_ascii_whitespace() || byte == b'-' || byte == b'_';
    let plain = if text.bytes().any(foreign) {
        Cow::Owned(
            text.bytes()
                .filter(|byte| !byte.is_ascii_whitespace())
                .map(|byte| match byte {
                    b'-' => b'+',
                    b'_' => b'/',
                    other => other,
                })
                .collect::<Vec<u8>>(),
        )
    } else {
        Cow::Borrowed(text.as_bytes())
    };
    Ok(LENIENT.decode(plain)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
    use proptest::prelude::*;

    #[test]
    fn what_is_no_base64_is_refused() {
        for text in ["=", "a", "%41", "QUJ.", "QQ==QQ==", "é", "{}"] {
            assert!(decode(text).is_err(), "{text}");
        }
        assert_eq!(decode("").unwrap(), b"");
        assert_eq!(decode("QUJD\r\nREVG\n").unwrap(), b"ABCDEF");
    }

    proptest! {
        #[test]
        fn every_form_reads_alike(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            prop_assert_eq!(&decode(&encode(&bytes)).unwrap(), &bytes);
            for text in [
                STANDARD_NO_PAD.encode(&bytes), URL_SAFE.encode(&bytes), URL_SAFE_NO_PAD.encode(&bytes),
            ] {
                prop_assert_eq!(&decode(&text).unwrap(), &bytes);
            }
        }

        #[test]
        fn no_text_panics(text in any::<String>()) {
            let _ = decode(&text);
        }
    }
}
