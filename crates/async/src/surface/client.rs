//! The client and how it is made.

use std::sync::Arc;
use std::time::{Duration, Instant};

use graph_photo_model::base_url::BaseUrl;
use graph_photo_model::cloud::{ApiVersion, Cloud};
use graph_photo_model::error::BoxError;
use graph_photo_model::proxy::Proxy;
use graph_photo_model::retry::Policy;
use graph_photo_model::token::BearerToken;
use graph_photo_model::trust::certificates;
use graph_photo_model::{Error, Exchange};

use super::auth::{Auth, Callback};
use super::batch::Batch;
use super::operations::Operations;
use super::owner::{Contact, Folder, Group, Me, Team, User};
use super::settings::{Observer, Settings};
use crate::runtime::{Backend, Http, later};

/// A client for the photos of one tenant.
///
/// Cloning it is cheap and shares the connections.
///
/// ```
/// # async fn example(token: String) -> Result<(), graph_photo::Error> {
/// use graph_photo::{Client, Size};
///
/// let client = Client::builder().bearer_token(token).build()?;
/// let photo = client.user("adele@contoso.com").photo().size(Size::S96).get().await?;
/// match photo {
///     Some(photo) => println!("{} bytes of {}", photo.bytes().len(), photo.content_type()),
///     None => println!("no photo of that size"),
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Client {
    operations: Operations,
}

impl Client {
    /// Starts configuring a client.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    /// Every operation as Microsoft describes it, one method each.
    pub fn operations(&self) -> &Operations {
        &self.operations
    }

    /// Photos of many owners in few requests.
    pub fn batch(&self) -> Batch<'_> {
        Batch::new(&self.operations)
    }

    /// The same client with a time by which each call has ended, retries and waits included. A call
    /// that is not done by then fails with [`ErrorKind::Timeout`](crate::ErrorKind::Timeout), or
    /// with what the service said last if the wait it asked for is too long.
    ///
    /// ```
    /// # async fn example(client: graph_photo::Client) -> Result<(), graph_photo::Error> {
    /// use std::time::{Duration, Instant};
    ///
    /// let client = client.with_deadline(Instant::now() + Duration::from_secs(5));
    /// let photo = client.me().photo().get().await?;
    /// # let _ = photo;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn with_deadline(&self, deadline: Instant) -> Self {
        Self {
            operations: self.operations.with_deadline(deadline),
        }
    }

    /// The same client for another caller, by that caller's token. Connections and settings are
    /// shared, the cache is not: it knows what the first caller may see.
    ///
    /// For services that call Graph in the name of whoever calls them.
    ///
    /// ```
    /// # async fn example(client: graph_photo::Client, token: &str) -> Result<(), graph_photo::Error> {
    /// let photo = client.with_bearer_token(token)?.me().photo().get().await?;
    /// # let _ = photo;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if the token is no header value.
    pub fn with_bearer_token(&self, token: impl AsRef<str>) -> Result<Self, Error> {
        BearerToken::new(token).map(|token| self.with_token(token))
    }

    /// As [`with_bearer_token`](Self::with_bearer_token), by a token that is one already.
    ///
    /// ```
    /// use graph_photo::BearerToken;
    /// use http::HeaderMap;
    ///
    /// # async fn example(client: graph_photo::Client, incoming: HeaderMap) -> Result<(), graph_photo::Error> {
    /// let token = BearerToken::from_header(&incoming["authorization"])?;
    /// let photo = client.with_token(token).me().photo().get().await?;
    /// # let _ = photo;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn with_token(&self, token: BearerToken) -> Self {
        Self {
            operations: self.operations.with_bearer_token(token),
        }
    }

    /// The signed-in user; needs a delegated token.
    pub fn me(&self) -> Me<'_> {
        Me::new(&self.operations)
    }

    /// A user, by object id or user principal name.
    pub fn user<'c>(&'c self, id: &'c str) -> User<'c> {
        User::new(&self.operations, id)
    }

    /// A Microsoft 365 group, by object id.
    pub fn group<'c>(&'c self, id: &'c str) -> Group<'c> {
        Group::new(&self.operations, id)
    }

    /// A team, by the id it shares with its group.
    pub fn team<'c>(&'c self, id: &'c str) -> Team<'c> {
        Team::new(&self.operations, id)
    }

    /// A contact of the signed-in user; the same as `client.me().contact(id)`.
    pub fn contact<'c>(&'c self, id: &'c str) -> Contact<'c> {
        self.me().contact(id)
    }

    /// A contact folder of the signed-in user; the same as `client.me().folder(id)`.
    pub fn folder<'c>(&'c self, id: &'c str) -> Folder<'c> {
        self.me().folder(id)
    }
}

/// Configures a [`Client`].
///
/// | Setting | Default |
/// |---|---|
/// | cloud, API version | global, v1.0 |
/// | token | none |
/// | connect timeout | 10 s |
/// | timeout of one attempt | 100 s |
/// | retry | [`Policy::DEFAULT`] |
/// | proxy | that of the environment |
/// | trusted certificates | those of the system |
///
/// ```
/// # fn example(token: String) -> Result<(), graph_photo::Error> {
/// use std::time::Duration;
///
/// use graph_photo::retry::Policy;
/// use graph_photo::{Client, Cloud};
///
/// let client = Client::builder()
///     .cloud(Cloud::UsGovL4)
///     .bearer_token(token)
///     .timeout(Duration::from_secs(20))
///     .retry(Policy::DEFAULT.with_max_attempts(2))
///     .build()?;
/// # let _ = client;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Default)]
#[must_use]
pub struct ClientBuilder {
    base_url: Option<String>,
    cloud: Cloud,
    api_version: ApiVersion,
    allow_insecure: bool,
    token: Option<Token>,
    connect_timeout: Option<Duration>,
    timeout: Option<Duration>,
    user_agent: Option<String>,
    retry: Option<Policy>,
    proxy: ProxyChoice,
    root_certificates: Vec<Vec<u8>>,
    observer: Option<Observer>,
    #[cfg(feature = "cache")]
    cache: Option<super::cache::CacheSettings>,
    pub(crate) backend: Option<Backend>,
}

#[derive(Clone)]
enum Token {
    Static(String),
    Callback(Callback),
}

#[derive(Clone, Default)]
enum ProxyChoice {
    #[default]
    Environment,
    Direct,
    Url(String),
}

impl ClientBuilder {
    /// The token sent with every request, as acquired for the scope of this cloud's Graph.
    pub fn bearer_token(mut self, token: impl Into<String>) -> Self {
        self.token = Some(Token::Static(token.into()));
        self
    }

    /// Where tokens come from. The callback is given the scope to ask for, such as
    /// `https://graph.microsoft.com/.default`, and is called when there is no token yet, five
    /// minutes before the one in use expires ([`BearerToken::with_expiry`]), and once more when the
    /// service answers 401. Calls that need a token at the same time wait for one call of it; it
    /// must not use this client itself.
    ///
    /// ```
    /// # fn example() -> Result<(), graph_photo::Error> {
    /// use graph_photo::{BearerToken, Client};
    ///
    /// let client = Client::builder()
    ///     .token_callback(|_scope| async { Ok(BearerToken::new(std::env::var("TOKEN")?)?) })
    ///     .build()?;
    /// # let _ = client;
    /// # Ok(())
    /// # }
    /// ```
    pub fn token_callback<F, R>(mut self, callback: F) -> Self
    where
        F: Fn(&'static str) -> R + Send + Sync + 'static,
        R: Future<Output = Result<BearerToken, BoxError>> + Send + 'static,
    {
        self.token = Some(Token::Callback(Arc::new(move |scope| {
            later(callback(scope))
        })));
        self
    }

    /// The national cloud; default [`Cloud::Global`].
    pub fn cloud(mut self, cloud: Cloud) -> Self {
        self.cloud = cloud;
        self
    }

    /// The version of the API; default [`ApiVersion::V1_0`].
    pub fn api_version(mut self, version: ApiVersion) -> Self {
        self.api_version = version;
        self
    }

    /// Another place for Graph, with the version, e.g. `http://127.0.0.1:8787/v1.0`; overrides
    /// cloud and version.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(url.into());
        self
    }

    /// Allows plain http to other hosts than this machine. The token then travels unprotected.
    pub fn allow_insecure(mut self, allow: bool) -> Self {
        self.allow_insecure = allow;
        self
    }

    /// How long connecting may take; default 10 s.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = Some(timeout);
        self
    }

    /// How long one attempt may take, from connecting to the last byte; default 100 s.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// The User-Agent header; default is this crate's name and version.
    pub fn user_agent(mut self, user_agent: impl Into<String>) -> Self {
        self.user_agent = Some(user_agent.into());
        self
    }

    /// When and how often to try again; [`Policy::NEVER`] switches retries off.
    pub fn retry(mut self, policy: Policy) -> Self {
        self.retry = Some(policy);
        self
    }

    /// The proxy to go through, `http://[user:password@]host:port`, instead of that of the
    /// environment (`HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY`; `http_proxy` for a base URL of http).
    pub fn proxy(mut self, url: impl Into<String>) -> Self {
        self.proxy = ProxyChoice::Url(url.into());
        self
    }

    /// Goes through no proxy, whatever the environment says.
    pub fn no_proxy(mut self) -> Self {
        self.proxy = ProxyChoice::Direct;
        self
    }

    /// Trusts a certificate authority besides those of the system: one or more certificates as PEM.
    /// For companies whose proxies open https.
    ///
    /// ```
    /// # fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// let pem = std::fs::read("company.pem")?;
    /// let client = graph_photo::Client::builder().root_certificate(pem)?.build()?;
    /// # let _ = client;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if it is not PEM.
    pub fn root_certificate(mut self, pem: impl AsRef<[u8]>) -> Result<Self, Error> {
        self.root_certificates
            .append(&mut certificates(pem.as_ref())?);
        Ok(self)
    }

    /// Tells about each attempt: what was called, what came back, how long it took, whether it is
    /// tried again. Called on the way of the request, so it should be quick.
    ///
    /// ```
    /// # fn example() -> Result<(), graph_photo::Error> {
    /// let client = graph_photo::Client::builder()
    ///     .observer(|exchange| println!("{} {:?}", exchange.operation.name, exchange.elapsed))
    ///     .build()?;
    /// # let _ = client;
    /// # Ok(())
    /// # }
    /// ```
    pub fn observer(mut self, observer: impl Fn(&Exchange<'_>) + Send + Sync + 'static) -> Self {
        self.observer = Some(Arc::new(observer));
        self
    }

    /// Keeps photos, and the knowledge that there is none, for `get_cached`.
    #[cfg(feature = "cache")]
    pub fn cache(mut self, settings: super::cache::CacheSettings) -> Self {
        self.cache = Some(settings);
        self
    }

    /// Builds the client; nothing is connected yet.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](graph_photo_model::ErrorKind::Configuration) naming the
    /// setting: a base URL that is not http(s) or is insecure, a token that is no header value,
    /// or trust roots that cannot be loaded.
    pub fn build(self) -> Result<Client, Error> {
        let base_url = match &self.base_url {
            Some(url) if self.allow_insecure => BaseUrl::parse_allowing_http(url)?,
            Some(url) => BaseUrl::parse(url)?,
            None => self.cloud.base_url(self.api_version),
        };
        let auth = match self.token {
            None => Auth::Anonymous,
            Some(Token::Static(token)) => Auth::Static(BearerToken::new(token)?),
            Some(Token::Callback(callback)) => Auth::callback(callback, self.cloud.default_scope()),
        };
        let proxy = match &self.proxy {
            ProxyChoice::Environment => {
                Proxy::from_env(&base_url, |name| std::env::var(name).ok())?
            }
            ProxyChoice::Direct => None,
            ProxyChoice::Url(url) => Some(Proxy::parse(url)?),
        };
        let settings = Settings {
            base_url,
            auth,
            connect_timeout: self.connect_timeout.unwrap_or(Duration::from_secs(10)),
            timeout: self.timeout.unwrap_or(Duration::from_secs(100)),
            user_agent: self
                .user_agent
                .unwrap_or_else(|| crate::USER_AGENT.to_owned()),
            retry: self.retry.unwrap_or_default(),
            proxy,
            root_certificates: self.root_certificates,
            observer: self.observer,
        };
        let http = Http::new(&settings, self.backend)?;
        let operations = Operations::new(
            http,
            settings,
            #[cfg(feature = "cache")]
            self.cache.map(super::cache::PhotoCache::new),
        );
        Ok(Client { operations })
    }
}

/// Without the token.
impl std::fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("base_url", &self.base_url)
            .field("cloud", &self.cloud)
            .field("api_version", &self.api_version)
            .field("retry", &self.retry)
            .finish_non_exhaustive()
    }
}
