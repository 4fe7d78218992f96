//! Query options, written once for both clients: `$select=id,height`.
//!
//! `$` and `,` stay readable because OData's own names and lists use them and both URL parsers
//! leave them alone; everything else that is not unreserved is percent-encoded, the space as `%20`.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::num::{NonZeroU32, NonZeroU64};
use std::str::FromStr;

use percent_encoding::{AsciiSet, utf8_percent_encode};
use serde::de::{self, Deserialize, Deserializer, Visitor};
use serde::ser::{Serialize, Serializer};

const QUERY: AsciiSet = super::RESERVED.remove(b'$').remove(b',');

/// A named query option and its value, which may be absent.
#[derive(Debug)]
pub struct QueryParam<'a, T: ?Sized> {
    name: &'static str,
    value: &'a T,
}

impl<'a, T: QueryValue + ?Sized> QueryParam<'a, T> {
    /// Pairs a name, such as `$select`, with its value.
    #[must_use]
    pub const fn new(name: &'static str, value: &'a T) -> Self {
        Self { name, value }
    }

    /// Appends `name=value` after `?` or, if there is a query already, after `&`. Says whether
    /// anything was appended.
    pub(super) fn append(&self, url: &mut String, has_query: bool) -> bool {
        let Some(value) = self.value.query_value() else {
            return false;
        };
        url.push(if has_query { '&' } else { '?' });
        url.extend(utf8_percent_encode(self.name, &QUERY));
        url.push('=');
        url.extend(utf8_percent_encode(&value, &QUERY));
        true
    }
}

/// What can be the value of a query option.
pub trait QueryValue {
    /// The value before percent-encoding; `None` if the option is to be left out.
    fn query_value(&self) -> Option<Cow<'_, str>>;
}

impl<T: QueryValue + ?Sized> QueryValue for &T {
    fn query_value(&self) -> Option<Cow<'_, str>> {
        (**self).query_value()
    }
}

impl<T: QueryValue> QueryValue for Option<T> {
    fn query_value(&self) -> Option<Cow<'_, str>> {
        self.as_ref().and_then(QueryValue::query_value)
    }
}

impl QueryValue for str {
    fn query_value(&self) -> Option<Cow<'_, str>> {
        Some(Cow::Borrowed(self))
    }
}

impl QueryValue for String {
    fn query_value(&self) -> Option<Cow<'_, str>> {
        Some(Cow::Borrowed(self))
    }
}

macro_rules! displayed {
    ($($type:ty),+) => {$(
        impl QueryValue for $type {
            fn query_value(&self) -> Option<Cow<'_, str>> {
                Some(Cow::Owned(self.to_string()))
            }
        }
    )+};
}
displayed!(
    bool, i8, i16, i32, i64, u8, u16, u32, u64, NonZeroU32, NonZeroU64, f32, f64
);

/// A list is one option with commas, never a repeated option. An empty list is left out: Graph
/// reads `$select=` as a mistake.
impl<T: fmt::Display> QueryValue for [T] {
    fn query_value(&self) -> Option<Cow<'_, str>> {
        if self.is_empty() {
            return None;
        }
        let mut joined = String::new();
        for (index, item) in self.iter().enumerate() {
            if index > 0 {
                joined.push(',');
            }
            joined.push_str(&item.to_string());
        }
        Some(Cow::Owned(joined))
    }
}

impl<T: fmt::Display> QueryValue for Vec<T> {
    fn query_value(&self) -> Option<Cow<'_, str>> {
        self.as_slice().query_value()
    }
}

impl<T: fmt::Display, const N: usize> QueryValue for [T; N] {
    fn query_value(&self) -> Option<Cow<'_, str>> {
        self.as_slice().query_value()
    }
}

impl<T: fmt::Display> QueryValue for CommaSeparated<T> {
    fn query_value(&self) -> Option<Cow<'_, str>> {
        self.0.as_slice().query_value()
    }
}

/// The value of a query option that takes a list, such as `$select`: one string with commas.
///
/// ```
/// use graph_photo_model::wire::CommaSeparated;
///
/// assert_eq!(CommaSeparated::from(["width", "height"]).to_string(), "width,height");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CommaSeparated<T>(Vec<T>);

impl<T> CommaSeparated<T> {
    /// The items.
    #[must_use]
    pub fn as_slice(&self) -> &[T] {
        &self.0
    }

    /// The items, owned.
    #[must_use]
    pub fn into_vec(self) -> Vec<T> {
        self.0
    }
}

impl<T> Default for CommaSeparated<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> From<Vec<T>> for CommaSeparated<T> {
    fn from(items: Vec<T>) -> Self {
        Self(items)
    }
}

impl<T, const N: usize> From<[T; N]> for CommaSeparated<T> {
    fn from(items: [T; N]) -> Self {
        Self(items.into())
    }
}

impl<T> FromIterator<T> for CommaSeparated<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Self(items.into_iter().collect())
    }
}

impl<T: fmt::Display> fmt::Display for CommaSeparated<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, item) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(",")?;
            }
            item.fmt(f)?;
        }
        Ok(())
    }
}

impl<T: FromStr> FromStr for CommaSeparated<T> {
    type Err = T::Err;

    /// Splits at commas; the empty string is the empty list.
    fn from_str(text: &str) -> Result<Self, T::Err> {
        if text.is_empty() {
            return Ok(Self::default());
        }
        text.split(',').map(str::parse).collect()
    }
}

impl<T: FromStr> CommaSeparated<T> {
    fn parse_as<E: de::Error>(text: &str) -> Result<Self, E>
    where
        T::Err: fmt::Display,
    {
        text.parse().map_err(E::custom)
    }
}

impl<T: fmt::Display> Serialize for CommaSeparated<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, T: FromStr> Deserialize<'de> for CommaSeparated<T>
where
    T::Err: fmt::Display,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Items<T>(PhantomData<T>);

        impl<T: FromStr> Visitor<'_> for Items<T>
        where
            T::Err: fmt::Display,
        {
            type Value = CommaSeparated<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a comma-separated string")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                CommaSeparated::parse_as(text)
            }
        }

        deserializer.deserialize_str(Items(PhantomData))
    }
}
