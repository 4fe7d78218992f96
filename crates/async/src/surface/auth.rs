//! What authorises a request: a token for good, or a callback that gives tokens.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use graph_photo_model::error::BoxError;
use graph_photo_model::{BearerToken, Error, ErrorKind};

use crate::runtime::{Later, Mutex};

/// A token is renewed this long before it expires, or at half its life if that is later.
const MARGIN: Duration = Duration::from_secs(300);

/// Gives a token for a scope.
pub(crate) type Callback =
    Arc<dyn Fn(&'static str) -> Later<Result<BearerToken, BoxError>> + Send + Sync>;

/// What authorises the requests of a client.
#[derive(Clone)]
pub(crate) enum Auth {
    /// Nothing; for services that ask for no token.
    Anonymous,
    /// The same token for every request.
    Static(BearerToken),
    /// Tokens from a callback, each used until shortly before it expires.
    Callback(Tokens),
}

/// The tokens of a callback: the one in use, and where the next comes from.
#[derive(Clone)]
pub(crate) struct Tokens {
    callback: Callback,
    scope: &'static str,
    held: Arc<Mutex<Option<Held>>>,
}

struct Held {
    token: BearerToken,
    since: SystemTime,
}

impl Held {
    fn is_due(&self, now: SystemTime) -> bool {
        let life = self
            .token
            .expires_at()
            .and_then(|end| end.duration_since(self.since).ok());
        let margin = life.map_or(MARGIN, |life| MARGIN.min(life / 2));
        self.token.expires_within(margin, now)
    }
}

impl Auth {
    /// Tokens from a callback that is given this scope.
    pub(crate) fn callback(callback: Callback, scope: &'static str) -> Self {
        Self::Callback(Tokens {
            callback,
            scope,
            held: Arc::new(Mutex::new(None)),
        })
    }

    /// Whether another token can be had when one is not accepted.
    pub(crate) fn can_renew(&self) -> bool {
        matches!(self, Self::Callback(_))
    }

    /// The token for the next request, another one than `rejected`.
    pub(crate) async fn token(
        &self,
        rejected: Option<&BearerToken>,
    ) -> Result<Option<BearerToken>, Error> {
        match self {
            Self::Anonymous => Ok(None),
            Self::Static(token) => Ok(Some(token.clone())),
            Self::Callback(tokens) => tokens.token(rejected).await.map(Some),
        }
    }
}

impl Tokens {
    /// Callers that need a token at the same time wait for one call of the callback.
    async fn token(&self, rejected: Option<&BearerToken>) -> Result<BearerToken, Error> {
        let mut held = self.held.lock().await;
        let now = SystemTime::now();
        let usable = held.as_ref().filter(|held| rejected != Some(&held.token));
        if let Some(current) = usable.filter(|held| !held.is_due(now)) {
            return Ok(current.token.clone());
        }
        match (self.callback)(self.scope).await {
            Ok(token) => {
                *held = Some(Held {
                    token: token.clone(),
                    since: now,
                });
                Ok(token)
            }
            // Renewing early leaves time to try again later.
            Err(error) => match usable
                .filter(|held| !held.token.expires_within(Duration::ZERO, now))
            {
                Some(current) => {
                    tracing::warn!("the token could not be renewed before it expires");
                    Ok(current.token.clone())
                }
                None => Err(
                    Error::local(ErrorKind::Unauthorized, "no token could be acquired")
                        .with_source(error),
                ),
            },
        }
    }
}

/// The error without the token that its request was sent with: a server can repeat it.
pub(crate) fn without_token(error: Error, token: Option<&BearerToken>) -> Error {
    match token {
        Some(token) => error.without_secret(token.secret()),
        None => error,
    }
}

/// Shows where tokens come from, not the tokens.
impl std::fmt::Debug for Auth {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Anonymous => f.write_str("Anonymous"),
            Self::Static(token) => token.fmt(f),
            Self::Callback(tokens) => write!(f, "Callback({})", tokens.scope),
        }
    }
}
