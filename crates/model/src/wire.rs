//! The request as generated code builds it, before any HTTP client sees it.
//!
//! Both clients build a [`Request`] through the same [`RequestBuilder`], so what goes over the wire
//! is decided here and is the same in both:
//!
//! * [`encode_path`] turns an id into one path segment,
//! * [`apply_key_form`] writes user names that start with `$` the way Graph takes them,
//! * [`QueryParam`] and [`QueryValue`] (in [`query`]) write query options.
//!
//! Next: [`crate::operation`] for what a request belongs to, [`crate::response`] for what comes
//! back.

pub mod query;

use std::borrow::Cow;
use std::fmt;

use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::error::Error;
use crate::operation::Operation;

pub use query::{CommaSeparated, QueryParam, QueryValue};

/// All but RFC 3986's unreserved characters. Percent-encoding exactly these is what Microsoft's own
/// SDKs do with a path parameter (RFC 6570 simple expansion: `adele%40contoso.com`), and it is the
/// one form that neither the WHATWG URL parser (reqwest) nor `http::Uri` (ureq) rewrites.
pub(crate) const RESERVED: AsciiSet = NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The longest path and query that is sent, in bytes. `http::Uri` stops at 65,534 for the whole
/// URL and the WHATWG parser does not stop at all: one limit keeps the clients equal. Graph's own
/// ids are a few hundred bytes long.
pub const MAX_PATH_AND_QUERY: usize = 32_768;

/// One path segment, percent-encoded. Made by [`encode_path`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EncodedSegment(String);

impl fmt::Display for EncodedSegment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for EncodedSegment {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

/// Percent-encodes the value of a path parameter as exactly one path segment.
///
/// Letters, digits, `-`, `.`, `_` and `~` stay; every other byte is encoded, `@`, `'` and `%`
/// included, so an id that already contains `%2F` arrives as these three characters and a UPN with
/// `#` arrives whole (`%23`).
///
/// # Errors
///
/// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) naming the parameter if the value is
/// empty, `.` or `..`. The last two cannot be encoded (a URL parser resolves `%2E%2E` as well) and
/// would reach another resource.
///
/// ```
/// use graph_photo_model::wire::encode_path;
///
/// # fn main() -> Result<(), graph_photo_model::Error> {
/// let upn = encode_path("user-id", "anne_adatum.com#EXT#@contoso.com")?;
/// assert_eq!(upn.as_ref(), "anne_adatum.com%23EXT%23%40contoso.com");
/// assert!(encode_path("user-id", "..").is_err());
/// # Ok(())
/// # }
/// ```
pub fn encode_path(name: &'static str, value: &str) -> Result<EncodedSegment, Error> {
    match value {
        "" => Err(Error::invalid_input(
            name,
            "is empty; pass the id of an existing object",
        )),
        "." | ".." => Err(Error::invalid_input(
            name,
            "is `.` or `..`, which a URL resolves to another resource; pass the id of an existing object",
        )),
        _ => {
            // An `@` and two more bytes to encode: most user names fit without growing.
            let mut encoded = String::with_capacity(value.len() + 6);
            encoded.extend(utf8_percent_encode(value, &RESERVED));
            Ok(EncodedSegment(encoded))
        }
    }
}

/// Writes a user name that starts with `$` as a quoted key: `/users/%24x%40y.com/photo` becomes
/// `/users('%24x%40y.com')/photo`. Every other path is returned as it is.
///
/// In OData a segment that starts with `$` is a system segment, so Graph answers 400 to
/// `/users/$x@y.com` and asks for the key form (Microsoft's user-get page). Inside the quotes an
/// apostrophe is doubled, as OData requires.
///
/// ```
/// use graph_photo_model::wire::apply_key_form;
///
/// assert_eq!(apply_key_form("/users/%24o%27hara/photo"), "/users('%24o%27%27hara')/photo");
/// assert_eq!(apply_key_form("/users/adele%40contoso.com/photo"), "/users/adele%40contoso.com/photo");
/// ```
#[must_use]
pub fn apply_key_form(path: &str) -> Cow<'_, str> {
    let Some(rest) = path.strip_prefix("/users/") else {
        return Cow::Borrowed(path);
    };
    if !rest.starts_with("%24") {
        return Cow::Borrowed(path);
    }
    let (key, tail) = match rest.find('/') {
        Some(slash) => rest.split_at(slash),
        None => (rest, ""),
    };
    let key = key.replace("%27", "%27%27");
    Cow::Owned(format!("/users('{key}'){tail}"))
}

/// A request that no HTTP client is involved in yet. `B` is the client's body type.
/// `Debug` shows neither path nor body: both say whose photo it is.
#[derive(Clone)]
#[non_exhaustive]
pub struct Request<B> {
    /// The HTTP method.
    pub method: Method,
    /// Path and query relative to the base URL, encoded; starts with `/`.
    pub path_and_query: String,
    /// Headers of this operation. Authorization, User-Agent and the like are the client's matter.
    pub headers: HeaderMap,
    /// The body, if the operation sends one.
    pub body: Option<B>,
    /// The operation this request calls.
    pub operation: &'static Operation,
}

impl<B> Request<B> {
    /// The same request with another body.
    pub fn map_body<C>(self, change: impl FnOnce(B) -> C) -> Request<C> {
        Request {
            method: self.method,
            path_and_query: self.path_and_query,
            headers: self.headers,
            body: self.body.map(change),
            operation: self.operation,
        }
    }
}

impl<B> fmt::Debug for Request<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("operation", &self.operation.name)
            .field("headers", &self.headers)
            .field("has_body", &self.body.is_some())
            .finish_non_exhaustive()
    }
}

/// Stands in where a builder was given no operation.
static UNLISTED: Operation = Operation::new("request", "", "");

/// Builds a [`Request`]. The first thing wrong with it is reported by [`build`](Self::build).
///
/// ```
/// use graph_photo_model::wire::{CommaSeparated, QueryParam, RequestBuilder, encode_path};
/// use http::Method;
///
/// # fn main() -> Result<(), graph_photo_model::Error> {
/// let select = Some(CommaSeparated::from(["id", "height"]));
/// let url = format!("/users/{}/photo", encode_path("user-id", "adele@contoso.com")?);
/// let request = RequestBuilder::<Vec<u8>>::new(Method::GET, url)
///     .accept("application/json")
///     .query(&QueryParam::new("$select", &select))
///     .build()?;
/// assert_eq!(request.path_and_query, "/users/adele%40contoso.com/photo?$select=id,height");
/// # Ok(())
/// # }
/// ```
pub struct RequestBuilder<B> {
    request: Request<B>,
    has_query: bool,
    error: Option<Error>,
}

impl<B> fmt::Debug for RequestBuilder<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestBuilder")
            .field("request", &self.request)
            .field("error", &self.error)
            .finish_non_exhaustive()
    }
}

impl<B> RequestBuilder<B> {
    /// Starts a request. `url` is the path below the base URL with every parameter already encoded
    /// by [`encode_path`]; [`apply_key_form`] is applied to it here.
    #[must_use]
    #[inline]
    pub fn new(method: Method, url: String) -> Self {
        let path = match apply_key_form(&url) {
            Cow::Owned(path) => path,
            Cow::Borrowed(_) => url,
        };
        let error = check_path(&path).err();
        Self {
            has_query: path.contains('?'),
            request: Request {
                method,
                path_and_query: path,
                headers: HeaderMap::new(),
                body: None,
                operation: &UNLISTED,
            },
            error,
        }
    }

    /// Says which operation the request calls; errors carry it.
    #[must_use]
    #[inline]
    pub fn operation(mut self, operation: &'static Operation) -> Self {
        self.request.operation = operation;
        self
    }

    /// Sets the Accept header.
    #[must_use]
    #[inline]
    pub fn accept(mut self, media_type: &'static str) -> Self {
        let known = ACCEPTED.iter().find(|known| *known == media_type);
        let value = match known {
            Some(known) => known.clone(),
            None => HeaderValue::from_static(media_type),
        };
        self.request.headers.insert(ACCEPT, value);
        self
    }

    /// Adds a query option; an absent value or an empty list adds nothing.
    #[must_use]
    pub fn query<T: QueryValue + ?Sized>(mut self, parameter: &QueryParam<'_, T>) -> Self {
        self.has_query |= parameter.append(&mut self.request.path_and_query, self.has_query);
        self
    }

    /// Sets a header if there is a value for it.
    #[must_use]
    #[inline]
    pub fn header<V: AsRef<str>>(mut self, name: &'static str, value: Option<V>) -> Self {
        if let Some(value) = value {
            match header(name, value.as_ref()) {
                Ok((name, value)) => {
                    self.request.headers.insert(name, value);
                }
                Err(error) => {
                    self.error.get_or_insert(error);
                }
            }
        }
        self
    }

    /// Sets the body and its media type.
    #[must_use]
    pub fn body(mut self, content_type: &str, body: B) -> Self {
        match header("Content-Type", content_type) {
            Ok((_, value)) => {
                self.request.headers.insert(CONTENT_TYPE, value);
                self.request.body = Some(body);
            }
            Err(error) => {
                self.error.get_or_insert(error);
            }
        }
        self
    }

    /// Finishes the request.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) if the path is not an absolute,
    /// encoded path, if path and query are longer than [`MAX_PATH_AND_QUERY`] bytes, or if a header
    /// value holds bytes that a header cannot carry.
    #[inline]
    pub fn build(self) -> Result<Request<B>, Error> {
        let Self { request, error, .. } = self;
        let error = error.or_else(|| {
            (request.path_and_query.len() > MAX_PATH_AND_QUERY).then(|| {
                Error::invalid_input(
                    "path and query",
                    format!(
                        "are {} bytes long; {MAX_PATH_AND_QUERY} is the most that is sent",
                        request.path_and_query.len()
                    ),
                )
            })
        });
        match error {
            Some(error) => Err(error.with_operation(request.operation)),
            None => Ok(request),
        }
    }
}

/// What the operations accept, checked when this is compiled; a call would check it byte by byte.
static ACCEPTED: [HeaderValue; 2] = [
    HeaderValue::from_static("application/json"),
    HeaderValue::from_static("image/*, application/json"),
];

/// What may stand in a path as it is; a table, since every byte of every request is looked up.
const PLAIN: [bool; 256] = {
    let mut plain = [false; 256];
    let mut byte = b'!';
    while byte <= b'~' {
        plain[byte as usize] = !matches!(
            byte,
            b'#' | b'\\' | b'"' | b'<' | b'>' | b'`' | b'{' | b'}' | b'|' | b'^'
        );
        byte += 1;
    }
    plain
};

/// Refuses what the two URL parsers would read differently.
fn check_path(path: &str) -> Result<(), Error> {
    if !path.starts_with('/') || path.starts_with("//") {
        return Err(Error::invalid_input(
            "path",
            "must start with exactly one `/`",
        ));
    }
    if let Some(byte) = path.bytes().find(|byte| !PLAIN[usize::from(*byte)]) {
        return Err(Error::invalid_input(
            "path",
            format!("contains the byte 0x{byte:02X} unencoded; encode each id with encode_path"),
        ));
    }
    Ok(())
}

fn header(name: &'static str, value: &str) -> Result<(HeaderName, HeaderValue), Error> {
    let header_name = HeaderName::from_bytes(name.as_bytes())
        .map_err(|_| Error::invalid_input(name, "is not a header name"))?;
    // Only visible ASCII and spaces: `HeaderValue` lets through bytes above 0x7F, which the two
    // HTTP clients and the servers behind them read differently.
    let plain = value
        .bytes()
        .all(|byte| byte == b' ' || byte.is_ascii_graphic());
    match HeaderValue::from_str(value) {
        Ok(value) if plain => Ok((header_name, value)),
        _ => Err(Error::invalid_input(
            name,
            "contains characters that a header cannot carry; only visible ASCII and spaces can be sent",
        )),
    }
}

#[cfg(test)]
mod tests;
