//! The HTTP client that tests call services with: through no proxy, and trusting one certificate at most.

use std::sync::Arc;

use anyhow::Result;
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};

/// A client that trusts this certificate, or none.
///
/// # Errors
/// When the certificate is none.
pub fn client(trusted: Option<CertificateDer<'static>>) -> Result<reqwest::Client> {
    let mut roots = RootCertStore::empty();
    if let Some(certificate) = trusted {
        roots.add(certificate)?;
    }
    let tls =
        ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
    Ok(reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .tls_backend_preconfigured(tls)
        .build()?)
}
