//! Request URLs of the legacy API, to the Graph URL and the operation of the clients.
//!
//! [`to_graph`] takes every form that callers are known to have written: v2.0, beta and v1.0 on each national host, a
//! key as `Users('x')` or `users/x`, a size as `photos('48x48')` or `photos/48x48`, any case, trailing slashes,
//! percent-encoding, OData options and cache busters; the photo URL of Exchange Web Services (EWS); and two
//! predecessors, the `ews/odata` preview and Azure AD Graph's `thumbnailPhoto`. What cannot be mapped says why.
//!
//! URLs inside documents are another matter (there the user key keeps its tenant): see [`crate::json`].

use std::borrow::Cow;

use percent_encoding::{
    AsciiSet, CONTROLS, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode,
};

use crate::generated::hosts::{CLOUDS, QUERY_OPTIONS, RETIRED_HOSTS, VERSIONS};
use crate::generated::routes::ROUTES;
use crate::generated::shapes::SHAPES;
pub use crate::tables::Operation;
use crate::tables::{Cloud, Parameter, Route, Segment};

/// What may stand in a path segment as it is; the rest is percent-encoded.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'@');

/// What may stand in the value of an OData option as it is.
const OPTION: &AsciiSet = &SEGMENT
    .remove(b',')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'/')
    .remove(b'$');

/// What a query may not hold unencoded, and callers wrote into it all the same; what is encoded already stays so.
const NOT_IN_QUERY: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// The sizes Microsoft 365 keeps (Graph: "Get profilePhoto"); one number stands for width and height.
const STANDARD_SIZES: [&str; 9] = ["48", "64", "96", "120", "240", "360", "432", "504", "648"];

/// What became of a legacy URL.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mapping {
    /// A photo request: send it to Graph.
    Photo(PhotoRequest),
    /// An attachment upload session. Graph itself hands these URLs out, on the old host, with their own token in the
    /// query: leave them as they are, and send no bearer token there.
    AttachmentSession,
}

/// A photo request on Graph.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PhotoRequest {
    /// The Graph URL.
    pub url: String,
    /// The methods the legacy URL took, each with the operation of the clients that replaces it.
    pub operations: &'static [Operation],
    /// The national cloud: `global`, `us-gov-l4`, `us-gov-l5` or `china`.
    pub cloud: &'static str,
    /// Whether the Graph URL gives the same answer. `false` where the service behind the legacy URL was another one,
    /// or its rule of choosing a picture; `notes` then says how.
    pub equivalent: bool,
    /// What to know before the URL is swapped.
    pub notes: Vec<String>,
}

/// A URL that was understood; what is written down of it is up to who asked.
pub(crate) enum Understood<'url> {
    /// See [`Mapping::Photo`].
    Photo(PhotoParts<'url>),
    /// See [`Mapping::AttachmentSession`].
    AttachmentSession,
}

/// Whose photo, and what of it.
pub(crate) struct PhotoParts<'url> {
    /// Where the photo is now.
    cloud: &'static Cloud,
    /// The version of Graph.
    graph_version: &'static str,
    /// The legacy version, `ews` or `aad`.
    #[cfg_attr(
        not(feature = "gateway"),
        allow(dead_code, reason = "the gateway counts by it")
    )]
    pub(crate) version: &'static str,
    /// The user, decoded; `None` for `/me`.
    pub(crate) user: Option<Cow<'url, str>>,
    /// The path on Graph below the user: `/photos/96x96/$value`.
    pub(crate) below: Cow<'static, str>,
    /// The query on Graph with its question mark, or nothing.
    pub(crate) query: String,
    /// The form of the path, with `{user}` and `{size}` in it.
    #[cfg_attr(
        not(feature = "gateway"),
        allow(dead_code, reason = "the gateway counts by it")
    )]
    pub(crate) template: &'static str,
    /// As in [`PhotoRequest`].
    pub(crate) operations: &'static [Operation],
    equivalent: bool,
}

impl PhotoParts<'_> {
    fn url(&self) -> String {
        let Self {
            cloud,
            graph_version,
            below,
            query,
            ..
        } = self;
        let owner = match &self.user {
            None => "/me".to_owned(),
            Some(user) => owner_path(user),
        };
        format!(
            "https://{}/{graph_version}{owner}{below}{query}",
            cloud.graph
        )
    }
}

/// What to know before a URL is swapped; written only where somebody reads it: the gateway maps one for each request.
pub(crate) struct Notes(Option<Vec<String>>);

impl Notes {
    /// Notes that nobody reads.
    #[cfg(any(feature = "async", feature = "blocking", feature = "gateway"))]
    pub(crate) const fn unread() -> Self {
        Self(None)
    }

    fn add(&mut self, note: impl FnOnce() -> String) {
        if let Some(notes) = &mut self.0 {
            notes.push(note());
        }
    }
}

/// Why a URL has no counterpart on Graph.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unmappable {
    /// Not an absolute http or https URL.
    #[error("not an absolute URL; begin with https:// and the host")]
    NotAbsolute,
    /// User name or password in front of the host.
    #[error("the URL carries credentials before its host; remove them")]
    Credentials,
    /// Already a Graph URL.
    #[error("{0} is a Graph host already; nothing to map")]
    AlreadyGraph(String),
    /// A host of no known cloud.
    #[error("{0} is not a host of the Outlook REST API; known are {known}", known = known_hosts())]
    UnknownHost(String),
    /// A host of a cloud that was closed.
    #[error("{host} has no successor: {reason}")]
    RetiredHost {
        /// The host.
        host: String,
        /// What happened to its cloud.
        reason: &'static str,
    },
    /// The path is below no version of the API.
    #[error("/{0} is not below /api/v2.0, /api/beta or /api/v1.0")]
    NoVersion(String),
    /// The path is not one of a user's photo.
    #[error("/{path} is not a path of the user photo API{hint}")]
    NotAPhoto {
        /// The path below the version.
        path: String,
        /// What it may be instead, or nothing.
        hint: &'static str,
    },
    /// A segment is not percent-encoded UTF-8, or is `.` or `..`.
    #[error("the path segment {0:?} is not percent-encoded UTF-8, or leads out of its place")]
    BadSegment(String),
    /// An empty or missing user.
    #[error("the URL names no user; give an email address, user principal name or object id")]
    NoUser,
    /// A size that is not `{width}x{height}`.
    #[error("{0:?} is not a photo size; write width and height, such as 48x48")]
    BadSize(String),
}

fn known_hosts() -> String {
    CLOUDS
        .iter()
        .flat_map(|cloud| cloud.outlook)
        .copied()
        .collect::<Vec<_>>()
        .join(", ")
}

/// Maps a legacy photo URL.
///
/// ```
/// use graph_photo_compat::url::{Mapping, to_graph};
///
/// let legacy = "https://outlook.office.com/api/beta/Users('adele@contoso.com')/photos('96X96')/$value";
/// let Mapping::Photo(request) = to_graph(legacy)? else { unreachable!() };
/// assert_eq!(request.url, "https://graph.microsoft.com/beta/users/adele@contoso.com/photos/96x96/$value");
/// assert_eq!(request.operations[0].name, "user_get_photo_content_by_size");
/// # Ok::<(), graph_photo_compat::url::Unmappable>(())
/// ```
///
/// # Errors
///
/// [`Unmappable`] says why there is no counterpart.
pub fn to_graph(url: &str) -> Result<Mapping, Unmappable> {
    let mut notes = Notes(Some(Vec::new()));
    Ok(match understand(url, &mut notes)? {
        Understood::AttachmentSession => Mapping::AttachmentSession,
        Understood::Photo(parts) => Mapping::Photo(PhotoRequest {
            url: parts.url(),
            operations: parts.operations,
            cloud: parts.cloud.name,
            equivalent: parts.equivalent,
            notes: notes.0.unwrap_or_default(),
        }),
    })
}

fn understand<'url>(url: &'url str, notes: &mut Notes) -> Result<Understood<'url>, Unmappable> {
    let parts = Parts::split(url)?;
    if parts.authority.contains('@') {
        return Err(Unmappable::Credentials);
    }
    let host = parts.host()?;
    let segments = segments(parts.path)?;
    if host == "graph.windows.net" {
        return azure_ad_graph(&segments, notes);
    }
    if CLOUDS.iter().any(|cloud| cloud.graph == host) {
        return Err(Unmappable::AlreadyGraph(host));
    }
    if let Some(retired) = RETIRED_HOSTS.iter().find(|retired| retired.host == host) {
        return Err(Unmappable::RetiredHost {
            host,
            reason: retired.reason,
        });
    }
    let cloud = CLOUDS
        .iter()
        .find(|cloud| cloud.outlook.contains(&host.as_str()));
    if is_ews(&segments) {
        return exchange_web_services(cloud, &host, parts.query, notes);
    }
    let cloud = cloud.ok_or(Unmappable::UnknownHost(host))?;
    rest(cloud, &segments, parts.query, notes)
}

/// As [`to_graph`], for the path and query of a request to a host that stands in for Outlook's; without notes.
#[cfg(feature = "gateway")]
pub(crate) fn target_to_graph<'url>(
    path: &'url str,
    query: &str,
) -> Result<Understood<'url>, Unmappable> {
    let cloud = CLOUDS.first();
    let segments = segments(path)?;
    if is_ews(&segments) {
        return exchange_web_services(cloud, "", query, &mut Notes::unread());
    }
    let cloud = cloud.ok_or_else(|| Unmappable::UnknownHost(String::new()))?;
    rest(cloud, &segments, query, &mut Notes::unread())
}

fn is_ews(segments: &[Cow<'_, str>]) -> bool {
    is(segments, &["ews", "exchange.asmx", "s", "getuserphoto"])
}

/// A path of the REST API or of its preview.
fn rest<'url>(
    cloud: &'static Cloud,
    segments: &[Cow<'url, str>],
    query: &str,
    notes: &mut Notes,
) -> Result<Understood<'url>, Unmappable> {
    let mut equivalent = true;
    let (version, path) = match segments {
        [ews, odata, path @ ..] if is(&[ews, odata], &["ews", "odata"]) => {
            equivalent = false;
            notes.add(|| {
                "the ews/odata preview ended in 2015; Graph v1.0 has what it offered".to_owned()
            });
            ("v1.0", path)
        }
        // The roots of the US Government hosts are written with and without /api.
        [api, version, path @ ..] if api.eq_ignore_ascii_case("api") => (version.as_ref(), path),
        [version, path @ ..] => (version.as_ref(), path),
        [] => return Err(Unmappable::NoVersion(String::new())),
    };
    let version = VERSIONS
        .iter()
        .find(|known| known.outlook.eq_ignore_ascii_case(version))
        .ok_or_else(|| Unmappable::NoVersion(segments.join("/")))?;
    if path
        .iter()
        .any(|segment| starts_with(segment, "AttachmentSessions"))
    {
        return Ok(Understood::AttachmentSession);
    }
    if !version.answers && equivalent {
        notes.add(|| {
            format!(
                "the photo API was never part of {}; Graph {} has it",
                version.outlook, version.graph
            )
        });
    }
    let Some((route, keys)) = ROUTES
        .iter()
        .find_map(|route| Some((route, match_route(route, path)?)))
    else {
        return Err(Unmappable::NotAPhoto {
            path: path.join("/"),
            hint: hint(path),
        });
    };
    let user = keys.user.map(|user| graph_user(user, notes)).transpose()?;
    let below = match keys.size {
        Some(size) => below(route.graph)
            .replace("{size}", &photo_size(&size, notes)?)
            .into(),
        None => below(route.graph).into(),
    };
    Ok(Understood::Photo(PhotoParts {
        cloud,
        graph_version: version.graph,
        version: version.outlook,
        user,
        below,
        query: graph_query(query, route.graph.ends_with("/$value"), notes),
        template: route.graph,
        operations: route.operations,
        equivalent,
    }))
}

/// What of a path on Graph is behind `/me` or `/users/{user}`.
fn below(template: &'static str) -> &'static str {
    ["/me", "/users/{user}"]
        .iter()
        .find_map(|owner| template.strip_prefix(owner))
        .unwrap_or_default()
}

/// `GetUserPhoto?email=..&size=HR96x96` (MS-OXWSPHOTO 3.1.5.1.1).
fn exchange_web_services(
    cloud: Option<&'static Cloud>,
    host: &str,
    query: &str,
    notes: &mut Notes,
) -> Result<Understood<'static>, Unmappable> {
    const BY_SIZE: &[Operation] = &[Operation {
        method: "GET",
        name: "user_get_photo_content_by_size",
    }];
    const LARGEST: &[Operation] = &[Operation {
        method: "GET",
        name: "user_get_photo_content",
    }];
    let cloud = match (cloud, CLOUDS.first()) {
        (Some(cloud), _) => cloud,
        (None, Some(worldwide)) => {
            notes.add(|| {
                format!(
                    "{host} is not one of Exchange Online's hosts: check that its users' photos are in the worldwide cloud"
                )
            });
            worldwide
        }
        (None, None) => return Err(Unmappable::UnknownHost(host.to_owned())),
    };
    let value = |wanted: &str| {
        query.split('&').find_map(|pair| {
            let (name, value) = pair.split_once('=')?;
            name.eq_ignore_ascii_case(wanted)
                .then(|| percent_decode_str(value).decode_utf8_lossy().into_owned())
        })
    };
    let email = value("email")
        .filter(|email| !email.is_empty())
        .ok_or(Unmappable::NoUser)?;
    let (below, operations) = match value("size").filter(|size| !size.is_empty()) {
        Some(size) => {
            notes.add(|| {
                "a missing size was answered with the largest picture; Graph answers 404: fall back to /photo/$value"
                    .to_owned()
            });
            let size = photo_size(&size, notes)?;
            (format!("/photos/{size}/$value").into(), BY_SIZE)
        }
        None => ("/photo/$value".into(), LARGEST),
    };
    notes.add(|| {
        "Graph has no ETag and If-None-Match on photos; compare @odata.mediaEtag of the metadata"
            .to_owned()
    });
    Ok(Understood::Photo(PhotoParts {
        cloud,
        graph_version: "v1.0",
        version: "ews",
        user: Some(graph_user(email.into(), notes)?),
        below,
        query: String::new(),
        template: "GetUserPhoto",
        operations,
        equivalent: false,
    }))
}

/// `https://graph.windows.net/{tenant}/users/{upn}/thumbnailPhoto`
fn azure_ad_graph<'url>(
    segments: &[Cow<'url, str>],
    notes: &mut Notes,
) -> Result<Understood<'url>, Unmappable> {
    const USER: &[Operation] = &[Operation {
        method: "GET",
        name: "user_get_photo_content",
    }];
    const ME: &[Operation] = &[Operation {
        method: "GET",
        name: "me_get_photo_content",
    }];
    notes.add(|| {
        "Azure AD Graph is retired as well, and its thumbnail was at most 100 KB".to_owned()
    });
    let (user, operations) = match segments {
        [_, users, user, photo] if is(&[users, photo], &["users", "thumbnailphoto"]) => {
            (Some(graph_user(user.clone(), notes)?), USER)
        }
        [_, me, photo] | [me, photo] if is(&[me, photo], &["me", "thumbnailphoto"]) => (None, ME),
        _ => {
            return Err(Unmappable::NotAPhoto {
                path: segments.join("/"),
                hint: "",
            });
        }
    };
    let cloud = CLOUDS
        .first()
        .ok_or_else(|| Unmappable::UnknownHost("graph.windows.net".to_owned()))?;
    Ok(Understood::Photo(PhotoParts {
        cloud,
        graph_version: "v1.0",
        version: "aad",
        user,
        below: "/photo/$value".into(),
        query: String::new(),
        template: "thumbnailPhoto",
        operations,
        equivalent: false,
    }))
}

/// A URL, taken apart; nothing decoded yet.
struct Parts<'url> {
    authority: &'url str,
    path: &'url str,
    query: &'url str,
}

impl<'url> Parts<'url> {
    fn split(url: &'url str) -> Result<Self, Unmappable> {
        let url = url.trim();
        let rest = ["https://", "http://", "//"]
            .iter()
            .find_map(|scheme| {
                starts_with(url, scheme)
                    .then(|| url.get(scheme.len()..))
                    .flatten()
            })
            .ok_or(Unmappable::NotAbsolute)?;
        let rest = rest.split('#').next().unwrap_or_default();
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        if authority.is_empty() {
            return Err(Unmappable::NotAbsolute);
        }
        Ok(Self {
            authority,
            path,
            query,
        })
    }

    /// The host in lower case, without the ports that its scheme has anyway.
    fn host(&self) -> Result<String, Unmappable> {
        let host = self.authority.to_ascii_lowercase();
        let host = host
            .strip_suffix(":443")
            .or_else(|| host.strip_suffix(":80"))
            .unwrap_or(&host);
        Ok(host.strip_suffix('.').unwrap_or(host).to_owned())
    }
}

/// The segments of a path, decoded; empty ones are of no weight.
fn segments(path: &str) -> Result<Vec<Cow<'_, str>>, Unmappable> {
    let mut segments = Vec::with_capacity(8);
    let encoded = path.contains('%');
    for raw in path.split('/').filter(|segment| !segment.is_empty()) {
        let decoded = if encoded {
            percent_decode_str(raw).decode_utf8()
        } else {
            Ok(raw.into())
        };
        match decoded {
            Ok(segment) if segment != "." && segment != ".." => segments.push(segment),
            _ => return Err(Unmappable::BadSegment(raw.to_owned())),
        }
    }
    Ok(segments)
}

fn starts_with(text: &str, prefix: &str) -> bool {
    text.get(..prefix.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

fn is(segments: &[impl AsRef<str>], names: &[&str]) -> bool {
    segments.len() == names.len()
        && segments
            .iter()
            .zip(names)
            .all(|(segment, name)| segment.as_ref().eq_ignore_ascii_case(name))
}

/// The parameters of a path: whose photo, and which.
#[derive(Default)]
struct Keys<'url> {
    user: Option<Cow<'url, str>>,
    size: Option<Cow<'url, str>>,
}

impl<'url> Keys<'url> {
    fn set(&mut self, parameter: Parameter, value: Cow<'url, str>) {
        let key = match parameter {
            Parameter::User => &mut self.user,
            Parameter::Size => &mut self.size,
        };
        *key = Some(value);
    }
}

/// The parameters of a path, if it is one of this route.
fn match_route<'url>(route: &Route, path: &[Cow<'url, str>]) -> Option<Keys<'url>> {
    if route.segments.len() != path.len() {
        return None;
    }
    let mut keys = Keys::default();
    for (segment, text) in route.segments.iter().zip(path) {
        match segment {
            Segment::Literal(name) if text.eq_ignore_ascii_case(name) => {}
            Segment::Literal(_) => return None,
            Segment::Parameter(parameter) => keys.set(*parameter, text.clone()),
            Segment::Keyed(name, parameter) => {
                let key = match text {
                    Cow::Borrowed(text) => unquoted(key(text, name)?)?,
                    Cow::Owned(text) => unquoted(key(text, name)?)?.into_owned().into(),
                };
                keys.set(*parameter, key);
            }
        }
    }
    Some(keys)
}

/// What stands between quotes and brackets behind a name.
fn key<'url>(segment: &'url str, name: &str) -> Option<&'url str> {
    if !starts_with(segment, name) {
        return None;
    }
    segment
        .get(name.len()..)?
        .strip_prefix("('")?
        .strip_suffix("')")
}

/// In an OData key a quote is written twice; a single one would end it.
fn unquoted(key: &str) -> Option<Cow<'_, str>> {
    if !key.contains('\'') {
        return Some(key.into());
    }
    if key.replace("''", "").contains('\'') {
        return None;
    }
    Some(key.replace("''", "'").into())
}

/// The user as Graph knows it: without the tenant that Outlook joined to an object id.
fn graph_user<'url>(
    written: Cow<'url, str>,
    notes: &mut Notes,
) -> Result<Cow<'url, str>, Unmappable> {
    let user = written.trim();
    if user.is_empty() || user == "." || user == ".." {
        return Err(Unmappable::NoUser);
    }
    let object = without_tenant(user);
    if object.len() < user.len() {
        notes.add(|| {
            format!("the tenant id behind {object} was dropped: Graph takes the object id alone")
        });
    } else if user.contains('@') {
        notes.add(|| {
            "an email address finds a user on Graph only if it is the user principal name as well"
                .to_owned()
        });
    }
    if object.len() == written.len() {
        return Ok(written);
    }
    Ok(object.to_owned().into())
}

/// The path to a user, as a key where Graph would not take a segment (a name beginning with `$`: Graph, "Get user").
fn owner_path(user: &str) -> String {
    if user.starts_with('$') {
        let key = utf8_percent_encode(&user.replace('\'', "''"), SEGMENT).to_string();
        return format!("/users('{}')", key.replacen("%24", "$", 1));
    }
    format!("/users/{}", utf8_percent_encode(user, SEGMENT))
}

/// A user without the tenant that the legacy service joined to an object id; anything else as it is.
pub(crate) fn without_tenant(user: &str) -> &str {
    match user.split_once('@') {
        Some((object, tenant)) if is_guid(object) && is_guid(tenant) => object,
        _ => user,
    }
}

fn is_guid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(place, byte)| match place {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// `HR96X96` or `96X96` to `96x96`.
pub(crate) fn photo_size(size: &str, notes: &mut Notes) -> Result<String, Unmappable> {
    let bad = || Unmappable::BadSize(size.to_owned());
    let text = if starts_with(size, "HR") {
        size.get(2..).unwrap_or_default()
    } else {
        size
    };
    let (width, height) = text.split_once(['x', 'X']).ok_or_else(bad)?;
    let number = |text: &str| {
        (1..=5).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    if !number(width) || !number(height) {
        return Err(bad());
    }
    if width != height || !STANDARD_SIZES.contains(&width) {
        notes.add(|| {
            format!(
                "{width}x{height} is none of the sizes Microsoft 365 keeps; Graph may answer 404"
            )
        });
    }
    Ok(format!("{width}x{height}"))
}

/// What a path that is no photo's may be.
fn hint(path: &[Cow<'_, str>]) -> &'static str {
    if path
        .iter()
        .any(|segment| starts_with(segment, "contacts") || starts_with(segment, "contactfolders"))
    {
        return "; contacts have photos on Graph, but their ids differ between the two services: translate the id first";
    }
    if path.iter().any(|segment| starts_with(segment, "photo")) {
        return "; compare it with /me/photo, /me/photo/$value, /me/photos and /me/photos('48x48')";
    }
    ""
}

/// The query on Graph, with its question mark: OData options with the names of properties translated, and nothing else.
fn graph_query(query: &str, bytes: bool, notes: &mut Notes) -> String {
    let mut out = String::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (raw_name, raw_value) = pair.split_once('=').unwrap_or((pair, ""));
        let name = percent_decode_str(raw_name)
            .decode_utf8_lossy()
            .to_ascii_lowercase();
        let option = QUERY_OPTIONS.iter().find(|known| known.option == name);
        let Some(option) = option.filter(|_| !bytes) else {
            notes.add(|| {
                if option.is_some() {
                    format!("{name} was dropped: the bytes of a photo take no options")
                } else {
                    // The name only: a value may be a token.
                    format!(
                        "the query parameter {} was dropped: it means nothing to Graph",
                        name.escape_debug()
                    )
                }
            });
            continue;
        };
        out.push(if out.is_empty() { '?' } else { '&' });
        out.push_str(option.option);
        out.push('=');
        let value = percent_decode_str(raw_value).decode_utf8_lossy();
        let renamed = if option.names {
            rename_properties(&value)
        } else {
            value.clone().into_owned()
        };
        if renamed == value {
            out.extend(utf8_percent_encode(raw_value, NOT_IN_QUERY));
        } else {
            out.extend(utf8_percent_encode(&renamed, OPTION));
        }
    }
    out
}

/// Renames the properties in an OData expression, leaving text in quotes alone.
///
/// ```
/// use graph_photo_compat::url::rename_properties;
///
/// assert_eq!(rename_properties("Id,Width"), "id,width");
/// assert_eq!(rename_properties("Width ge 96 and Id ne 'Id'"), "width ge 96 and id ne 'Id'");
/// ```
pub fn rename_properties(expression: &str) -> String {
    let members = SHAPES
        .iter()
        .find(|shape| shape.name == "Photo")
        .map(|shape| shape.members)
        .unwrap_or_default();
    let mut out = String::with_capacity(expression.len());
    for (place, part) in expression.split('\'').enumerate() {
        if place > 0 {
            out.push('\'');
        }
        if place % 2 == 1 {
            out.push_str(part);
            continue;
        }
        let mut rest = part;
        while !rest.is_empty() {
            let word = rest
                .find(|letter: char| !letter.is_alphanumeric() && letter != '_')
                .unwrap_or(rest.len());
            let (name, after) = rest.split_at(word);
            let member = members
                .iter()
                .find(|member| member.outlook.eq_ignore_ascii_case(name));
            out.push_str(member.map_or(name, |member| member.graph));
            let separator = after.chars().next().map_or(0, char::len_utf8);
            let (separator, after) = after.split_at(separator);
            out.push_str(separator);
            rest = after;
        }
    }
    out
}
