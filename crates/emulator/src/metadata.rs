//! The JSON of photos and users, as OData annotates it.
//!
//! `@odata.context` names Microsoft's host whatever address the emulator
//! listens on, for so the service does behind every proxy; only links that are
//! to be followed lead back here.

use http::Uri;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::{Map, Value, json};

use crate::errors::{Refusal, shorten};
use crate::filter;
use crate::photo::{Photo, Size};
use crate::route::{OwnerPath, UserKey, Version};
use crate::tenant::User;

/// What stays as it is in a key within `@odata.context`; captures show `%40`.
const KEY: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// How metadata names the largest photo.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PhotoId {
    /// `"id": "default"`, as observed in recent answers.
    #[default]
    Default,
    /// `"id": "648x648"`, as Microsoft's pages show it.
    Size,
}

/// The query options that the emulator understands.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Query {
    pub(crate) select: Option<Vec<String>>,
    pub(crate) top: Option<u64>,
    pub(crate) skip: Option<u64>,
    pub(crate) skip_token: Option<u64>,
    pub(crate) count: bool,
    pub(crate) filter: Option<String>,
    pub(crate) order_by: Option<String>,
}

impl Query {
    /// Reads the options. Those that do not concern photos are left alone, as
    /// are custom ones (`?timestamp=...` is a cache buster of real callers).
    pub(crate) fn parse(query: Option<&str>) -> Result<Query, Refusal> {
        let mut parsed = Query::default();
        for pair in query.unwrap_or_default().split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let decode = |text: &str| {
                let text = text.replace('+', " ");
                percent_decode_str(&text).decode_utf8_lossy().into_owned()
            };
            let value = decode(value);
            match decode(name).to_ascii_lowercase().as_str() {
                "$select" => {
                    let names = filter::list(&value).map(str::to_owned);
                    parsed.select.get_or_insert_default().extend(names);
                }
                "$top" => parsed.top = Some(number("$top", &value)?),
                "$skip" => parsed.skip = Some(number("$skip", &value)?),
                "$count" => {
                    parsed.count = match value.to_ascii_lowercase().as_str() {
                        "true" => true,
                        "false" => false,
                        _ => {
                            return Err(Refusal::bad_request(format!(
                                "Invalid value '{}' for $count query option found. Valid values are 'true' and 'false'.",
                                shorten(&value)
                            )));
                        }
                    }
                }
                "$filter" => parsed.filter = Some(value).filter(|v| !v.trim().is_empty()),
                "$orderby" => parsed.order_by = Some(value),
                "$skiptoken" => parsed.skip_token = Some(number("$skiptoken", &value)?),
                _ => {}
            }
        }
        Ok(parsed)
    }
}

fn number(option: &str, value: &str) -> Result<u64, Refusal> {
    value.parse().map_err(|_| {
        Refusal::bad_request(format!(
            "Invalid value '{}' for {option} query option found. The {option} query option requires a non-negative integer value.",
            shorten(value)
        ))
    })
}

/// The document that `@odata.context` points into.
pub(crate) fn context(version: Version) -> String {
    format!("https://graph.microsoft.com/{version}/$metadata#")
}

fn owner_context(owner: &OwnerPath) -> String {
    let keyed = |set: &str, key: &str| format!("{set}('{}')", utf8_percent_encode(key, KEY));
    let user_context = |user: &UserKey| match user {
        UserKey::Me => "Me".to_owned(),
        UserKey::Id(id) => keyed("users", id),
    };
    match owner {
        OwnerPath::User(user) => user_context(user),
        OwnerPath::Group(id) => keyed("groups", id),
        OwnerPath::Team(id) => keyed("teams", id),
        OwnerPath::Contact {
            user,
            folder,
            contact,
        } => {
            let mut path = user_context(user);
            if let Some(folder) = folder {
                path = format!("{path}/{}", keyed("contactFolders", folder));
            }
            format!("{path}/{}", keyed("contacts", contact))
        }
    }
}

/// Which of a photo's pictures is described.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Of {
    /// The upload itself, under the given style of id.
    Largest(PhotoId),
    /// One of the sizes.
    Size(Size),
}

/// The metadata of one picture, without the context.
fn photo_fields(photo: &Photo, of: Of) -> Map<String, Value> {
    let (media_type, etag, size, id) = match of {
        Of::Largest(style) => {
            let size = photo.dimensions();
            let id = match style {
                PhotoId::Default => "default".to_owned(),
                PhotoId::Size => format!("{}x{}", size.width, size.height),
            };
            (photo.media_type(), photo.etag(), size, id)
        }
        Of::Size(size) => (
            photo.sized_media_type(size),
            photo.sized_etag(size),
            size,
            format!("{}x{}", size.width, size.height),
        ),
    };
    let mut fields = Map::new();
    fields.insert("@odata.mediaContentType".into(), media_type.as_str().into());
    fields.insert("@odata.mediaEtag".into(), etag.into());
    fields.insert("id".into(), id.into());
    fields.insert("height".into(), size.height.into());
    fields.insert("width".into(), size.width.into());
    fields
}

/// Refuses a `$select` of what the type does not have, or of one property
/// twice; Microsoft's OpenAPI says that they are unique.
fn check_select(query: &Query, known: &[&str], of_type: &str) -> Result<(), Refusal> {
    let names = query.select.as_deref().unwrap_or_default();
    for (at, name) in names.iter().enumerate() {
        if name != "*" && !known.iter().any(|k| k.eq_ignore_ascii_case(name)) {
            return Err(Refusal::bad_request(format!(
                "Parsing OData Select and Expand failed: Could not find a property named '{}' on type '{of_type}'.",
                shorten(name)
            )));
        }
        if names.iter().take(at).any(|n| n.eq_ignore_ascii_case(name)) {
            return Err(Refusal::bad_request(format!(
                "Parsing OData Select and Expand failed: '{}' is selected twice.",
                shorten(name)
            )));
        }
    }
    Ok(())
}

/// Keeps what `$select` names; annotations stay whatever it names.
fn select(fields: &mut Map<String, Value>, query: &Query) {
    let Some(select) = query.select.as_deref() else {
        return;
    };
    if !select.is_empty() && !select.iter().any(|s| s == "*") {
        fields.retain(|name, _| {
            name.starts_with('@') || select.iter().any(|s| s.eq_ignore_ascii_case(name))
        });
    }
}

fn check_photo_select(query: &Query) -> Result<(), Refusal> {
    check_select(query, &PHOTO_PROPERTIES, PHOTO_TYPE)
}

const PHOTO_PROPERTIES: [&str; 3] = ["id", "height", "width"];
const PHOTO_TYPE: &str = "microsoft.graph.profilePhoto";

/// Puts the context first, where OData wants it.
fn with_context(context: String, fields: Map<String, Value>) -> Value {
    let mut out = Map::new();
    out.insert("@odata.context".into(), context.into());
    out.extend(fields);
    Value::Object(out)
}

/// The answer to a metadata request.
pub(crate) fn photo(
    version: Version,
    owner: &OwnerPath,
    photo: &Photo,
    of: Of,
    query: &Query,
) -> Result<Value, Refusal> {
    check_photo_select(query)?;
    let set = match of {
        Of::Largest(_) => "photo",
        Of::Size(_) => "photos",
    };
    let context = format!("{}{}/{set}/$entity", context(version), owner_context(owner));
    let mut fields = photo_fields(photo, of);
    select(&mut fields, query);
    Ok(with_context(context, fields))
}

/// The answer to a request for the list of sizes.
pub(crate) fn photos(
    version: Version,
    owner: &OwnerPath,
    photo: &Photo,
    query: &Query,
) -> Result<Value, Refusal> {
    check_photo_select(query)?;
    let skip = usize::try_from(query.skip.unwrap_or(0)).unwrap_or(usize::MAX);
    let top = usize::try_from(query.top.unwrap_or(u64::MAX)).unwrap_or(usize::MAX);
    let mut sizes = Vec::new();
    for size in photo.sizes() {
        let accepted = match &query.filter {
            Some(filter) => filter::accepts(filter, size)?,
            None => true,
        };
        if accepted {
            sizes.push(size);
        }
    }
    if let Some(by) = &query.order_by {
        filter::order(&mut sizes, by)?;
    }
    let count = sizes.len();
    let mut value = Vec::new();
    for size in sizes.into_iter().skip(skip).take(top) {
        let mut fields = photo_fields(photo, Of::Size(size));
        select(&mut fields, query);
        value.push(Value::Object(fields));
    }
    let mut out = Map::new();
    let set = format!("{}{}/photos", context(version), owner_context(owner));
    out.insert("@odata.context".into(), set.into());
    if query.count {
        out.insert("@odata.count".into(), count.into());
    }
    out.insert("value".into(), value.into());
    Ok(Value::Object(out))
}

/// The documented description of a photo that is not there: one by one pixel.
/// `rest` is the photo whose size is missing, if there is one at all.
pub(crate) fn placeholder(
    version: Version,
    owner: &OwnerPath,
    rest: Option<&Photo>,
    query: &Query,
) -> Result<Value, Refusal> {
    check_photo_select(query)?;
    let path = owner_context(owner);
    let mut fields = Map::new();
    let (media_type, etag) = match rest {
        Some(photo) => (photo.media_type().as_str(), photo.etag()),
        None => ("image/gif", String::new()),
    };
    fields.insert("@odata.mediaContentType".into(), media_type.into());
    fields.insert("@odata.mediaEtag".into(), etag.into());
    fields.insert("id".into(), "1x1".into());
    fields.insert("height".into(), 1.into());
    fields.insert("width".into(), 1.into());
    select(&mut fields, query);
    Ok(with_context(
        format!("{}{path}/photo/$entity", context(version)),
        fields,
    ))
}

/// The transparent GIF of one by one pixel that stands for no photo.
pub(crate) const PLACEHOLDER_GIF: &[u8] = &[
    0x47, 0x49, 0x46, 0x38, 0x39, 0x61, 0x01, 0x00, 0x01, 0x00, 0x80, 0x00, 0x00, 0x00, 0x00, 0x00,
    0xff, 0xff, 0xff, 0x21, 0xf9, 0x04, 0x01, 0x00, 0x00, 0x00, 0x00, 0x2c, 0x00, 0x00, 0x00, 0x00,
    0x01, 0x00, 0x01, 0x00, 0x00, 0x02, 0x02, 0x44, 0x01, 0x00, 0x3b,
];

/// The properties that Graph answers for a user when none are selected.
const USER_PROPERTIES: [&str; 11] = [
    "businessPhones",
    "displayName",
    "givenName",
    "jobTitle",
    "mail",
    "mobilePhone",
    "officeLocation",
    "preferredLanguage",
    "surname",
    "userPrincipalName",
    "id",
];

fn user_fields(user: &User, query: &Query) -> Map<String, Value> {
    let (given, surname) = user
        .display_name
        .split_once(' ')
        .unwrap_or((&user.display_name, ""));
    let mail = user.has_mailbox.then_some(&*user.principal_name);
    let Value::Object(mut fields) = json!({
        "businessPhones": [],
        "displayName": user.display_name,
        "givenName": given,
        "jobTitle": null,
        "mail": mail,
        "mobilePhone": null,
        "officeLocation": null,
        "preferredLanguage": null,
        "surname": surname,
        "userPrincipalName": user.principal_name,
        "id": &*user.id,
    }) else {
        return Map::new();
    };
    select(&mut fields, query);
    fields
}

fn check_user_select(query: &Query) -> Result<(), Refusal> {
    check_select(query, &USER_PROPERTIES, "microsoft.graph.user")
}

fn users_context(version: Version, query: &Query) -> String {
    let selected = match query.select.as_deref() {
        None | Some([]) => String::new(),
        Some(names) => format!("({})", names.join(",")),
    };
    format!("{}users{selected}", context(version))
}

/// The answer to a request for a user.
pub(crate) fn user(version: Version, user: &User, query: &Query) -> Result<Value, Refusal> {
    check_user_select(query)?;
    let fields = user_fields(user, query);
    Ok(with_context(
        format!("{}/$entity", users_context(version, query)),
        fields,
    ))
}

/// One page of users and the link to the next.
pub(crate) fn users<'a>(
    version: Version,
    users: impl Iterator<Item = &'a User>,
    next: Option<String>,
    query: &Query,
) -> Result<Value, Refusal> {
    check_user_select(query)?;
    let value: Vec<Value> = users
        .map(|user| Value::Object(user_fields(user, query)))
        .collect();
    let mut out = Map::new();
    out.insert(
        "@odata.context".into(),
        users_context(version, query).into(),
    );
    if let Some(next) = next {
        out.insert("@odata.nextLink".into(), next.into());
    }
    out.insert("value".into(), value.into());
    Ok(Value::Object(out))
}

/// The link to the page that starts at `skip`, keeping the caller's options.
pub(crate) fn next_link(root: &str, version: Version, query: Option<&str>, skip: u64) -> String {
    let kept = query
        .unwrap_or_default()
        .split('&')
        .filter(|pair| {
            let name = pair.split('=').next().unwrap_or_default();
            let name = percent_decode_str(name).decode_utf8_lossy();
            !pair.is_empty() && !name.eq_ignore_ascii_case("$skiptoken")
        })
        .map(|pair| format!("{pair}&"))
        .collect::<String>();
    format!("{root}/{version}/users?{kept}$skiptoken={skip}")
}

/// The address that the client reached the emulator under, for links back.
pub(crate) fn root(host: Option<&str>, fallback: &str) -> String {
    let valid = host.filter(|host| {
        format!("http://{host}/")
            .parse::<Uri>()
            .is_ok_and(|uri| uri.authority().is_some_and(|a| a.as_str() == *host))
    });
    format!("http://{}", valid.unwrap_or(fallback))
}
