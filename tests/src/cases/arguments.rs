//! The arguments of a call, from the names a case uses to the types the clients take.

use std::str::FromStr;

use anyhow::{Context as _, Result, ensure};
use bytes::Bytes;
use graph_photo_model::types::{PhotoOrder, PhotoProperty};
use graph_photo_model::{CommaSeparated, Size};
use serde_json::{Map, Value};

use super::bytes_spec::BytesSpec;
use super::case::{Action, CallCase, Handle, Owner};

/// Stand-ins for path parameters that a case says nothing about: ids of the emulator's demo
/// tenant. Listed in `docs/cases-for-implementers.md`.
const DEFAULTS: [(&str, &str); 6] = [
    ("user-id", "adele@contoso.com"),
    ("group-id", "22222222-0000-4000-8000-000000000001"),
    ("team-id", "22222222-0000-4000-8000-000000000001"),
    ("contact-id", "contact-1"),
    ("contactFolder-id", "folder-1"),
    ("profilePhoto-id", "48x48"),
];

/// The arguments of one operation call.
#[derive(Debug, Clone, Copy)]
pub struct Arguments<'c>(pub &'c Map<String, Value>);

impl<'c> Arguments<'c> {
    /// A path parameter.
    ///
    /// # Errors
    /// When there is neither a value nor a default, or the value is no text.
    pub fn path(self, name: &str) -> Result<&'c str> {
        match self.0.get(name) {
            Some(value) => value
                .as_str()
                .with_context(|| format!("{name} is {value}, not text")),
            None => DEFAULTS
                .iter()
                .find_map(|(known, value)| (*known == name).then_some(*value))
                .with_context(|| format!("{name} has no value")),
        }
    }

    /// An argument of text.
    ///
    /// # Errors
    /// When it is something else.
    pub fn text(self, name: &str) -> Result<Option<&'c str>> {
        self.0
            .get(name)
            .map(|value| {
                value
                    .as_str()
                    .with_context(|| format!("{name} is {value}, not text"))
            })
            .transpose()
    }

    /// `$skip` or `$top`.
    ///
    /// # Errors
    /// When it is no whole number.
    pub fn number(self, name: &str) -> Result<Option<i64>> {
        self.0
            .get(name)
            .map(|value| {
                value
                    .as_i64()
                    .with_context(|| format!("{name} is {value}, not a number"))
            })
            .transpose()
    }

    /// `$count`.
    ///
    /// # Errors
    /// When it is neither true nor false.
    pub fn flag(self, name: &str) -> Result<Option<bool>> {
        self.0
            .get(name)
            .map(|value| {
                value
                    .as_bool()
                    .with_context(|| format!("{name} is {value}, not a flag"))
            })
            .transpose()
    }

    /// `$select`.
    ///
    /// # Errors
    /// When it is no list, or names a property that does not exist.
    pub fn select(self) -> Result<Option<CommaSeparated<PhotoProperty>>> {
        self.list("$select")
    }

    /// `$orderby`.
    ///
    /// # Errors
    /// When it is no list, or names an order that does not exist.
    pub fn orderby(self) -> Result<Option<CommaSeparated<PhotoOrder>>> {
        self.list("$orderby")
    }

    fn list<T: FromStr + Clone>(self, name: &str) -> Result<Option<CommaSeparated<T>>> {
        let Some(value) = self.0.get(name) else {
            return Ok(None);
        };
        let items = value
            .as_array()
            .with_context(|| format!("{name} is {value}, not a list"))?;
        let items: Vec<T> = items
            .iter()
            .map(|item| {
                item.as_str()
                    .and_then(|item| item.parse().ok())
                    .with_context(|| format!("{name} has {item}"))
            })
            .collect::<Result<_>>()?;
        Ok(Some(items.into_iter().collect()))
    }

    /// What is uploaded.
    ///
    /// # Errors
    /// When there is nothing.
    pub fn body(self) -> Result<Bytes> {
        let spec = self.0.get("body").context("an upload needs a body")?;
        let spec: BytesSpec = serde_json::from_value(spec.clone()).context("body")?;
        Ok(spec.bytes()?.into())
    }
}

/// The curated call that goes with an operation, if there is one and it can say the same.
///
/// PATCH has none, options have none, and a size that is no size can only be asked for as Graph
/// describes it.
///
/// # Errors
/// As [`Arguments::path`].
pub fn curated(case: &CallCase) -> Result<Option<Handle>> {
    let Some(name) = &case.call else {
        return Ok(case.handle.clone());
    };
    let arguments = Arguments(&case.with);
    let options = case
        .with
        .keys()
        .any(|key| key.starts_with('$') || key == "If-Match");
    if options || !case.curated {
        return Ok(None);
    }
    let suffixes = [
        ("get_photo_content_by_size", Action::Get, true),
        ("get_photo_by_size", Action::Metadata, true),
        ("get_photo_content", Action::Get, false),
        ("put_photo_content", Action::Put, false),
        ("delete_photo_content", Action::Delete, false),
        ("list_photos", Action::Sizes, false),
        ("get_photo", Action::Metadata, false),
    ];
    let Some((owner, photo, sized)) = suffixes.iter().find_map(|(suffix, photo, sized)| {
        Some((
            name.strip_suffix(suffix)?.trim_end_matches('_'),
            *photo,
            *sized,
        ))
    }) else {
        return Ok(None);
    };
    let size = sized
        .then(|| arguments.path("profilePhoto-id"))
        .transpose()?;
    // Only the spelling that a size writes itself can come back from it.
    if size.is_some_and(|size| {
        size.parse::<Size>()
            .map(|parsed| parsed.to_string())
            .ok()
            .as_deref()
            != Some(size)
    }) {
        return Ok(None);
    }
    let body = (photo == Action::Put)
        .then(|| {
            serde_json::from_value(case.with.get("body").cloned().unwrap_or_default())
                .context("body")
        })
        .transpose()?;
    Ok(Some(Handle {
        owner: owned(owner, arguments)?,
        photo,
        size: size.map(str::to_owned),
        fit: None,
        body,
    }))
}

/// The owner of an operation, by the first half of its name.
fn owned(prefix: &str, arguments: Arguments<'_>) -> Result<Owner> {
    let mut owner = Owner::default();
    let path = |name: &str| arguments.path(name).map(str::to_owned);
    for part in prefix.split('_') {
        match part {
            "me" => owner.me = true,
            "user" => owner.user = Some(path("user-id")?),
            "group" => owner.group = Some(path("group-id")?),
            "team" => owner.team = Some(path("team-id")?),
            "folder" => owner.folder = Some(path("contactFolder-id")?),
            "contact" => owner.contact = Some(path("contact-id")?),
            other => ensure!(false, "no owner is called {other:?}"),
        }
    }
    Ok(owner)
}
