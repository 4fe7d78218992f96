//! What a gateway is to be like, and whether that can be.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use graph_photo::retry::Policy;
use graph_photo::{BearerToken, ClientBuilder};
use graph_photo_model::error::BoxError;

use super::access_log::AccessLog;
use super::caller::Admission;
use super::graph::Graph;
use super::inbound::InboundTokens;
use super::mailbox::Mailboxes;
use super::metrics::Metrics;
use super::server::{Server, bind};
use super::service::Service;
use super::tls::Tls;

/// Why a gateway did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The address could not be listened on.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The address of Graph, or the client for it, cannot be used.
    #[error("cannot use {root} as Graph")]
    Graph {
        /// The address as given.
        root: String,
        /// What is wrong with it.
        source: graph_photo::Error,
    },
    /// A credential without inbound tokens would let anybody act in its name.
    #[error(
        "with a credential of its own the gateway would act for anybody who reaches it; give inbound tokens"
    )]
    NobodyIsAsked,
    /// Inbound tokens without a credential would replace the tokens that Graph is to check.
    #[error("inbound tokens go with a credential; without one each caller's token goes to Graph")]
    NothingToGuard,
    /// The thread that writes the access log could not be made.
    #[error("cannot start the access log")]
    AccessLog(#[source] io::Error),
}

/// Whom a credential of the gateway's own stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identity {
    /// An application: there is no `/me`, so the anchor mailbox or a configured mapping says who that is.
    Application,
    /// A user who signed in: `/me` is that user, unless the anchor mailbox or a mapping says otherwise.
    User,
}

/// What a gateway is to be like. Made by [`Gateway::builder`](super::Gateway::builder).
///
/// | Setting | Default |
/// |---|---|
/// | listen | a free port of 127.0.0.1 |
/// | Graph | `https://graph.microsoft.com` |
/// | TLS | none: plain http |
/// | credential | none: each caller's token goes to Graph |
/// | access log | none |
/// | retries | [`Policy::DEFAULT`], within 20 s |
/// | longest wait for a slow caller | 60 s |
/// | grace when stopping | 30 s |
///
/// ```
/// use std::time::Duration;
///
/// use graph_photo_compat::gateway::Gateway;
///
/// let server = Gateway::builder()
///     .graph("https://graph.microsoft.us")
///     .access_log(std::io::stderr())
///     .patience(Duration::from_secs(20))
///     .bind()?;
/// println!("serves at {}", server.url());
/// # Ok::<(), graph_photo_compat::gateway::StartError>(())
/// ```
#[must_use = "a builder does nothing until it is bound"]
pub struct Builder {
    listen: SocketAddr,
    root: String,
    tls: Option<Tls>,
    credential: Option<(Identity, Arc<AddCredential>)>,
    inbound: Option<InboundTokens>,
    mailboxes: Mailboxes,
    access_log: Option<Box<dyn io::Write + Send>>,
    retry: Policy,
    patience: Duration,
    grace: Duration,
}

/// How long a request may take with its retries before the last answer is handed on: legacy programs wait 30 s at least,
/// and should hear why.
const PATIENCE_WITH_GRAPH: Duration = Duration::from_secs(20);

/// Gives a client a source of tokens; there is one client for each version of Graph.
type AddCredential = dyn Fn(ClientBuilder) -> ClientBuilder + Send + Sync;

impl Default for Builder {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            root: "https://graph.microsoft.com".to_owned(),
            tls: None,
            credential: None,
            inbound: None,
            mailboxes: Mailboxes::default(),
            access_log: None,
            retry: Policy::DEFAULT.with_max_elapsed(PATIENCE_WITH_GRAPH),
            patience: Duration::from_secs(60),
            grace: Duration::from_secs(30),
        }
    }
}

impl Builder {
    /// Where to listen; port 0 picks a free one.
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.listen = address;
        self
    }

    /// Where Graph is, without the version: `https://graph.microsoft.com`, the host of a national cloud, or an emulator
    /// on this machine. Plain http is for loopback alone.
    pub fn graph(mut self, root: impl Into<String>) -> Self {
        self.root = root.into();
        self
    }

    /// Answers https instead of http.
    pub fn tls(mut self, tls: Tls) -> Self {
        self.tls = Some(tls);
        self
    }

    /// Calls Graph with tokens of the gateway's own. The callback is that of
    /// [`ClientBuilder::token_callback`]. Needs [`inbound_tokens`](Self::inbound_tokens).
    ///
    /// ```
    /// use graph_photo::BearerToken;
    /// use graph_photo_compat::gateway::{Gateway, Identity, InboundTokens};
    ///
    /// let tokens = InboundTokens::parse("the-token-of-the-old-program  me=adele@contoso.com")?;
    /// let builder = Gateway::builder()
    ///     .credential(Identity::Application, |_scope| async {
    ///         Ok(BearerToken::new(std::env::var("TOKEN")?)?)
    ///     })
    ///     .inbound_tokens(tokens);
    /// # let _ = builder;
    /// # Ok::<(), graph_photo_compat::gateway::InboundTokensError>(())
    /// ```
    pub fn credential<F, R>(mut self, identity: Identity, callback: F) -> Self
    where
        F: Fn(&'static str) -> R + Send + Sync + 'static,
        R: Future<Output = Result<BearerToken, BoxError>> + Send + 'static,
    {
        let callback = Arc::new(callback);
        let add = move |client: ClientBuilder| {
            let callback = Arc::clone(&callback);
            client.token_callback(move |scope| callback(scope))
        };
        self.credential = Some((identity, Arc::new(add)));
        self
    }

    /// Who may call, when the gateway has a credential of its own.
    pub fn inbound_tokens(mut self, tokens: InboundTokens) -> Self {
        self.inbound = Some(tokens);
        self
    }

    /// Which user of Graph an anchor mailbox is, where its address is not the user principal name.
    pub fn mailboxes(mut self, mailboxes: Mailboxes) -> Self {
        self.mailboxes = mailboxes;
        self
    }

    /// Writes a line of JSON for each request, from a thread of its own. Who asked for whose photo is not in it.
    pub fn access_log(mut self, writer: impl io::Write + Send + 'static) -> Self {
        self.access_log = Some(Box::new(writer));
        self
    }

    /// When and how often Graph is asked again, as [`ClientBuilder::retry`]. Photos on their way up are never sent twice.
    pub fn retry(mut self, policy: Policy) -> Self {
        self.retry = policy;
        self
    }

    /// How long a caller may take over its head, or between two pieces of a body in either direction.
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// How long requests that are running may take when the gateway stops.
    pub fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// Takes the address, without serving yet.
    ///
    /// # Errors
    ///
    /// [`StartError`] says what cannot be.
    pub fn bind(self) -> Result<Server, StartError> {
        let admission = match (&self.credential, self.inbound) {
            (None, None) => Admission::PassThrough,
            (None, Some(_)) => return Err(StartError::NothingToGuard),
            (Some(_), None) => return Err(StartError::NobodyIsAsked),
            (Some((identity, _)), Some(tokens)) => Admission::Own {
                identity: *identity,
                tokens,
                mailboxes: self.mailboxes,
            },
        };
        let credential = self.credential.as_ref().map(|(_, add)| add.as_ref());
        let graph = Graph::new(&self.root, |client| {
            let client = client.retry(self.retry);
            match credential {
                Some(add) => add(client),
                None => client,
            }
        })
        .map_err(|source| StartError::Graph {
            root: self.root.clone(),
            source,
        })?;
        let access_log = self
            .access_log
            .map(AccessLog::start)
            .transpose()
            .map_err(StartError::AccessLog)?;
        let bound = bind(self.listen).map_err(|source| StartError::Listen {
            address: self.listen,
            source,
        })?;
        let service = Service {
            admission,
            graph,
            metrics: Arc::new(Metrics::default()),
            access_log,
            patience: self.patience,
        };
        Ok(Server::new(bound, self.tls, service, self.grace))
    }
}

/// Without the tokens.
impl std::fmt::Debug for Builder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Builder")
            .field("listen", &self.listen)
            .field("graph", &self.root)
            .field("tls", &self.tls.is_some())
            .field("credential", &self.credential.as_ref().map(|(who, _)| who))
            .finish_non_exhaustive()
    }
}
