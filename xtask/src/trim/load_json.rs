//! JSON: one pass that skips unwanted paths and only notes where each component lies.
//!
//! A plain parse would build a tree of twenty megabytes in order to keep fourteen components of
//! it. Here serde's `IgnoredAny` steps over unwanted paths and `RawValue` borrows the text of the
//! rest, so that only what the closure reaches is ever turned into values.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Map;
use serde_json::value::RawValue;

use super::config::TrimConfig;
use super::error::TrimError;
use super::load::{self, Format, HEAD, Outline, Piece};
use super::refs;
use super::strict::{Fault, FaultKind, Strict};

/// Reads the outline of a JSON document.
pub(super) fn outline<'a>(text: &'a str, config: &TrimConfig) -> Result<Outline<'a>, TrimError> {
    let outline = RefCell::new(Outline {
        format: Format::Json,
        text,
        head: Map::new(),
        paths: Vec::new(),
        paths_seen: 0,
        components: HashMap::new(),
    });
    let fault = RefCell::new(Fault::default());
    let place = RefCell::new(Place::default());
    let root = Root {
        outline: &outline,
        fault: &fault,
        place: &place,
        config,
        text,
    };
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let read = root
        .deserialize(&mut deserializer)
        .and_then(|()| deserializer.end());
    if let Err(error) = read {
        let at = format!("line {}, column {}", error.line(), error.column());
        let place = place.into_inner();
        if place.duplicate {
            return Err(TrimError::DuplicateKey {
                pointer: place.pointer,
                place: at,
            });
        }
        let fault = fault.into_inner();
        if fault.kind == FaultKind::None && error.is_data() {
            if place.pointer.is_empty() {
                return Err(TrimError::NotOpenApi30 {
                    problem: "its root is not an object; give the description itself".to_owned(),
                });
            }
            return Err(TrimError::Shape {
                pointer: place.pointer,
                problem: format!("must be an object ({at})"),
            });
        }
        return Err(load::explain(
            &fault,
            &place.pointer,
            at,
            "JSON",
            &error.to_string(),
        ));
    }
    Ok(outline.into_inner())
}

/// How far the pass has come, for the message if it stops.
#[derive(Default)]
struct Place {
    pointer: String,
    duplicate: bool,
}

struct Root<'s, 'a> {
    outline: &'s RefCell<Outline<'a>>,
    fault: &'s RefCell<Fault>,
    place: &'s RefCell<Place>,
    config: &'s TrimConfig,
    text: &'a str,
}

impl<'s, 'a> Root<'s, 'a> {
    fn at(&self, pointer: String) {
        self.place.borrow_mut().pointer = pointer;
    }

    fn duplicate<E: serde::de::Error>(&self, pointer: String) -> E {
        *self.place.borrow_mut() = Place {
            pointer,
            duplicate: true,
        };
        E::custom("the same key twice")
    }

    /// Where a borrowed piece of the text starts.
    fn piece(&self, raw: &'a RawValue) -> Piece<'a> {
        let text = raw.get();
        Piece::Json {
            text,
            offset: text.as_ptr() as usize - self.text.as_ptr() as usize,
        }
    }
}

impl<'de> DeserializeSeed<'de> for Root<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Root<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an OpenAPI description")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut seen = Vec::new();
        while let Some(key) = map.next_key_seed(BorrowedKey)? {
            let pointer = format!("/{}", refs::escape(&key));
            let known = key == "paths" || key == "components" || HEAD.contains(&&*key);
            if !known {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            if seen.contains(&key) {
                return Err(self.duplicate(pointer));
            }
            self.at(pointer);
            match &*key {
                "paths" => map.next_value_seed(Paths(&self))?,
                "components" => map.next_value_seed(Components(&self))?,
                _ => {
                    let value = map.next_value_seed(Strict {
                        depth: 1,
                        fault: self.fault,
                    })?;
                    self.outline
                        .borrow_mut()
                        .head
                        .insert(key.clone().into_owned(), value);
                }
            }
            self.at(String::new());
            seen.push(key);
        }
        Ok(())
    }
}

struct Paths<'r, 's, 'a>(&'r Root<'s, 'a>);

impl<'de> DeserializeSeed<'de> for Paths<'_, '_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Paths<'_, '_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of path items")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut outline = self.0.outline.borrow_mut();
        let mut spelled = String::new();
        while let Some(path) = map.next_key_seed(BorrowedKey)? {
            outline.paths_seen += 1;
            if !self.0.config.wants(&path, &mut spelled) {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            if outline.paths.iter().any(|(kept, _)| *kept == path) {
                return Err(self.0.duplicate(format!("/paths/{}", refs::escape(&path))));
            }
            let raw = map.next_value::<&'de RawValue>()?;
            outline.paths.push((path.into_owned(), self.0.piece(raw)));
        }
        Ok(())
    }
}

struct Components<'r, 's, 'a>(&'r Root<'s, 'a>);

impl<'de> DeserializeSeed<'de> for Components<'_, '_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Components<'_, '_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of component kinds")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(kind) = map.next_key_seed(BorrowedKey)? {
            if kind.starts_with("x-") {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            let pointer = format!("/components/{}", refs::escape(&kind));
            if self.0.outline.borrow().components.contains_key(&*kind) {
                return Err(self.0.duplicate(pointer));
            }
            self.0.at(pointer);
            let names = map.next_value_seed(Names {
                root: self.0,
                kind: &kind,
            })?;
            self.0
                .outline
                .borrow_mut()
                .components
                .insert(kind.into_owned(), names);
        }
        Ok(())
    }
}

struct Names<'r, 's, 'a> {
    root: &'r Root<'s, 'a>,
    kind: &'r str,
}

impl<'de> DeserializeSeed<'de> for Names<'_, '_, 'de> {
    type Value = HashMap<String, Piece<'de>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Names<'_, '_, 'de> {
    type Value = HashMap<String, Piece<'de>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of components")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut names = HashMap::new();
        while let Some(name) = map.next_key_seed(BorrowedKey)? {
            let raw = map.next_value::<&'de RawValue>()?;
            let piece = self.root.piece(raw);
            if names.contains_key(&*name) {
                return Err(self.root.duplicate(format!(
                    "/components/{}/{}",
                    refs::escape(self.kind),
                    refs::escape(&name)
                )));
            }
            names.insert(name.into_owned(), piece);
        }
        Ok(names)
    }
}

/// A key, borrowed from the text unless it holds an escape.
struct BorrowedKey;

impl<'de> DeserializeSeed<'de> for BorrowedKey {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for BorrowedKey {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(key))
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(key.to_owned()))
    }
}
