//! What only this client offers, reqwest being under it, and the Azure SDK being async.

use crate::ClientBuilder;
use crate::runtime::Backend;

impl ClientBuilder {
    /// Sends through a reqwest client of one's own. Its timeouts, proxies and certificates count
    /// then; those of this builder are ignored.
    ///
    /// Build it with [`reqwest::redirect::Policy::none`]. With another policy redirects are not
    /// followed either, but for two which reqwest leaves no say in: a 303, and the 301 or 302 of a
    /// batch. It follows those with a GET, without the photo, without the token where they lead to
    /// another origin, but with a Referer unless that is switched off; the answer is then an error.
    ///
    /// ```
    /// # fn example(reqwest: reqwest::Client) -> Result<(), graph_photo::Error> {
    /// let client = graph_photo::Client::builder().http_client(reqwest).build()?;
    /// # let _ = client;
    /// # Ok(())
    /// # }
    /// ```
    pub fn http_client(mut self, client: reqwest::Client) -> Self {
        self.backend = Some(Backend::Reqwest(client));
        self
    }

    /// Sends over hyper, which reqwest stands on, without reqwest's layers between. What goes over
    /// the wire and what comes of it is the same; a small call takes a seventh less processor time
    /// than by hand on reqwest, and a quarter less with 32 in flight (`cargo xtask bench`). For
    /// services that hand on thousands of requests a second, such as the gateway of
    /// `graph-photo-compat`.
    ///
    /// A client that has a proxy to go through stays with reqwest.
    ///
    /// ```
    /// # fn example() -> Result<(), graph_photo::Error> {
    /// let client = graph_photo::Client::builder().over_hyper().build()?;
    /// # let _ = client;
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "hyper")]
    pub fn over_hyper(mut self) -> Self {
        self.backend = Some(Backend::Hyper);
        self
    }

    /// Takes tokens from a credential of `azure_identity`, such as `ManagedIdentityCredential` or
    /// `DeveloperToolsCredential`, for the scope of this builder's cloud. Renewed as with
    /// [`token_callback`](Self::token_callback).
    #[cfg(feature = "azure")]
    pub fn credential(
        self,
        credential: std::sync::Arc<dyn azure_core::credentials::TokenCredential>,
    ) -> Self {
        self.token_callback(move |scope| {
            let credential = std::sync::Arc::clone(&credential);
            async move {
                let token = credential.get_token(&[scope], None).await?;
                let bearer = crate::BearerToken::new(token.token.secret())?;
                Ok(bearer.with_expiry(token.expires_on.into()))
            }
        })
    }
}
