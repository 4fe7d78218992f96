//! Which proxy stands between a client and Graph, by the usual environment variables.
//!
//! reqwest and ureq read the variables differently, so neither is asked: a client talks to one
//! host, its proxy is found here, once, and both clients are told.
//!
//! | variable | for |
//! |---|---|
//! | `HTTPS_PROXY`, `https_proxy` | a base URL of https |
//! | `http_proxy` | a base URL of http; not `HTTP_PROXY`, which a CGI server takes from a request |
//! | `ALL_PROXY`, `all_proxy` | either, if there is none of the above |
//! | `NO_PROXY`, `no_proxy` | hosts that are reached directly: names (with their subdomains), addresses, networks such as `10.0.0.0/8`, or `*`; separated by commas |

use std::fmt;
use std::net::IpAddr;

use crate::base_url::BaseUrl;
use crate::error::Error;

/// The URL of a proxy, `http://proxy.contoso.com:8080`. `Debug` masks user name and password.
#[derive(Clone, PartialEq, Eq)]
pub struct Proxy {
    url: String,
}

impl Proxy {
    /// Reads the URL of a proxy; without a scheme it is http.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if it is no URL or its scheme
    /// is neither http nor https. The error does not repeat the URL.
    ///
    /// ```
    /// use graph_photo_model::proxy::Proxy;
    ///
    /// assert_eq!(Proxy::parse("proxy.contoso.com:8080").unwrap().url(), "http://proxy.contoso.com:8080");
    /// assert!(Proxy::parse("socks5://localhost").is_err());
    /// ```
    pub fn parse(text: &str) -> Result<Self, Error> {
        let text = text.trim();
        let url = if text.contains("://") {
            text.to_owned()
        } else {
            format!("http://{text}")
        };
        let known = ["http", "https"].iter().any(|scheme| {
            url.split_once("://")
                .is_some_and(|(start, _)| start.eq_ignore_ascii_case(scheme))
        });
        let uri: Result<http::Uri, _> = url.parse();
        match uri {
            Ok(uri) if known && uri.host().is_some_and(|host| !host.is_empty()) => Ok(Self { url }),
            _ => Err(Error::configuration(
                "the proxy must be a URL of http or https, such as http://proxy.contoso.com:8080",
            )),
        }
    }

    /// The proxy for a base URL by the variables of the environment, if there is one.
    ///
    /// # Errors
    ///
    /// As [`parse`](Self::parse), for the variable that decides.
    pub fn from_env(
        base_url: &BaseUrl,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Option<Self>, Error> {
        let first = |names: &[&str]| {
            names
                .iter()
                .filter_map(|name| variable(name))
                .find(|value| !value.trim().is_empty())
        };
        let own: &[&str] = if base_url.is_https() {
            &["HTTPS_PROXY", "https_proxy"]
        } else {
            &["http_proxy"]
        };
        let Some(text) = first(own).or_else(|| first(&["ALL_PROXY", "all_proxy"])) else {
            return Ok(None);
        };
        let direct = first(&["NO_PROXY", "no_proxy"])
            .is_some_and(|list| reached_directly(&list, base_url.host()));
        if direct {
            return Ok(None);
        }
        Self::parse(&text).map(Some)
    }

    /// The URL, with user name and password if it has them. Do not print it.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, rest) = self.url.split_once("://").unwrap_or(("http", &self.url));
        let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
        write!(f, "Proxy({scheme}://{host})")
    }
}

/// Whether a NO_PROXY list names a host.
fn reached_directly(list: &str, host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let address: Option<IpAddr> = host.parse().ok();
    list.split(',').map(str::trim).any(|entry| {
        if entry == "*" {
            return true;
        }
        let entry = entry.trim_start_matches('[').trim_end_matches(']');
        if let Some(address) = address {
            return match entry.split_once('/') {
                Some((network, bits)) => in_network(address, network, bits),
                None => entry.parse() == Ok(address),
            };
        }
        let name = entry.trim_start_matches("*.").trim_start_matches('.');
        let Some(start) = host.len().checked_sub(name.len()) else {
            return false;
        };
        !name.is_empty()
            && host.is_char_boundary(start)
            && host[start..].eq_ignore_ascii_case(name)
            && (start == 0 || host[..start].ends_with('.'))
    })
}

fn in_network(address: IpAddr, network: &str, bits: &str) -> bool {
    let (Ok(network), Ok(bits)) = (network.parse::<IpAddr>(), bits.parse::<u32>()) else {
        return false;
    };
    match (address, network) {
        (IpAddr::V4(a), IpAddr::V4(b)) if bits <= 32 => {
            (u32::from(a) ^ u32::from(b))
                .checked_shr(32 - bits)
                .unwrap_or(0)
                == 0
        }
        (IpAddr::V6(a), IpAddr::V6(b)) if bits <= 128 => {
            (u128::from(a) ^ u128::from(b))
                .checked_shr(128 - bits)
                .unwrap_or(0)
                == 0
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(base: &str, variables: &[(&str, &str)]) -> Option<String> {
        let base = BaseUrl::parse_allowing_http(base).unwrap();
        let get = |name: &str| {
            let found = variables.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        Proxy::from_env(&base, get).unwrap().map(|proxy| proxy.url)
    }

    #[test]
    fn the_scheme_decides_which_variable_counts() {
        let graph = "https://graph.microsoft.com/v1.0";
        let variables = [
            ("HTTPS_PROXY", "http://a:1"),
            ("http_proxy", "b:2"),
            ("HTTP_PROXY", "c:3"),
        ];
        assert_eq!(found(graph, &variables).as_deref(), Some("http://a:1"));
        assert_eq!(
            found("http://10.1.2.3/v1.0", &variables).as_deref(),
            Some("http://b:2")
        );
        assert_eq!(
            found("http://10.1.2.3/v1.0", &[("HTTP_PROXY", "c:3")]),
            None
        );
        assert_eq!(
            found(graph, &[("ALL_PROXY", "d:4")]).as_deref(),
            Some("http://d:4")
        );
        assert_eq!(found(graph, &[("HTTPS_PROXY", " ")]), None);
    }

    #[test]
    fn no_proxy_names_hosts_networks_or_all() {
        let through = |base: &str, list: &str| {
            found(base, &[("ALL_PROXY", "p:1"), ("NO_PROXY", list)]).is_some()
        };
        let graph = "https://graph.microsoft.com/v1.0";
        for list in [
            "*",
            "graph.microsoft.com",
            "a, microsoft.com",
            ".microsoft.com",
            "*.microsoft.com",
            "GRAPH.Microsoft.com",
        ] {
            assert!(!through(graph, list), "{list}");
        }
        for list in [
            "",
            "soft.com",
            "raph.microsoft.com",
            "x.graph.microsoft.com",
            ".",
            "10.0.0.0/8",
        ] {
            assert!(through(graph, list), "{list}");
        }
        assert!(!through("http://10.1.2.3/v1.0", "10.0.0.0/8"));
        assert!(through("http://11.1.2.3/v1.0", "10.0.0.0/8,10.1.2.3"));
        assert!(!through("http://11.1.2.3/v1.0", "0.0.0.0/0"));
        assert!(!through("http://[::1]:80/v1.0", "::1"));
        assert!(!through("http://[fd00::1]:80/v1.0", "fd00::/8"));
    }

    #[test]
    fn credentials_are_not_shown() {
        let proxy = Proxy::parse("http://name:sentinel@proxy:8080").unwrap();
        assert_eq!(format!("{proxy:?}"), "Proxy(http://proxy:8080)");
        let error = Proxy::parse("socks5://name:sentinel@proxy").unwrap_err();
        assert!(!format!("{error:?}").contains("sentinel"));
    }
}
