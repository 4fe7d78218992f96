//! Parsing one kept piece into a `Value`, refusing what two readers could read differently.
//!
//! `serde_json::Value` silently keeps the last of two equal keys; here they are an error. The
//! nesting is counted from the root of the document, so that everything which later walks the
//! slice can do so recursively.

use std::cell::RefCell;

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// How deep a kept piece may be nested, counted from the root of the document. Microsoft's own
/// descriptions stay under twenty.
pub const MAX_NESTING: usize = 100;

/// What went wrong inside a piece, with the path that led there.
#[derive(Debug, Default)]
pub(super) struct Fault {
    trail: Vec<String>,
    pub(super) kind: FaultKind,
}

#[derive(Debug, Default, PartialEq, Eq, Clone, Copy)]
pub(super) enum FaultKind {
    #[default]
    None,
    Duplicate,
    TooDeep,
    NotJson,
}

impl Fault {
    /// JSON pointer of the fault, relative to the piece.
    pub(super) fn pointer(&self) -> String {
        self.trail
            .iter()
            .rev()
            .map(|key| format!("/{}", super::refs::escape(key)))
            .collect()
    }
}

/// A seed for one value at a given depth.
pub(super) struct Strict<'f> {
    pub(super) depth: usize,
    pub(super) fault: &'f RefCell<Fault>,
}

impl<'f> Strict<'f> {
    fn deeper(&self) -> Strict<'f> {
        Strict {
            depth: self.depth + 1,
            fault: self.fault,
        }
    }

    fn fail<E: de::Error>(&self, kind: FaultKind, message: &str) -> E {
        let mut fault = self.fault.borrow_mut();
        if fault.kind == FaultKind::None {
            fault.kind = kind;
            fault.trail.clear();
        }
        E::custom(message)
    }

    /// Called on the way out of an error, innermost first.
    fn passed<E>(&self, key: &str, error: E) -> E {
        self.fault.borrow_mut().trail.push(key.to_owned());
        error
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Value, E> {
        match Number::from_f64(value) {
            Some(number) => Ok(Value::Number(number)),
            None => Err(self.fail(FaultKind::NotJson, "infinity and NaN have no place in JSON")),
        }
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        if self.depth >= MAX_NESTING {
            return Err(self.fail(FaultKind::TooDeep, "nested too deep"));
        }
        let mut items = Vec::new();
        loop {
            match seq.next_element_seed(self.deeper()) {
                Ok(Some(item)) => items.push(item),
                Ok(None) => return Ok(Value::Array(items)),
                Err(error) => return Err(self.passed(&items.len().to_string(), error)),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        if self.depth >= MAX_NESTING {
            return Err(self.fail(FaultKind::TooDeep, "nested too deep"));
        }
        let mut members = Map::new();
        while let Some(key) = map.next_key_seed(Key)? {
            let value = match map.next_value_seed(self.deeper()) {
                Ok(value) => value,
                Err(error) => return Err(self.passed(&key, error)),
            };
            if members.contains_key(&key) {
                let error = self.fail(FaultKind::Duplicate, "the same key twice");
                return Err(self.passed(&key, error));
            }
            members.insert(key, value);
        }
        Ok(Value::Object(members))
    }
}

/// A key as text. YAML reads the `200:` of a response as a number.
pub(super) struct Key;

impl<'de> DeserializeSeed<'de> for Key {
    type Value = String;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<String, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl Visitor<'_> for Key {
    type Value = String;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a key that is text, a number, true, false or null")
    }

    fn visit_str<E>(self, value: &str) -> Result<String, E> {
        Ok(value.to_owned())
    }

    fn visit_string<E>(self, value: String) -> Result<String, E> {
        Ok(value)
    }

    fn visit_i64<E>(self, value: i64) -> Result<String, E> {
        Ok(value.to_string())
    }

    fn visit_u64<E>(self, value: u64) -> Result<String, E> {
        Ok(value.to_string())
    }

    fn visit_f64<E>(self, value: f64) -> Result<String, E> {
        Ok(value.to_string())
    }

    fn visit_bool<E>(self, value: bool) -> Result<String, E> {
        Ok(value.to_string())
    }

    fn visit_unit<E>(self) -> Result<String, E> {
        Ok("null".to_owned())
    }
}
