//! What only this client offers, ureq being under it.

#[cfg(feature = "oauth")]
mod sign_in;

#[cfg(feature = "oauth")]
pub use sign_in::{ClientCredentials, DeviceCode, DevicePrompt};

use crate::ClientBuilder;

impl ClientBuilder {
    /// Sends through a ureq agent of one's own. Its timeouts, proxies and certificates count then;
    /// those of this builder are ignored. Redirects are not followed, whatever it says.
    ///
    /// ```
    /// # fn example(agent: ureq::Agent) -> Result<(), graph_photo_blocking::Error> {
    /// let client = graph_photo_blocking::Client::builder().agent(agent).build()?;
    /// # let _ = client;
    /// # Ok(())
    /// # }
    /// ```
    pub fn agent(mut self, agent: ureq::Agent) -> Self {
        self.backend = Some(agent);
        self
    }
}
