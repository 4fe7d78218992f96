//! From a request path to what it addresses.
//!
//! Graph's paths are OData's: fixed segments match in any case, a key stands
//! either in a segment of its own (`/users/adele@contoso.com`) or in brackets
//! (`/users('adele@contoso.com')`), and every segment may be percent-encoded.
//! No path matcher of a web framework knows these rules, so they live here,
//! in one pure function without a server around it: [`route`].
//!
//! What a method does on the addressed resource is decided in `service`.

use std::fmt;

use percent_encoding::percent_decode_str;

/// A version of Graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Version {
    /// `/v1.0`
    V1,
    /// `/beta`
    Beta,
}

impl Version {
    /// The first path segment: `v1.0` or `beta`.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Version::V1 => "v1.0",
            Version::Beta => "beta",
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Which user a path speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum UserKey {
    /// `/me`, or the placeholder that Microsoft's generated SDKs send for it.
    Me,
    /// An object id or a user principal name, decoded.
    Id(String),
}

/// Whose photo a path speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum OwnerPath {
    User(UserKey),
    Group(String),
    Team(String),
    Contact {
        user: UserKey,
        folder: Option<String>,
        contact: String,
    },
}

impl OwnerPath {
    /// The first half of an operation's name, as in `me_contact_get_photo`.
    pub(crate) fn prefix(&self) -> &'static str {
        match self {
            OwnerPath::User(UserKey::Me) => "me",
            OwnerPath::User(UserKey::Id(_)) => "user",
            OwnerPath::Group(_) => "group",
            OwnerPath::Team(_) => "team",
            OwnerPath::Contact {
                user: UserKey::Me,
                folder: None,
                ..
            } => "me_contact",
            OwnerPath::Contact {
                user: UserKey::Me, ..
            } => "me_folder_contact",
            OwnerPath::Contact { folder: None, .. } => "user_contact",
            OwnerPath::Contact { .. } => "user_folder_contact",
        }
    }

    /// Whether the owner has the `photos` collection; contacts and teams do not.
    pub(crate) fn has_sizes(&self) -> bool {
        matches!(self, OwnerPath::User(_) | OwnerPath::Group(_))
    }
}

/// What of a photo is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PhotoPart {
    /// `/photo`
    Metadata,
    /// `/photo/$value`
    Content,
    /// `/photos`
    Sizes,
    /// `/photos/$count`
    Count,
    /// `/photos/{size}`
    Sized(String),
    /// `/photos/{size}/$value`
    SizedContent(String),
    /// `/photo/{size}`, a form of old examples that the service refuses.
    OldSized,
}

/// What a path addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Resource {
    Photo { owner: OwnerPath, part: PhotoPart },
    User(UserKey),
    Users,
    Batch,
}

/// A path understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Route {
    pub(crate) version: Version,
    pub(crate) resource: Resource,
}

/// Why a path leads nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NoRoute {
    /// Nothing that this emulator offers.
    Unknown,
    /// Not a path that Graph would look at.
    Malformed(&'static str),
}

/// A segment, decoded, and the key in brackets behind it, if any.
struct Segment {
    name: String,
    key: Option<String>,
}

/// The longest path that is looked at. The longest real one, a contact in a
/// folder, stays under 1,000 bytes.
const MAX_PATH: usize = 4096;

/// Tells what `path`, as it stands in the request line, addresses.
pub(crate) fn route(path: &str) -> Result<Route, NoRoute> {
    if path.len() > MAX_PATH {
        return Err(NoRoute::Malformed("the path is longer than 4,096 bytes"));
    }
    let path = path
        .strip_prefix('/')
        .ok_or(NoRoute::Malformed("the path does not start with /"))?;
    // `/me/photo/` is what some callers send for `/me/photo`.
    let path = path.strip_suffix('/').unwrap_or(path);
    let (version, rest) = path.split_once('/').unwrap_or((path, ""));
    let version = if version.eq_ignore_ascii_case("v1.0") {
        Version::V1
    } else if version.eq_ignore_ascii_case("beta") {
        Version::Beta
    } else {
        return Err(NoRoute::Unknown);
    };
    let segments = rest
        .split('/')
        .map(segment)
        .collect::<Result<Vec<_>, _>>()?;
    let mut walk = Walk {
        segments,
        at: 0,
        malformed: None,
    };
    let resource = match (walk.resource(), walk.malformed) {
        (_, Some(why)) => return Err(NoRoute::Malformed(why)),
        (None, None) => return Err(NoRoute::Unknown),
        (Some(resource), None) => resource,
    };
    Ok(Route { version, resource })
}

fn segment(raw: &str) -> Result<Segment, NoRoute> {
    let bytes = raw.as_bytes();
    for (i, b) in bytes.iter().enumerate() {
        let hex = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_hexdigit);
        if *b == b'%' && !(hex(i + 1) && hex(i + 2)) {
            return Err(NoRoute::Malformed("a % stands without two hex digits"));
        }
    }
    let name = percent_decode_str(raw)
        .decode_utf8()
        .map_err(|_| NoRoute::Malformed("a segment is not UTF-8"))?
        .into_owned();
    if name == "." || name == ".." {
        return Err(NoRoute::Malformed("a segment is . or .."));
    }
    if name.chars().any(char::is_control) {
        return Err(NoRoute::Malformed("a segment holds a control character"));
    }
    // users('adele@contoso.com'); a quote within the key is doubled.
    if let Some(open) = name.find("('")
        && let Some(quoted) = name[open + 2..].strip_suffix("')")
        && !name[..open].is_empty()
        && name[..open].bytes().all(|b| b.is_ascii_alphabetic())
    {
        return Ok(Segment {
            key: Some(quoted.replace("''", "'")),
            name: name[..open].to_owned(),
        });
    }
    Ok(Segment { name, key: None })
}

/// The segments and how far they have been read. Every step answers `None`
/// when the path is not one that it knows.
struct Walk {
    segments: Vec<Segment>,
    at: usize,
    malformed: Option<&'static str>,
}

impl Walk {
    fn resource(&mut self) -> Option<Resource> {
        let first = self.segments.get(self.at)?;
        let name = first.name.to_ascii_lowercase();
        let keyed = first.key.is_some();
        match name.as_str() {
            "$batch" if !keyed => {
                self.at += 1;
                self.end(Resource::Batch)
            }
            "me" if !keyed => {
                self.at += 1;
                self.user(UserKey::Me)
            }
            "users" => {
                if !keyed && self.segments.len() == self.at + 1 {
                    return Some(Resource::Users);
                }
                let id = self.key()?;
                // Documented on the page of `GET /users/{id}`.
                if !keyed && id.starts_with('$') {
                    self.malformed = Some(
                        "a user principal name that starts with $ must be written /users('$...')",
                    );
                }
                // Kiota's SDKs build /users/me-token-to-replace for `me` and
                // mostly, not always, rewrite it before sending.
                let user = if id.eq_ignore_ascii_case("me-token-to-replace") {
                    UserKey::Me
                } else {
                    UserKey::Id(id)
                };
                self.user(user)
            }
            "groups" => {
                let owner = OwnerPath::Group(self.key()?);
                self.photo(owner)
            }
            // The pages of Microsoft list /team, their examples use /teams.
            "team" | "teams" => {
                let owner = OwnerPath::Team(self.key()?);
                self.photo(owner)
            }
            _ => None,
        }
    }

    fn user(&mut self, user: UserKey) -> Option<Resource> {
        let Some(next) = self.segments.get(self.at) else {
            return Some(Resource::User(user));
        };
        let folder = match next.name.to_ascii_lowercase().as_str() {
            "contacts" => None,
            "contactfolders" => {
                let folder = self.key()?;
                let next = self.segments.get(self.at)?;
                if !next.name.eq_ignore_ascii_case("contacts") {
                    return None;
                }
                Some(folder)
            }
            _ => return self.photo(OwnerPath::User(user)),
        };
        let contact = self.key()?;
        self.photo(OwnerPath::Contact {
            user,
            folder,
            contact,
        })
    }

    /// Reads a collection's name and the key behind it, in either form.
    fn key(&mut self) -> Option<String> {
        let segment = self.segments.get_mut(self.at)?;
        self.at += 1;
        let key = match segment.key.take() {
            Some(key) => key,
            None => {
                let key = self.segments.get_mut(self.at)?;
                self.at += 1;
                if key.key.is_some() {
                    return None;
                }
                std::mem::take(&mut key.name)
            }
        };
        (!key.is_empty()).then_some(key)
    }

    fn photo(&mut self, owner: OwnerPath) -> Option<Resource> {
        let segment = self.segments.get(self.at)?;
        let part = match segment.name.to_ascii_lowercase().as_str() {
            "photo" if segment.key.is_none() => {
                self.at += 1;
                match self.segments.get(self.at) {
                    None => PhotoPart::Metadata,
                    Some(s) if is_value(s) => {
                        self.at += 1;
                        PhotoPart::Content
                    }
                    Some(s) if s.key.is_none() && crate::photo::parse_size(&s.name).is_some() => {
                        self.at += 1;
                        if self.segments.get(self.at).is_some_and(is_value) {
                            self.at += 1;
                        }
                        PhotoPart::OldSized
                    }
                    Some(_) => return None,
                }
            }
            "photos" => {
                if segment.key.is_none() && self.segments.len() == self.at + 1 {
                    self.at += 1;
                    PhotoPart::Sizes
                } else {
                    let size = self.key()?;
                    if size.eq_ignore_ascii_case("$count") {
                        PhotoPart::Count
                    } else if self.segments.get(self.at).is_some_and(is_value) {
                        self.at += 1;
                        PhotoPart::SizedContent(size)
                    } else {
                        PhotoPart::Sized(size)
                    }
                }
            }
            _ => return None,
        };
        self.end(Resource::Photo { owner, part })
    }

    fn end(&self, resource: Resource) -> Option<Resource> {
        (self.at == self.segments.len()).then_some(resource)
    }
}

fn is_value(segment: &Segment) -> bool {
    segment.key.is_none() && segment.name.eq_ignore_ascii_case("$value")
}

#[cfg(test)]
mod tests {
    use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_path_panics(path in "\\PC{0,60}|(/(v1.0|beta|users|me|photo|photos|\\$value|%[0-9a-f]{2}|\\('|'\\)|.){0,3}){0,8}") {
            let _ = route(&path);
        }

        #[test]
        fn every_id_is_found_in_either_form(id in "[^\\p{C}]{1,30}") {
            prop_assume!(id != "." && id != ".." && !id.eq_ignore_ascii_case("me-token-to-replace"));
            let quoted = id.replace('\'', "''");
            let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
            let bracket = format!("/v1.0/users('{}')/photo", encode(&quoted));
            prop_assert_eq!(photo(&bracket).0, user(&id));
            // Only an id that itself looks like a key in brackets, or starts
            // with $, has to stand in brackets.
            if !id.starts_with('$') && !id.contains("('") {
                let plain = format!("/v1.0/users/{}/photo", encode(&id));
                prop_assert_eq!(photo(&plain).0, user(&id));
            }
        }
    }

    fn user(id: &str) -> OwnerPath {
        OwnerPath::User(UserKey::Id(id.to_owned()))
    }

    fn photo(path: &str) -> (OwnerPath, PhotoPart) {
        match route(path).map(|r| r.resource) {
            Ok(Resource::Photo { owner, part }) => (owner, part),
            other => panic!("{path}: {other:?}"),
        }
    }

    #[test]
    fn every_spelling_of_a_user_is_the_same_user() {
        for path in [
            "/v1.0/users/adele@contoso.com/photo/$value",
            "/v1.0/users/adele%40contoso.com/photo/$value",
            "/V1.0/USERS/adele@contoso.com/Photo/$VALUE",
            "/v1.0/users('adele@contoso.com')/photo/$value",
            "/v1.0/users(%27adele%40contoso.com%27)/photo/%24value",
            "/v1.0/users/adele@contoso.com/photo/$value/",
        ] {
            assert_eq!(
                photo(path),
                (user("adele@contoso.com"), PhotoPart::Content),
                "{path}"
            );
        }
        assert_eq!(
            photo("/v1.0/users('o''brien')/photo").0,
            user("o'brien"),
            "a doubled quote is one quote"
        );
    }

    #[test]
    fn me_has_a_placeholder_name() {
        for path in ["/beta/me/photos", "/beta/users/me-token-to-replace/photos"] {
            assert_eq!(
                photo(path),
                (OwnerPath::User(UserKey::Me), PhotoPart::Sizes),
                "{path}"
            );
        }
    }

    #[test]
    fn contacts_live_in_folders_spelt_either_way() {
        for path in [
            "/v1.0/me/contactfolders/f/contacts/c/photo",
            "/v1.0/me/contactFolders('f')/contacts('c')/photo",
        ] {
            let (owner, part) = photo(path);
            assert_eq!(owner.prefix(), "me_folder_contact");
            assert_eq!(part, PhotoPart::Metadata);
        }
        assert_eq!(
            photo("/v1.0/users/a/contacts/c/photo").0.prefix(),
            "user_contact"
        );
    }

    #[test]
    fn sizes_and_their_relatives() {
        let sized = |s: &str| PhotoPart::Sized(s.to_owned());
        assert_eq!(photo("/v1.0/me/photos/48X48").1, sized("48X48"));
        assert_eq!(photo("/v1.0/me/photos('48x48')").1, sized("48x48"));
        assert_eq!(photo("/v1.0/me/photos/$count").1, PhotoPart::Count);
        assert_eq!(photo("/v1.0/me/photo/48x48/$value").1, PhotoPart::OldSized);
        assert_eq!(
            photo("/v1.0/groups/g/photos/48x48/$value").1,
            PhotoPart::SizedContent("48x48".to_owned())
        );
        assert_eq!(photo("/v1.0/team/t/photo").0.prefix(), "team");
    }

    #[test]
    fn nothing_else_is_known() {
        for path in [
            "/",
            "/v1.0",
            "/v2.0/me",
            "/v1.0/me/messages",
            "/v1.0//me/photo",
            "/v1.0/me/photo/$value/x",
            "/v1.0/me/photo/large",
            "/v1.0/users()/photo",
            "/v1.0/groups",
            "/v1.0/groups/g",
            "/v1.0/me/contactFolders/f/childFolders/g/contacts/c/photo",
        ] {
            assert_eq!(route(path), Err(NoRoute::Unknown), "{path}");
        }
        for path in [
            "/v1.0/users/../me/photo",
            "/v1.0/users/%2e%2e/photo",
            "/v1.0/users/%zz/photo",
            "/v1.0/users/%ff/photo",
            "/v1.0/users/a%00/photo",
            "/v1.0/users/a%0a/photo",
            "/v1.0/users/$x@contoso.com/photo",
        ] {
            assert!(matches!(route(path), Err(NoRoute::Malformed(_))), "{path}");
        }
        assert_eq!(
            photo("/v1.0/users('$x@contoso.com')/photo").0,
            user("$x@contoso.com")
        );
        assert_eq!(
            photo("/v1.0/users/a%2Fb/photo").0,
            user("a/b"),
            "an encoded slash stays within its segment"
        );
    }
}
