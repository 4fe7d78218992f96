//! How a client is configured.

use std::time::Duration;

use graph_photo_model::base_url::BaseUrl;
use graph_photo_model::retry::Policy;
use graph_photo_model::token::BearerToken;

/// What [`super::ClientBuilder`] gathers.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// Where Graph is.
    pub(crate) base_url: BaseUrl,
    /// What authorises a request.
    pub(crate) token: Option<BearerToken>,
    /// How long connecting may take.
    pub(crate) connect_timeout: Duration,
    /// How long one attempt may take, from connecting to the last byte.
    pub(crate) timeout: Duration,
    /// The User-Agent header.
    pub(crate) user_agent: String,
    /// When and how often to try again.
    pub(crate) retry: Policy,
}
