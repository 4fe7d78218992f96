//! What only this client offers, reqwest being under it.

use crate::ClientBuilder;

impl ClientBuilder {
    /// Sends through a reqwest client of one's own. Its timeouts, proxies and certificates count
    /// then; those of this builder are ignored.
    ///
    /// Build it with [`reqwest::redirect::Policy::none`]: an answer that came by a redirect is an
    /// error.
    pub fn http_client(mut self, client: reqwest::Client) -> Self {
        self.backend = Some(client);
        self
    }
}
