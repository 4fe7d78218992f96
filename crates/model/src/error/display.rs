//! How an [`Error`] is printed.

use std::fmt::{self, Write as _};

use super::{Error, ErrorKind, MASK, envelope};

impl ErrorKind {
    /// What happened, in a few words.
    const fn summary(self) -> &'static str {
        match self {
            Self::Connect => "no connection to the server",
            Self::Timeout => "timed out",
            Self::Tls => "no secure connection to the server",
            Self::Body => "a body broke off",
            Self::Transport => "the exchange with the server failed",
            Self::InvalidInput => "invalid input",
            Self::Configuration => "the client cannot be set up like this",
            Self::NoPhoto => "there is no photo",
            Self::NoMailbox => "there is no mailbox for the photo",
            Self::NoSuchUser => "no such user, group or team",
            Self::Unauthorized => "the token was not accepted",
            Self::Forbidden => "the token does not allow this",
            Self::Throttled => "too many requests",
            Self::Refused => "the service does not offer this here",
            Self::BadRequest => "the service did not accept the request",
            Self::TooLarge => "the photo is too large",
            Self::Conflict => "something else stands against it",
            Self::NotFound => "not found",
            Self::Service => "the service failed",
            Self::UnexpectedResponse => "the answer is not what the service promises",
        }
    }

    /// What to do about it; empty where the description says so already.
    const fn remedy(self) -> &'static str {
        match self {
            Self::Connect => "check the network, the proxy and the base URL",
            Self::Timeout => "try again or raise the timeout",
            Self::Tls => "check the certificate authority or add it as a root certificate",
            Self::Body | Self::Transport => "try again",
            Self::NoPhoto => "the same answer can mean that the user does not exist",
            Self::NoMailbox => {
                "check the Exchange Online licence; a new mailbox takes some 15 minutes"
            }
            Self::NoSuchUser => {
                "check the id; a mail address is not always the user principal name"
            }
            Self::Unauthorized => {
                "get a new token, for Microsoft Graph of this cloud and not for Outlook"
            }
            Self::Forbidden => "grant the permission and get a new token",
            Self::Throttled => "wait and send fewer at a time",
            Self::TooLarge => "scale it down to at most 4,194,304 bytes",
            Self::Conflict => "read the current state and try again",
            Self::NotFound => "check the ids and the base URL",
            Self::Service => "try again; give Microsoft the request id if it stays",
            Self::UnexpectedResponse => "check that the base URL is Microsoft Graph's",
            Self::InvalidInput | Self::Configuration | Self::Refused | Self::BadRequest => "",
        }
    }

    /// Whether the kind says less than the service's message. Where the kind says all, the message
    /// stays out: it can name people.
    const fn needs_message(self) -> bool {
        matches!(
            self,
            Self::Refused | Self::BadRequest | Self::Conflict | Self::NotFound | Self::Service
        )
    }
}

/// One line: operation, what happened, status and code, what to do, the request id.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        let kind = inner.kind;
        if let Some(operation) = inner.operation {
            write!(f, "{}: ", operation.name)?;
        }
        match &inner.detail {
            Some(detail) => write!(f, "{}", OneLine(detail))?,
            None => f.write_str(kind.summary())?,
        }
        if let Some(status) = inner.status {
            write!(f, " (HTTP {}", status.as_u16())?;
            if let Some(code) = &inner.code {
                f.write_char(' ')?;
                write!(f, "{}", OneLine(code))?;
            }
            f.write_char(')')?;
        }
        if kind.needs_message()
            && let Some(message) = inner.message.as_deref().filter(|text| !text.is_empty())
        {
            f.write_str(": ")?;
            write!(f, "{}", OneLine(&envelope::clip(message, 200)))?;
        }
        let permissions = self.missing_permissions();
        if let Some((first, others)) = permissions.split_first() {
            write!(f, "; needs {first}")?;
            for name in others {
                write!(f, " or {name}")?;
            }
        }
        if let Some(wait) = inner.retry_after {
            write!(
                f,
                "; the service asks to wait {} s",
                wait.as_secs_f64().ceil()
            )?;
        }
        if inner.detail.is_none() {
            let remedy = if inner.code.as_deref() == Some("ValidationWidthTooSmall") {
                "use a photo of at least 48 by 48 pixels"
            } else {
                kind.remedy()
            };
            if !remedy.is_empty() {
                write!(f, "; {remedy}")?;
            }
        }
        if let Some(id) = &inner.request_id {
            f.write_str("; request-id ")?;
            write!(f, "{}", OneLine(id))?;
        }
        Ok(())
    }
}

/// Text from outside without line breaks and control characters, and without what looks like a
/// bearer token.
struct OneLine<'a>(&'a str);

impl fmt::Display for OneLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut after_bearer = false;
        for (index, word) in self
            .0
            .split(|c: char| c.is_whitespace() || c.is_control())
            .filter(|word| !word.is_empty())
            .enumerate()
        {
            if index > 0 {
                f.write_char(' ')?;
            }
            // A JSON web token starts with the base64 of `{"`.
            let token = after_bearer || word.contains("eyJ");
            f.write_str(if token { MASK } else { word })?;
            after_bearer = word.eq_ignore_ascii_case("bearer");
        }
        Ok(())
    }
}

impl fmt::Debug for OneLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.to_string(), f)
    }
}

/// Headers whose values hold neither secrets nor names.
const SHOWN: [&str; 7] = [
    "request-id",
    "client-request-id",
    "content-type",
    "content-length",
    "retry-after",
    "date",
    "x-ms-ags-diagnostic",
];

struct Headers<'a>(&'a http::HeaderMap);

impl fmt::Debug for Headers<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map()
            .entries(self.0.iter().map(|(name, value)| {
                let shown = SHOWN.contains(&name.as_str()) && !value.is_sensitive();
                let value = value.to_str().unwrap_or("[not text]");
                (name.as_str(), if shown { value } else { MASK })
            }))
            .finish()
    }
}

/// Everything but the body's text and the values of headers that can hold secrets.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        f.debug_struct("Error")
            .field("kind", &inner.kind)
            .field(
                "operation",
                &inner.operation.map(|operation| operation.name),
            )
            .field("detail", &inner.detail)
            .field("status", &inner.status.map(|status| status.as_u16()))
            .field("code", &inner.code.as_deref().map(OneLine))
            .field("message", &inner.message.as_deref().map(OneLine))
            .field("request_id", &inner.request_id)
            .field("client_request_id", &inner.client_request_id)
            .field("retry_after", &inner.retry_after)
            .field("headers", &Headers(&inner.headers))
            .field(
                "body_start",
                &inner
                    .body_start
                    .as_ref()
                    .map(|body| format!("{} bytes", body.len())),
            )
            .field("source", &inner.source)
            .finish()
    }
}
