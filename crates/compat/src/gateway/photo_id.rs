//! The id of a photo, which Graph calls `default` where the legacy service said `648X648`.

use std::io::Write as _;
use std::sync::LazyLock;

use memchr::memmem::Finder;
use serde::{Deserialize, Serialize};

use crate::model::{OutlookPhoto, OutlookPhotoCollection};

/// An id to be derived, and the searcher for it, which is made once.
static DEFAULT: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"\"default\""));

static WIDTH: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"\"Width\":"));
static HEIGHT: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"\"Height\":"));

/// What a caller selected, and what has to be asked for besides so that the id can be told.
#[derive(Debug, Default)]
pub(crate) struct Selection {
    /// The query to send.
    pub(crate) query: String,
    hide_width: bool,
    hide_height: bool,
}

impl Selection {
    /// Adds width and height to a `$select` that has the id and not them.
    pub(crate) fn of(query: &str) -> Self {
        let mut selection = Self::default();
        for option in query.trim_start_matches('?').split('&') {
            let Some(names) = option.strip_prefix("$select=") else {
                selection.add(option);
                continue;
            };
            let has = |wanted: &str| selects(names, wanted);
            let id = has("id");
            selection.hide_width = id && !has("width");
            selection.hide_height = id && !has("height");
            let mut option = option.to_owned();
            for (name, missing) in [
                (",width", selection.hide_width),
                (",height", selection.hide_height),
            ] {
                if missing {
                    option.push_str(name);
                }
            }
            selection.add(&option);
        }
        selection
    }

    fn add(&mut self, option: &str) {
        if !option.is_empty() {
            self.query
                .push(if self.query.is_empty() { '?' } else { '&' });
            self.query.push_str(option);
        }
    }

    /// Derives the ids in a translated document, and takes out what the caller did not select.
    ///
    /// Where nothing is taken out, all but the ids is to the byte what the translator made of it.
    pub(crate) fn apply(&self, document: Vec<u8>, list: bool) -> Vec<u8> {
        if !self.hide_width && !self.hide_height {
            let Some(at) = DEFAULT.find(&document) else {
                return document;
            };
            if let Some(derived) = derive_id(&document, at).or_else(|| derive_ids(&document, list))
            {
                return derived;
            }
        }
        let changed = if list {
            self.each::<OutlookPhotoCollection>(&document, |list| {
                list.value.iter_mut().for_each(|photo| self.photo(photo));
            })
        } else {
            self.each::<OutlookPhoto>(&document, |photo| self.photo(photo))
        };
        changed.unwrap_or(document)
    }

    fn each<'a, T: Serialize + Deserialize<'a>>(
        &self,
        document: &'a [u8],
        change: impl FnOnce(&mut T),
    ) -> Option<Vec<u8>> {
        let mut value: T = serde_json::from_slice(document).ok()?;
        change(&mut value);
        serde_json::to_vec(&value).ok()
    }

    fn photo(&self, photo: &mut OutlookPhoto) {
        if photo.id.as_deref() == Some("default") {
            photo.derive_id();
        }
        if self.hide_width {
            photo.width = None;
        }
        if self.hide_height {
            photo.height = None;
        }
    }
}

/// What an id is derived from; the rest of a document is skipped.
#[derive(Deserialize)]
struct Measured<'a> {
    #[serde(rename = "Id")]
    id: Option<&'a str>,
    #[serde(rename = "Width")]
    width: Option<i32>,
    #[serde(rename = "Height")]
    height: Option<i32>,
}

#[derive(Deserialize)]
struct MeasuredList<'a> {
    #[serde(borrow, default)]
    value: Vec<Measured<'a>>,
}

/// As [`derive_ids`], for one photo as Graph writes it: an object that holds no other, without spaces. Every photo's
/// metadata passes here, and looking for three names is less work than reading it. `at` is where `"default"` stands.
fn derive_id(document: &[u8], at: usize) -> Option<Vec<u8>> {
    let flat = memchr::memchr_iter(b'{', document).count() == 1;
    let (before, id) = document.split_at_checked(at)?;
    if !flat || !before.ends_with(b"\"Id\":") {
        return None;
    }
    let width = number(document, &WIDTH)?;
    let height = number(document, &HEIGHT)?;
    let after = id.strip_prefix(b"\"default\"")?;
    Some([before, b"\"", width, b"X", height, b"\"", after].concat())
}

/// The digits behind a member's name. A quote that belongs to a longer name has a backslash in front.
fn number<'d>(document: &'d [u8], name: &Finder<'_>) -> Option<&'d [u8]> {
    let at = name.find(document)?;
    let (before, rest) = document.split_at_checked(at)?;
    let value = rest.get(name.needle().len()..)?;
    let length = value
        .iter()
        .position(|byte| !byte.is_ascii_digit())
        .filter(|length| *length > 0)?;
    let (digits, after) = value.split_at_checked(length)?;
    let ends = after.starts_with(b",") || after.starts_with(b"}");
    (ends && !before.ends_with(b"\\")).then_some(digits)
}

/// Writes the ids into a document in place of `default`: a fraction of the work of reading all of it into a model.
/// `None` where an id has escapes, or the document is no photo's.
fn derive_ids(document: &[u8], list: bool) -> Option<Vec<u8>> {
    let photos = if list {
        serde_json::from_slice::<MeasuredList<'_>>(document)
            .ok()?
            .value
    } else {
        vec![serde_json::from_slice(document).ok()?]
    };
    let mut derived = Vec::with_capacity(document.len() + 4 * photos.len());
    let mut copied = 0;
    for photo in photos {
        let (Some(id @ "default"), Some(width), Some(height)) =
            (photo.id, photo.width, photo.height)
        else {
            continue;
        };
        // It is lent by the document, so its address says where it stands.
        let at = id.as_ptr().addr().checked_sub(document.as_ptr().addr())?;
        derived.extend_from_slice(document.get(copied..at)?);
        write!(derived, "{width}X{height}").ok()?;
        copied = at + id.len();
    }
    derived.extend_from_slice(document.get(copied..)?);
    Some(derived)
}

/// The value of `$select` in a query for Graph.
pub(crate) fn selected(query: &str) -> Option<&str> {
    query
        .split(['?', '&'])
        .find_map(|option| option.strip_prefix("$select="))
}

/// Whether a property is among the names of a `$select`, spaces around it included.
pub(crate) fn selects(names: &str, property: &str) -> bool {
    names
        .split(',')
        .map(|name| name.trim_start_matches("%20").trim_end_matches("%20"))
        .map(|name| name.trim_matches(['+', ' ']))
        .any(|name| name == property || name == "*")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_id_is_made_of_is_asked_for() {
        for (query, sent) in [
            ("", ""),
            ("?$select=width", "?$select=width"),
            ("?$select=id", "?$select=id,width,height"),
            (
                "?$select=id,height&$top=1",
                "?$select=id,height,width&$top=1",
            ),
            ("?$top=1", "?$top=1"),
            ("?$select=*", "?$select=*"),
            ("?$select=width,+id", "?$select=width,+id,height"),
            ("?$select=width,%20id", "?$select=width,%20id,height"),
        ] {
            assert_eq!(Selection::of(query).query, sent);
        }
    }

    #[test]
    fn only_what_was_selected_comes_back() {
        let document = br#"{"Id":"default","Width":256,"Height":128,"Extra":1}"#.to_vec();
        let apply = |query: &str| {
            let found = Selection::of(query).apply(document.clone(), false);
            String::from_utf8(found).unwrap()
        };
        assert_eq!(
            apply(""),
            r#"{"Id":"256X128","Width":256,"Height":128,"Extra":1}"#
        );
        assert_eq!(apply("?$select=id"), r#"{"Id":"256X128","Extra":1}"#);
        assert_eq!(
            apply("?$select=id,height"),
            r#"{"Id":"256X128","Height":128,"Extra":1}"#
        );
        for (list, derived) in [
            (
                r#"{ "value": [{"Id":"48X48"},{"Id":"default","Width":2,"Height":3,"More":{"Id":"default"}},{"Height":5, "Width":4,"Id":"default"}] }"#,
                r#"{ "value": [{"Id":"48X48"},{"Id":"2X3","Width":2,"Height":3,"More":{"Id":"default"}},{"Height":5, "Width":4,"Id":"4X5"}] }"#,
            ),
            (
                r#"{"value":[{"Id":"\u0034"},{"Id":"default","Width":2,"Height":3}]}"#,
                r#"{"value":[{"Id":"4"},{"Id":"2X3","Width":2,"Height":3}]}"#,
            ),
            (
                r#"{"value":[{"Id":"default","Width":2}]}"#,
                r#"{"value":[{"Id":"default","Width":2}]}"#,
            ),
        ] {
            let found = Selection::of("").apply(list.as_bytes().to_vec(), true);
            assert_eq!(String::from_utf8(found).unwrap(), derived);
        }
        for (photo, derived) in [
            // Read in full: spaces, something nested, a longer name, no number.
            (
                r#"{"Id": "default", "Width": 2, "Height": 3}"#,
                r#"{"Id": "2X3", "Width": 2, "Height": 3}"#,
            ),
            (
                r#"{"More":{"Width":9},"Id":"default","Width":2,"Height":3}"#,
                r#"{"More":{"Width":9},"Id":"2X3","Width":2,"Height":3}"#,
            ),
            (
                r#"{"a\"Width":9,"Id":"default","Width":2,"Height":3}"#,
                r#"{"a\"Width":9,"Id":"2X3","Width":2,"Height":3}"#,
            ),
            (
                r#"{"note":"\"Width\":9","Id":"default","Width":2,"Height":3}"#,
                r#"{"note":"\"Width\":9","Id":"2X3","Width":2,"Height":3}"#,
            ),
            (
                r#"{"Id":"default","Width":null,"Height":3}"#,
                r#"{"Id":"default","Width":null,"Height":3}"#,
            ),
            (
                r#"{"note":"default","Id":"default","Height":3,"Width":2}"#,
                r#"{"note":"default","Id":"2X3","Height":3,"Width":2}"#,
            ),
        ] {
            let found = Selection::of("").apply(photo.as_bytes().to_vec(), false);
            assert_eq!(String::from_utf8(found).unwrap(), derived);
        }
        let other = br#"{ "Id" : "48X48" }"#.to_vec();
        assert_eq!(Selection::of("").apply(other.clone(), false), other);
    }
}
