//! How a client is configured.

use std::sync::Arc;
use std::time::Duration;

use graph_photo_model::Exchange;
use graph_photo_model::base_url::BaseUrl;
use graph_photo_model::proxy::Proxy;
use graph_photo_model::retry::Policy;

use super::auth::Auth;

/// What [`super::ClientBuilder`] gathers.
#[derive(Clone)]
pub(crate) struct Settings {
    /// Where Graph is.
    pub(crate) base_url: BaseUrl,
    /// What authorises a request.
    pub(crate) auth: Auth,
    /// How long connecting may take.
    pub(crate) connect_timeout: Duration,
    /// How long one attempt may take, from connecting to the last byte.
    pub(crate) timeout: Duration,
    /// The User-Agent header.
    pub(crate) user_agent: String,
    /// When and how often to try again.
    pub(crate) retry: Policy,
    /// What stands between us and Graph.
    pub(crate) proxy: Option<Proxy>,
    /// Certificates to trust besides those of the system, as DER.
    pub(crate) root_certificates: Vec<Vec<u8>>,
    /// Who is told of each attempt.
    pub(crate) observer: Option<Observer>,
}

/// A callback that is told of each attempt.
pub(crate) type Observer = Arc<dyn Fn(&Exchange<'_>) + Send + Sync>;

impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Settings")
            .field("base_url", &self.base_url)
            .field("auth", &self.auth)
            .field("connect_timeout", &self.connect_timeout)
            .field("timeout", &self.timeout)
            .field("user_agent", &self.user_agent)
            .field("retry", &self.retry)
            .field("proxy", &self.proxy)
            .field("root_certificates", &self.root_certificates.len())
            .field("observer", &self.observer.is_some())
            .finish()
    }
}
