//! Reads an error body: `{"error":{"code","message","innerError":{..}}}` and what comes instead.
//!
//! Lenient on purpose. Names are compared without case, order and duplicates do not matter, numbers
//! may stand where strings belong, and whatever was read before the body breaks off is kept. All
//! that is taken from a body is bounded.

use std::borrow::Cow;
use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// How much of a body is looked at, in bytes.
const MAX_BODY: usize = 64 * 1024;
/// How long a code or an id may be, in bytes.
pub(super) const MAX_CODE: usize = 128;
/// How long a message may be, in bytes.
const MAX_MESSAGE: usize = 1024;
/// How deep a chain of inner errors is followed.
const MAX_DEPTH: usize = 32;

/// What an error body says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Envelope {
    /// From the outermost to the innermost.
    pub(super) codes: Vec<String>,
    /// The outermost message that is not empty.
    pub(super) message: Option<String>,
    pub(super) request_id: Option<String>,
    pub(super) client_request_id: Option<String>,
}

/// Reads a body as far as it goes. Anything but JSON reads as an empty envelope.
pub(super) fn read(body: &[u8]) -> Envelope {
    let text = body_text(body.get(..MAX_BODY).unwrap_or(body));
    let mut levels = Levels::default();
    let mut json = serde_json::Deserializer::from_str(&text);
    // An error means that the rest is not JSON; what was found so far stands.
    let _ = ErrorObject {
        levels: &mut levels,
        depth: 0,
    }
    .deserialize(&mut json);
    levels.into_envelope()
}

/// The start of a body as text, cut at a character.
pub(super) fn body_start(body: &[u8]) -> String {
    // One more than is kept, so that a UTF-16 body is not cut to half the text.
    let text = body_text(body.get(..super::MAX_BODY_START * 2).unwrap_or(body));
    clip(&text, super::MAX_BODY_START)
}

/// Text of at most `max` bytes, cut at a character.
pub(super) fn clip(text: &str, max: usize) -> String {
    let mut end = text.len().min(max);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default().to_owned()
}

/// The text of a body: UTF-8 with or without a byte order mark, or UTF-16 in either order. What is
/// neither is replaced character by character.
pub(crate) fn body_text(body: &[u8]) -> Cow<'_, str> {
    match body {
        [0xEF, 0xBB, 0xBF, rest @ ..] => utf8(rest),
        [0xFF, 0xFE, rest @ ..] => Cow::Owned(utf16(rest, u16::from_le_bytes)),
        [0xFE, 0xFF, rest @ ..] => Cow::Owned(utf16(rest, u16::from_be_bytes)),
        // No mark, but every other byte of ASCII text is zero.
        [first, 0, second, 0, ..] if *first != 0 && *second != 0 => {
            Cow::Owned(utf16(body, u16::from_le_bytes))
        }
        [0, first, 0, second, ..] if *first != 0 && *second != 0 => {
            Cow::Owned(utf16(body, u16::from_be_bytes))
        }
        _ => utf8(body),
    }
}

/// As `from_utf8_lossy`, which looks at each byte by itself; nearly every text needs no such look.
fn utf8(bytes: &[u8]) -> Cow<'_, str> {
    str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed)
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let (pairs, _) = bytes.as_chunks::<2>();
    char::decode_utf16(pairs.iter().map(|pair| unit(*pair)))
        .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect()
}

/// What was found, by depth: an inner error can come before the code it explains.
#[derive(Default)]
struct Levels(Vec<Level>);

#[derive(Default)]
struct Level {
    code: Option<String>,
    message: Option<String>,
    request_id: Option<String>,
    client_request_id: Option<String>,
}

impl Levels {
    fn at(&mut self, depth: usize) -> &mut Level {
        if self.0.len() <= depth {
            self.0.resize_with(depth + 1, Level::default);
        }
        &mut self.0[depth]
    }

    fn into_envelope(self) -> Envelope {
        let mut envelope = Envelope::default();
        for level in self.0 {
            envelope.codes.extend(level.code);
            envelope.message = envelope.message.or(level.message);
            envelope.request_id = envelope.request_id.or(level.request_id);
            envelope.client_request_id = envelope.client_request_id.or(level.client_request_id);
        }
        envelope
    }
}

/// An object that holds a code, a message, ids, and the object that explains it.
struct ErrorObject<'a> {
    levels: &'a mut Levels,
    depth: usize,
}

impl<'de> DeserializeSeed<'de> for ErrorObject<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ErrorObject<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an error object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Self { levels, depth } = self;
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            let key = key.to_ascii_lowercase();
            match key.as_str() {
                "error" | "odata.error" | "innererror" if depth < MAX_DEPTH => {
                    map.next_value_seed(ErrorObject {
                        levels: &mut *levels,
                        depth: depth + 1,
                    })?;
                }
                "code" => keep(&mut map, &mut levels.at(depth).code, MAX_CODE)?,
                "message" | "error_description" => {
                    keep(&mut map, &mut levels.at(depth).message, MAX_MESSAGE)?;
                }
                "request-id" => keep(&mut map, &mut levels.at(depth).request_id, MAX_CODE)?,
                "client-request-id" => {
                    keep(&mut map, &mut levels.at(depth).client_request_id, MAX_CODE)?;
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }

    /// `{"error":"invalid_grant"}`, as the token endpoints write it.
    fn visit_str<E: de::Error>(self, text: &str) -> Result<(), E> {
        if self.depth > 0 && !text.is_empty() {
            self.levels
                .at(self.depth)
                .code
                .get_or_insert_with(|| clip(text, MAX_CODE));
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<(), E> {
        Ok(())
    }
    fn visit_i64<E: de::Error>(self, _: i64) -> Result<(), E> {
        Ok(())
    }
    fn visit_u64<E: de::Error>(self, _: u64) -> Result<(), E> {
        Ok(())
    }
    fn visit_f64<E: de::Error>(self, _: f64) -> Result<(), E> {
        Ok(())
    }
    fn visit_unit<E: de::Error>(self) -> Result<(), E> {
        Ok(())
    }
}

/// Reads a value as text into `place`, unless something is there already.
fn keep<'de, A: MapAccess<'de>>(
    map: &mut A,
    place: &mut Option<String>,
    max: usize,
) -> Result<(), A::Error> {
    let text = map.next_value_seed(Text { max, depth: 0 })?;
    if place.is_none() {
        *place = text.filter(|text| !text.is_empty());
    }
    Ok(())
}

/// Text, or what stands in its place: a number, or `{"lang":..,"value":..}` in OData's old shape.
struct Text {
    max: usize,
    depth: usize,
}

impl<'de> DeserializeSeed<'de> for Text {
    type Value = Option<String>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Text {
    type Value = Option<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Some(clip(text, self.max)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            if key.eq_ignore_ascii_case("value") && self.depth == 0 {
                found = map.next_value_seed(Self {
                    max: self.max,
                    depth: 1,
                })?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Some(value.to_string()))
    }
    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Some(value.to_string()))
    }
    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Self::Value, E> {
        Ok(Some(value.to_string()))
    }
    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Self::Value, E> {
        Ok(Some(value.to_string()))
    }
    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }
}
