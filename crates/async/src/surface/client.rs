//! The client and how it is made.

use std::time::Duration;

use graph_photo_model::Error;
use graph_photo_model::base_url::BaseUrl;
use graph_photo_model::cloud::{ApiVersion, Cloud};
use graph_photo_model::retry::Policy;
use graph_photo_model::token::BearerToken;

use super::operations::Operations;
use super::owner::{Contact, Folder, Group, Me, Team, User};
use super::settings::Settings;
use crate::runtime::Http;

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
/// | connect timeout | 10 s |
/// | timeout of one attempt | 100 s |
/// | retry | [`Policy::default`] |
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct ClientBuilder {
    base_url: Option<String>,
    cloud: Cloud,
    api_version: ApiVersion,
    allow_insecure: bool,
    token: Option<String>,
    connect_timeout: Option<Duration>,
    timeout: Option<Duration>,
    user_agent: Option<String>,
    retry: Option<Policy>,
}

impl ClientBuilder {
    /// The token sent with every request, as acquired for the scope of this cloud's Graph.
    pub fn bearer_token(mut self, token: impl Into<String>) -> Self {
        self.token = Some(token.into());
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
        let token = self.token.map(BearerToken::new).transpose()?;
        let settings = Settings {
            base_url,
            token,
            connect_timeout: self.connect_timeout.unwrap_or(Duration::from_secs(10)),
            timeout: self.timeout.unwrap_or(Duration::from_secs(100)),
            user_agent: self
                .user_agent
                .unwrap_or_else(|| crate::USER_AGENT.to_owned()),
            retry: self.retry.unwrap_or_default(),
        };
        let http = Http::new(&settings)?;
        Ok(Client {
            operations: Operations::new(http, settings),
        })
    }
}
