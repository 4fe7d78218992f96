//! Which JSON a generated Rust type stands for, and whether one kind takes in another.

use std::collections::{BTreeMap, BTreeSet};

use super::view::{Shape, TypeView};

/// The JSON that a Rust type reads and writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JsonKind {
    /// Any string.
    Text,
    /// One of these strings.
    OneOf(BTreeSet<String>),
    /// A whole number between these two.
    Integer(i128, i128),
    /// Any number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// A list.
    Array(Box<JsonKind>),
    /// An object of a named type.
    Object(String),
    /// An object with any keys.
    Map(Box<JsonKind>),
    /// Anything.
    Any,
}

/// How one kind relates to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// The same values.
    Same,
    /// All values of the old kind and more.
    Widened,
    /// Only some of the values of the old kind.
    Narrowed,
    /// Anything else.
    Other,
}

impl JsonKind {
    /// The kind of a Rust type as [`super::view::spell`] writes it.
    #[must_use]
    pub fn of(rust: &str, types: &BTreeMap<String, TypeView>) -> Self {
        Self::within(rust, types, 0)
    }

    fn within(rust: &str, types: &BTreeMap<String, TypeView>, depth: usize) -> Self {
        let inner = |name: &str| {
            rust.strip_prefix(name)?
                .strip_prefix('<')?
                .strip_suffix('>')
        };
        let of = |rust: &str| Self::within(rust, types, depth + 1);
        let signed = |bits: u32| Self::Integer(-(1 << (bits - 1)), (1 << (bits - 1)) - 1);
        let unsigned = |bits: u32| Self::Integer(0, (1 << bits) - 1);
        if let Some(inner) = ["Option", "Box"].iter().find_map(|name| inner(name)) {
            return of(inner);
        }
        if let Some(item) = inner("Vec").or_else(|| inner("CommaSeparated")) {
            return Self::Array(Box::new(of(item)));
        }
        if let Some(values) = inner("HashMap").or_else(|| inner("serde_json::Map")) {
            let values = values.split_once(',').map_or(values, |(_, values)| values);
            return Self::Map(Box::new(of(values)));
        }
        match rust.trim_start_matches('&') {
            "str" | "String" => Self::Text,
            "bool" => Self::Boolean,
            "i8" => signed(8),
            "i16" => signed(16),
            "i32" => signed(32),
            "i64" => signed(64),
            "u8" => unsigned(8),
            "u16" => unsigned(16),
            "u32" => unsigned(32),
            "u64" => unsigned(64),
            "f32" | "f64" => Self::Number,
            "serde_json::Value" => Self::Any,
            other if other.starts_with("CommaSeparated<") => of(other),
            name => match types.get(name).map(|found| &found.shape) {
                Some(Shape::Enum(values)) => Self::OneOf(values.keys().cloned().collect()),
                // A wrapper of itself does not compile, so the depth is only a seat belt.
                Some(Shape::Wrapper(inner)) if depth < 32 => of(inner),
                _ => Self::Object(name.to_owned()),
            },
        }
    }

    /// How `new` relates to this kind; `renamed` says which types only changed their name.
    #[must_use]
    pub fn relation(&self, new: &Self, renamed: &BTreeMap<String, String>) -> Relation {
        use Relation::{Narrowed, Other, Same, Widened};
        match (self, new) {
            (a, b) if a == b => Same,
            (Self::Object(a), Self::Object(b)) if renamed.get(a) == Some(b) => Same,
            (Self::Array(a), Self::Array(b)) | (Self::Map(a), Self::Map(b)) => {
                a.relation(b, renamed)
            }
            (_, Self::Any) | (Self::OneOf(_), Self::Text) | (Self::Integer(..), Self::Number) => {
                Widened
            }
            (Self::Any, _) | (Self::Text, Self::OneOf(_)) | (Self::Number, Self::Integer(..)) => {
                Narrowed
            }
            (Self::OneOf(a), Self::OneOf(b)) if a.is_subset(b) => Widened,
            (Self::OneOf(a), Self::OneOf(b)) if b.is_subset(a) => Narrowed,
            (Self::Integer(a, b), Self::Integer(c, d)) if c <= a && b <= d => Widened,
            (Self::Integer(a, b), Self::Integer(c, d)) if a <= c && d <= b => Narrowed,
            (Self::Object(_), Self::Map(_)) => Widened,
            (Self::Map(_), Self::Object(_)) => Narrowed,
            _ => Other,
        }
    }
}
