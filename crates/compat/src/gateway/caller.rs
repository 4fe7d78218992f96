//! Who calls, and whose token goes to Graph for it.

use std::borrow::Cow;

use base64::Engine as _;
use graph_photo::{BearerToken, Client};
use graph_photo_model::claims::Claims;
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue, StatusCode};

use super::builder::Identity;
use super::inbound::InboundTokens;
use super::mailbox::Mailboxes;
use super::refusal::Refusal;
use crate::generated::hosts::CLOUDS;

/// The application id of Exchange Online, the other name of the legacy audience.
const EXCHANGE_ONLINE: &str = "00000002-0000-0ff1-ce00-000000000000";

/// How callers are let in.
#[derive(Debug)]
pub(crate) enum Admission {
    /// Graph decides by the caller's own token.
    PassThrough,
    /// The gateway decides, and calls Graph in its own name.
    Own {
        identity: Identity,
        tokens: InboundTokens,
        mailboxes: Mailboxes,
    },
}

/// A caller that was let in.
pub(crate) struct Caller {
    /// What goes to Graph; `None` for the gateway's own token.
    token: Option<BearerToken>,
    /// Who the caller is on Graph, if `/me` there would be somebody else or nobody.
    me: Option<String>,
}

impl Admission {
    /// Lets a caller in, or says why not.
    pub(crate) fn admit(&self, headers: &HeaderMap) -> Result<Caller, Refusal> {
        let given = headers.get(&AUTHORIZATION);
        match self {
            Self::PassThrough => {
                let given = given
                    .filter(|header| is_bearer(header))
                    .ok_or_else(|| unauthorized("The request carries no bearer token."))?;
                // Graph would not see such a token: it cannot stand in a header.
                let token = BearerToken::from_header(given)
                    .map_err(|_| unauthorized("The bearer token is malformed."))?;
                if is_for_outlook(token.secret()) {
                    return Err(wrong_audience());
                }
                Ok(Caller {
                    token: Some(token),
                    me: None,
                })
            }
            Self::Own { tokens, .. } => {
                let program = given
                    .and_then(inbound_token)
                    .and_then(|token| tokens.find(&token))
                    .ok_or_else(|| {
                        unauthorized(
                            "The gateway does not know this token; it takes those of its --inbound-tokens, as Bearer or as the password of Basic.",
                        )
                    })?;
                Ok(Caller {
                    token: None,
                    me: program.me.clone(),
                })
            }
        }
    }

    /// Who `/me` is on Graph; `None` leaves it to the token.
    pub(crate) fn me(
        &self,
        caller: &Caller,
        headers: &HeaderMap,
    ) -> Result<Option<String>, Refusal> {
        let Self::Own {
            identity,
            mailboxes,
            ..
        } = self
        else {
            return Ok(None);
        };
        if let Some(user) = &caller.me {
            return Ok(Some(user.clone()));
        }
        match (mailboxes.user(headers)?, identity) {
            (None, Identity::Application) => Err(Refusal::new(
                StatusCode::BAD_REQUEST,
                "ErrorMissingEmailAddress",
                "The gateway calls Microsoft Graph as an application, which has no mailbox: name one in X-AnchorMailbox, or have the gateway map this token to a user.",
            )),
            (user, _) => Ok(user),
        }
    }
}

impl Caller {
    /// The client that calls Graph for this caller.
    pub(crate) fn client(&self, client: &Client) -> Client {
        match &self.token {
            Some(token) => client.with_token(token.clone()),
            None => client.clone(),
        }
    }

    /// Puts the remedy to a refusal that Graph alone would not explain.
    pub(crate) fn explain(&self, refusal: &mut Refusal) {
        if refusal.status == StatusCode::UNAUTHORIZED
            && refusal.message.to_ascii_lowercase().contains("audience")
            && self.token.is_some()
        {
            refusal.message = format!("{} {REMEDY}", refusal.message).into();
        }
    }
}

const REMEDY: &str = "The request went to Microsoft Graph: acquire the token for https://graph.microsoft.com, or give the gateway a credential of its own.";

fn is_bearer(header: &HeaderValue) -> bool {
    const SCHEME: &[u8] = b"bearer ";
    header
        .as_bytes()
        .get(..SCHEME.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(SCHEME))
}

/// The token in an Authorization header. Callers of Exchange's photo URL send Basic; any user name will do then.
fn inbound_token(header: &HeaderValue) -> Option<Cow<'_, str>> {
    let (scheme, rest) = header.to_str().ok()?.split_once(' ')?;
    let rest = rest.trim();
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(rest.into());
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = base64::engine::general_purpose::STANDARD
        .decode(rest)
        .ok()?;
    let text = String::from_utf8(decoded).ok()?;
    let (_, password) = text.split_once(':')?;
    Some(password.to_owned().into())
}

/// Whether a token says that it was made for the service that is gone.
fn is_for_outlook(token: &str) -> bool {
    let Some(audience) = Claims::of(token).and_then(|claims| claims.aud) else {
        return false;
    };
    let audience = audience.trim_end_matches('/');
    let host = audience.strip_prefix("https://").unwrap_or(audience);
    audience.eq_ignore_ascii_case(EXCHANGE_ONLINE)
        || CLOUDS
            .iter()
            .flat_map(|cloud| cloud.outlook)
            .any(|outlook| outlook.eq_ignore_ascii_case(host))
}

fn wrong_audience() -> Refusal {
    Refusal::new(
        StatusCode::UNAUTHORIZED,
        "InvalidAudienceForResource",
        format!(
            "The access token was made for Outlook, and Microsoft Graph takes none such. {REMEDY}"
        ),
    )
}

fn unauthorized(message: &'static str) -> Refusal {
    Refusal::new(
        StatusCode::UNAUTHORIZED,
        "InvalidAuthenticationToken",
        message,
    )
}
