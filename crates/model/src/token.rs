//! A bearer token that cannot be printed.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue};

use crate::error::{Error, Secret};

/// An access token for Microsoft Graph. `Debug` shows its length and nothing of its text.
///
/// ```
/// use graph_photo_model::BearerToken;
///
/// # fn main() -> Result<(), graph_photo_model::Error> {
/// let token = BearerToken::new("eyJ0eXAi.eyJhdWQi.c2ln")?;
/// assert!(token.header_value().is_sensitive());
/// assert_eq!(format!("{token:?}"), "BearerToken(22 bytes, no known expiry)");
/// # Ok(())
/// # }
/// ```
///
/// Cloning it is cheap: each request is sent with one, and each answer keeps one to be masked by.
#[derive(Clone, PartialEq, Eq)]
pub struct BearerToken(Arc<Held>);

#[derive(Clone, PartialEq, Eq)]
struct Held {
    /// `Bearer ` and the token, marked as sensitive.
    header: HeaderValue,
    expires_at: Option<SystemTime>,
}

const SCHEME: &str = "Bearer ";

impl BearerToken {
    /// Takes a token; white space around it, as files and shells leave it, is cut off.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if it is empty or cannot stand
    /// in a header. The error does not repeat the token.
    pub fn new(token: impl AsRef<str>) -> Result<Self, Error> {
        let token = token.as_ref().trim();
        if token.is_empty() {
            return Err(Error::configuration("the bearer token is empty"));
        }
        if token
            .get(..SCHEME.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(SCHEME))
        {
            return Err(Error::configuration(
                "the bearer token starts with the word Bearer; pass the token alone",
            ));
        }
        if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Error::configuration(
                "the bearer token has spaces, line breaks or characters outside ASCII",
            ));
        }
        let header = Bytes::from([SCHEME, token].concat());
        HeaderValue::from_maybe_shared(header)
            .map(Self::of)
            .map_err(|_| Error::configuration("the bearer token cannot stand in a header"))
    }

    /// The token of a request that came in, by its Authorization header: for services that call Graph
    /// in the name of whoever calls them. The header's bytes are shared, not copied.
    ///
    /// ```
    /// use graph_photo_model::BearerToken;
    /// use http::HeaderValue;
    ///
    /// # fn main() -> Result<(), graph_photo_model::Error> {
    /// let header = HeaderValue::from_static("bearer eyJ0eXAi.eyJhdWQi.c2ln");
    /// assert_eq!(BearerToken::from_header(&header)?.secret(), "eyJ0eXAi.eyJhdWQi.c2ln");
    /// assert!(BearerToken::from_header(&HeaderValue::from_static("Basic eDp5")).is_err());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if the header names another
    /// scheme than Bearer, and as [`new`](Self::new). The error does not repeat the header.
    pub fn from_header(header: &HeaderValue) -> Result<Self, Error> {
        let token = header
            .as_bytes()
            .split_at_checked(SCHEME.len())
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case(SCHEME.as_bytes()))
            .map(|(_, token)| token)
            .ok_or_else(|| Error::configuration("the header is no bearer token"))?;
        let as_written_here = header.as_bytes().starts_with(SCHEME.as_bytes());
        if as_written_here && !token.is_empty() && token.iter().all(u8::is_ascii_graphic) {
            return Ok(Self::of(header.clone()));
        }
        Self::new(String::from_utf8_lossy(token))
    }

    fn of(mut header: HeaderValue) -> Self {
        header.set_sensitive(true);
        Self(Arc::new(Held {
            header,
            expires_at: None,
        }))
    }

    /// The same token with the time it expires at.
    #[must_use]
    pub fn with_expiry(mut self, expires_at: SystemTime) -> Self {
        Arc::make_mut(&mut self.0).expires_at = Some(expires_at);
        self
    }

    /// When the token expires, if that is known.
    #[must_use]
    pub fn expires_at(&self) -> Option<SystemTime> {
        self.0.expires_at
    }

    /// Whether the token will have expired when `margin` has passed. A token without a known expiry
    /// never has.
    #[must_use]
    pub fn expires_within(&self, margin: Duration, now: SystemTime) -> bool {
        self.0.expires_at.is_some_and(|expires_at| {
            now.checked_add(margin)
                .is_none_or(|later| later >= expires_at)
        })
    }

    /// The value of the Authorization header, marked as sensitive.
    #[must_use]
    pub fn header_value(&self) -> HeaderValue {
        self.0.header.clone()
    }

    /// The token itself, for [`Error::without_secret`] and for signing in elsewhere. Do not print
    /// it.
    #[must_use]
    pub fn secret(&self) -> &str {
        self.0
            .header
            .to_str()
            .ok()
            .and_then(|header| header.strip_prefix(SCHEME))
            .unwrap_or_default()
    }

    /// Masks the headers of an answer that repeat the token, by the rule of
    /// [`Error::without_secret`]: for who shows them to somebody else.
    ///
    /// ```
    /// use graph_photo_model::BearerToken;
    /// use http::{HeaderMap, HeaderValue};
    ///
    /// # fn main() -> Result<(), graph_photo_model::Error> {
    /// let token = BearerToken::new("eyJ0eXAi.eyJhdWQi.c2ln")?;
    /// let mut headers = HeaderMap::new();
    /// headers.insert("request-id", HeaderValue::from_static("r-1"));
    /// headers.insert("x-echo", HeaderValue::from_static("Bearer eyJ0eXAi.eyJhdWQi.c2ln"));
    /// token.mask_in(&mut headers);
    /// assert_eq!(headers["request-id"], "r-1");
    /// assert_eq!(headers["x-echo"], "[masked]");
    /// # Ok(())
    /// # }
    /// ```
    pub fn mask_in(&self, headers: &mut HeaderMap) {
        Secret(self.secret()).mask_headers(headers);
    }
}

impl fmt::Debug for BearerToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BearerToken({} bytes, ", self.secret().len())?;
        match self.0.expires_at {
            Some(time) => write!(f, "expires {})", httpdate::fmt_http_date(clamped(time))),
            None => f.write_str("no known expiry)"),
        }
    }
}

/// A time that an HTTP date can hold: `fmt_http_date` panics outside 1970 to 9999.
fn clamped(time: SystemTime) -> SystemTime {
    const YEAR_9999: Duration = Duration::from_secs(253_402_300_799);
    let earliest = SystemTime::UNIX_EPOCH;
    time.clamp(earliest, earliest + YEAR_9999)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_tokens_that_fit_a_header_are_taken() {
        assert_eq!(
            BearerToken::new(" sentinel\r\n").unwrap().header_value(),
            "Bearer sentinel"
        );
        for text in [
            "",
            " \n",
            "Bearer sentinel",
            "bearer sentinel",
            "sen tinel",
            "sentinel\r\nX: y",
            "sentinelé",
        ] {
            let error = BearerToken::new(text).unwrap_err();
            assert_eq!(error.kind(), crate::ErrorKind::Configuration);
            for shown in [error.to_string(), format!("{error:?}")] {
                assert!(!shown.contains("sentinel"), "{shown}");
            }
        }
    }

    #[test]
    fn the_token_of_a_header_is_what_new_would_take() {
        for scheme in ["Bearer ", "bearer ", "BEARER ", "Bearer   "] {
            for text in ["sentinel", " sentinel ", "", "sen tinel", "Bearer sentinel"] {
                let header = HeaderValue::from_str(&format!("{scheme}{text}")).unwrap();
                let taken = BearerToken::from_header(&header);
                match BearerToken::new(text) {
                    Ok(token) => {
                        let taken = taken.unwrap();
                        assert_eq!(taken, token, "{header:?}");
                        assert!(taken.header_value().is_sensitive());
                    }
                    Err(_) => assert!(taken.is_err(), "{header:?}"),
                }
            }
        }
        for header in [
            "",
            "Bearer",
            "Basic sentinel",
            "Bearersentinel",
            "Bearer\tsentinel",
        ] {
            let error = BearerToken::from_header(&HeaderValue::from_static(header)).unwrap_err();
            assert_eq!(error.kind(), crate::ErrorKind::Configuration);
            assert!(!format!("{error:?}").contains("sentinel"));
        }
        let foreign = HeaderValue::from_bytes(b"Bearer sentinel\xff").unwrap();
        assert!(BearerToken::from_header(&foreign).is_err());
    }

    #[test]
    fn the_token_is_in_no_debug_output() {
        let token = BearerToken::new("sentinel")
            .unwrap()
            .with_expiry(SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777));
        assert_eq!(
            format!("{token:?}"),
            "BearerToken(8 bytes, expires Sun, 06 Nov 1994 08:49:37 GMT)"
        );
        assert!(!format!("{:?}", token.header_value()).contains("sentinel"));
        assert_eq!(token.secret(), "sentinel");
        if let Some(far) = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(u64::MAX / 4)) {
            let _ = format!("{:?}", token.with_expiry(far));
        }
    }

    #[test]
    fn expiry_counts_the_margin() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1000);
        let token = BearerToken::new("t").unwrap();
        assert!(!token.expires_within(Duration::MAX, now));
        let token = token.with_expiry(now + Duration::from_secs(60));
        assert!(!token.expires_within(Duration::from_secs(59), now));
        assert!(token.expires_within(Duration::from_secs(60), now));
        assert!(token.expires_within(Duration::MAX, now));
    }
}
