//! The address that requests are sent to, and which other addresses are the same place.
//!
//! A token goes to the origin of the base URL and nowhere else: a redirect or an `@odata.nextLink`
//! is followed only if [`BaseUrl::same_origin`] says so.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use http::Uri;

use crate::cloud::ApiVersion;
use crate::error::Error;

/// A checked base URL, such as `https://graph.microsoft.com/v1.0`. Without a slash at the end.
///
/// ```
/// use graph_photo_model::BaseUrl;
///
/// # fn main() -> Result<(), graph_photo_model::Error> {
/// let base = BaseUrl::parse("https://graph.microsoft.com/v1.0/")?;
/// assert_eq!(base.join("/me/photo"), "https://graph.microsoft.com/v1.0/me/photo");
/// assert!(base.same_origin("https://graph.microsoft.com/beta/me"));
/// assert!(!base.same_origin("https://graph.microsoft.com.evil.example/"));
/// assert!(BaseUrl::parse("http://graph.microsoft.com/v1.0").is_err());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BaseUrl {
    origin: Origin,
    /// The whole of it, written out once: it starts every request.
    text: String,
    /// Where the path starts in the text; it is empty, or starts with a slash and ends without.
    path: usize,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Origin {
    https: bool,
    /// In lower case; an IPv6 address with its brackets.
    host: String,
    port: u16,
}

impl BaseUrl {
    /// Reads a base URL. Plain http is taken for loopback addresses only.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if it is no absolute http(s)
    /// URL, if it has user information, a query or a fragment, if its path is not plain, or if it
    /// would send the token unencrypted to another machine.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let url = Self::parse_allowing_http(text)?;
        if url.is_https() || url.is_loopback() {
            Ok(url)
        } else {
            Err(refused(
                "would send the token unencrypted; use https, or allow plain http explicitly",
            ))
        }
    }

    /// Reads a base URL; plain http may go to any host. For test networks only: the token travels
    /// unencrypted.
    ///
    /// # Errors
    ///
    /// Those of [`parse`](Self::parse), but for the last.
    pub fn parse_allowing_http(text: &str) -> Result<Self, Error> {
        let (origin, uri) = split(text).map_err(refused)?;
        if text.contains('?') {
            return Err(refused("has a query; end it at the API version"));
        }
        let path = uri.path().trim_end_matches('/');
        // What the two URL parsers would rewrite, or read differently.
        let plain = path.split('/').skip(1).all(|segment| {
            !matches!(segment, "" | "." | "..")
                && segment
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
        });
        if !plain {
            return Err(refused(
                "has a path with empty, `.` or `..` segments or unusual characters",
            ));
        }
        Ok(Self::new(origin, path))
    }

    /// The base URL of Graph in one of Microsoft's clouds.
    pub(crate) fn of_cloud(host: &'static str, version: ApiVersion) -> Self {
        let origin = Origin {
            https: true,
            host: host.to_owned(),
            port: default_port(true),
        };
        Self::new(origin, &format!("/{version}"))
    }

    fn new(origin: Origin, path: &str) -> Self {
        let root = origin.to_string();
        Self {
            origin,
            path: root.len(),
            text: root + path,
        }
    }

    /// The absolute URL of a path and query that starts with `/`.
    #[must_use]
    pub fn join(&self, path_and_query: &str) -> String {
        [self.text.as_str(), path_and_query].concat()
    }

    /// The host, in lower case; an IPv6 address with its brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.origin.host
    }

    /// The port, the scheme's own if the URL names none.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.origin.port
    }

    /// The path of every request: empty, or `/v1.0`.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.text[self.path..]
    }

    /// Whether the connection is encrypted.
    #[must_use]
    pub const fn is_https(&self) -> bool {
        self.origin.https
    }

    /// Whether the host is this machine: `localhost`, 127.0.0.0/8 or `[::1]`.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        let host = self.host();
        host == "localhost"
            || host.parse().is_ok_and(|ip: Ipv4Addr| ip.is_loopback())
            || ipv6(host).is_some_and(|ip| ip.is_loopback())
    }

    /// Whether an absolute URL has the same scheme, host and port. A URL that is relative, has user
    /// information or cannot be read is of no origin.
    #[must_use]
    pub fn same_origin(&self, other: &str) -> bool {
        split(other).is_ok_and(|(origin, _)| origin == self.origin)
    }

    /// The part of an absolute URL below this base URL, as a path and query that [`join`](Self::join)
    /// takes; `None` if the URL is not below it. This is how an `@odata.nextLink` is followed.
    ///
    /// ```
    /// use graph_photo_model::BaseUrl;
    ///
    /// # fn main() -> Result<(), graph_photo_model::Error> {
    /// let base = BaseUrl::parse("https://graph.microsoft.com/v1.0")?;
    /// let next = "https://graph.microsoft.com/v1.0/me/photos?$skiptoken=x";
    /// assert_eq!(base.relative(next), Some("/me/photos?$skiptoken=x"));
    /// assert_eq!(base.relative("https://graph.microsoft.com/beta/me/photos"), None);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn relative<'a>(&self, url: &'a str) -> Option<&'a str> {
        if !self.same_origin(url) {
            return None;
        }
        let after_scheme = url.split_once("://")?.1;
        let path = after_scheme.get(after_scheme.find('/')?..)?;
        let below = path.strip_prefix(self.path())?;
        // A dot segment could lead out of the base path again.
        let climbs = below.split('?').next()?.split('/').any(|segment| {
            matches!(
                segment.to_ascii_lowercase().replace("%2e", ".").as_str(),
                "." | ".."
            )
        });
        (below.starts_with('/') && !below.starts_with("//") && !climbs).then_some(below)
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { https, host, port } = self;
        let scheme = if *https { "https" } else { "http" };
        write!(f, "{scheme}://{host}")?;
        if *port != default_port(*https) {
            write!(f, ":{port}")?;
        }
        Ok(())
    }
}

impl FromStr for BaseUrl {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::parse(text)
    }
}

fn refused(why: &'static str) -> Error {
    // The URL itself stays out: it could hold a password.
    Error::configuration(format!("the base URL {why}"))
}

const fn default_port(https: bool) -> u16 {
    if https { 443 } else { 80 }
}

fn ipv6(host: &str) -> Option<Ipv6Addr> {
    host.strip_prefix('[')?.strip_suffix(']')?.parse().ok()
}

/// Takes an absolute URL apart; refuses what another URL parser might read as another origin.
fn split(text: &str) -> Result<(Origin, Uri), &'static str> {
    if text
        .bytes()
        .any(|byte| !byte.is_ascii_graphic() || byte == b'\\')
    {
        return Err("has spaces, backslashes or characters outside ASCII");
    }
    if text.contains('#') {
        return Err("has a fragment");
    }
    let uri: Uri = text
        .parse()
        .map_err(|_| "is not a URL; write it like https://graph.microsoft.com/v1.0")?;
    let https = match uri.scheme_str() {
        Some("https") => true,
        Some("http") => false,
        _ => return Err("does not start with https:// or http://"),
    };
    let authority = uri.authority().ok_or("has no host")?;
    if authority.as_str().contains('@') {
        return Err("has user information; pass the token separately");
    }
    let host = authority.host().to_ascii_lowercase();
    let name = !host.is_empty()
        && host
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte));
    // `http://0x7f.1` and `http://2130706433` are addresses to one parser and names to the other.
    let number = host
        .trim_end_matches('.')
        .rsplit('.')
        .next()
        .is_some_and(|last| {
            last.bytes().all(|byte| byte.is_ascii_digit()) || last.starts_with("0x")
        });
    let sound = if number {
        host.parse::<IpAddr>().is_ok()
    } else {
        name || ipv6(&host).is_some()
    };
    if !sound {
        return Err("has no proper host");
    }
    let port = match authority.as_str().strip_prefix(authority.host()) {
        Some("") => default_port(https),
        Some(_) => authority.port_u16().ok_or("has no proper port")?,
        None => return Err("has no proper host"),
    };
    // One spelling for an address that has many.
    let host = ipv6(&host).map_or(host, |ip| match ip.segments() {
        [0, 0, 0, 0, 0, 0xFFFF, a, b] => format!("[::ffff:{a:x}:{b:x}]"),
        _ => format!("[{ip}]"),
    });
    Ok((Origin { https, host, port }, uri))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use proptest::prelude::*;

    #[test]
    fn base_urls_are_normalised() {
        for (text, shown) in [
            (
                "https://graph.microsoft.com/v1.0",
                "https://graph.microsoft.com/v1.0",
            ),
            (
                "https://graph.microsoft.com/v1.0/",
                "https://graph.microsoft.com/v1.0",
            ),
            (
                "HTTPS://Graph.Microsoft.com:443",
                "https://graph.microsoft.com",
            ),
            ("http://127.0.0.1:8787/v1.0", "http://127.0.0.1:8787/v1.0"),
            ("http://localhost/", "http://localhost"),
            ("http://[::1]:80/beta/", "http://[::1]/beta"),
            ("http://[0:0:0::0001]/", "http://[::1]"),
            (
                "https://proxy.example:8443/a/b",
                "https://proxy.example:8443/a/b",
            ),
        ] {
            assert_eq!(BaseUrl::parse(text).unwrap().to_string(), shown);
        }
    }

    #[test]
    fn what_is_no_base_url_is_refused_without_repeating_it() {
        let mut lines = String::new();
        for text in [
            "",
            "graph.microsoft.com/v1.0",
            "/v1.0",
            "ftp://graph.microsoft.com",
            "https://",
            "https://:443/",
            "https://user:sesame@graph.microsoft.com/",
            "https://graph.microsoft.com/v1.0?x=y",
            "https://graph.microsoft.com/v1.0#x",
            "https://graph.microsoft.com/a/../b",
            "https://graph.microsoft.com//v1.0",
            "https://graph.microsoft.com/%2e%2e",
            "https://graph.microsoft.com\\@evil.example/",
            "https://graph.microsoft.com :443",
            "https://gräph.example/",
            "https://graph.example:99999/",
            "https://graph.example:/",
            "https://0x7f.1/",
            "https://2130706433/",
            "https://[::1/",
            "http://graph.microsoft.com/v1.0",
            "http://localhost.evil.example/",
            "http://127.0.0.1.evil.example/",
        ] {
            let error = BaseUrl::parse(text).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Configuration, "{text}");
            assert!(!error.to_string().contains("sesame"));
            lines += &format!("{text:?}: {error}\n");
        }
        insta::assert_snapshot!(lines);
        assert!(BaseUrl::parse_allowing_http("http://graph.test/v1.0").is_ok());
    }

    #[test]
    fn an_origin_is_scheme_host_and_port() {
        let base = BaseUrl::parse("https://graph.microsoft.com/v1.0").unwrap();
        for same in [
            "https://graph.microsoft.com/beta",
            "https://GRAPH.microsoft.com:443/v1.0?$skip=1",
        ] {
            assert!(base.same_origin(same), "{same}");
        }
        for other in [
            "http://graph.microsoft.com/v1.0",
            "https://graph.microsoft.com:444/",
            "https://graph.microsoft.com.evil.example/",
            "https://graph.microsoft.com@evil.example/",
            "https://evil.example/?https://graph.microsoft.com",
            "https://x@graph.microsoft.com/",
            "https://graph.microsoft.com\\@evil.example/",
            "https://graph.microsoft.us/",
            "//graph.microsoft.com/v1.0",
            "/v1.0/me",
            "",
        ] {
            assert!(!base.same_origin(other), "{other}");
            assert_eq!(base.relative(other), None, "{other}");
        }
        for outside in [
            "https://graph.microsoft.com/v1.0",
            "https://graph.microsoft.com/v1.0x/me",
            "https://graph.microsoft.com/v1.0/../beta",
            "https://graph.microsoft.com/v1.0/%2E%2e/beta",
            "https://graph.microsoft.com/v1.0//evil.example",
        ] {
            assert_eq!(base.relative(outside), None, "{outside}");
        }
    }

    proptest! {
        #[test]
        fn the_other_parser_agrees_on_the_origin(
            scheme in "[hH][tT][tT][pP][sS]?",
            host in prop_oneof![
                "[a-zA-Z][a-zA-Z0-9-]{0,8}(\\.[a-zA-Z]{1,5}){0,2}\\.?",
                any::<Ipv4Addr>().prop_map(|ip| ip.to_string()),
                any::<Ipv6Addr>().prop_map(|ip| format!("[{ip}]")),
                "[0-9a-fx.]{1,12}",
            ],
            port in prop::option::of(any::<u16>()),
            rest in "(/[a-zA-Z0-9._~%-]{0,6}){0,3}[?#@\\\\]?",
        ) {
            let port = port.map(|port| format!(":{port}")).unwrap_or_default();
            let text = format!("{scheme}://{host}{port}{rest}");
            // The other parser knows names that no resolver does: `xn--` followed by nonsense.
            if let (Ok(base), Ok(url)) =
                (BaseUrl::parse_allowing_http(&text), url::Url::parse(&text))
            {
                let joined = url::Url::parse(&base.join("/me")).unwrap();
                prop_assert_eq!(joined.as_str(), base.join("/me"));
                prop_assert_eq!(url.host_str(), Some(base.host()));
                prop_assert_eq!(url.port_or_known_default(), Some(base.port()));
                prop_assert_eq!(url.scheme() == "https", base.is_https());
                prop_assert!(base.same_origin(&text));
            }
            // Nothing plain is refused: a name, a port and a path without dots or percent signs.
            let plain = host.starts_with(|c: char| c.is_ascii_alphabetic())
                && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'/')
                && !rest.contains("//")
                && !host.contains("0x") && host.trim_end_matches('.').rsplit('.').next()
                    .is_some_and(|last| last.starts_with(|c: char| c.is_ascii_alphabetic()));
            if plain {
                prop_assert!(BaseUrl::parse_allowing_http(&text).is_ok(), "{}", text);
            }
        }

        #[test]
        fn no_text_panics(text in any::<String>()) {
            let base = BaseUrl::parse("https://graph.microsoft.com/v1.0").unwrap();
            let _ = BaseUrl::parse(&text);
            prop_assert_eq!(base.relative(&text), None);
        }
    }
}
