//! The HTTP client for what is no photo operation: pages of users, batches, signing in.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;

/// A client set up as the one for photos is: rustls with ring, the system's trust, no redirects, no
/// Referer.
pub(crate) fn build() -> anyhow::Result<reqwest::Client> {
    use rustls_platform_verifier::BuilderVerifierExt as _;

    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_platform_verifier()?
        .with_no_client_auth();
    tls.alpn_protocols = vec![b"http/1.1".to_vec()];
    reqwest::Client::builder()
        .user_agent(graph_photo::USER_AGENT)
        .connect_timeout(Duration::from_secs(10))
        .timeout(Duration::from_secs(100))
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .http1_only()
        .tls_backend_preconfigured(tls)
        .build()
        .context("the HTTP client could not be set up")
}
