//! Certificate and key, for callers that insist on https.

use std::sync::Arc;

use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// What the gateway shows to callers that come by https.
///
/// ```no_run
/// use graph_photo_compat::gateway::{Gateway, Tls};
///
/// let tls = Tls::from_pem(&std::fs::read("chain.pem")?, &std::fs::read("key.pem")?)?;
/// let builder = Gateway::builder().tls(tls);
/// # let _ = builder;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Tls {
    config: Arc<rustls::ServerConfig>,
}

/// Why a certificate and a key cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// No certificate in PEM.
    #[error("the certificate is no PEM file with -----BEGIN CERTIFICATE-----")]
    Certificate(#[source] Option<pem::Error>),
    /// No key in PEM.
    #[error("the key is no PEM file with an unencrypted -----BEGIN PRIVATE KEY-----")]
    Key(#[source] pem::Error),
    /// The two do not belong together, or are of a kind that is not supported.
    #[error("the certificate and the key cannot be used together")]
    Mismatch(#[source] rustls::Error),
}

impl Tls {
    /// Takes a certificate with its chain, the server's own first, and its key, both PEM.
    ///
    /// # Errors
    ///
    /// [`TlsError`] says which of them cannot be used. Nothing of the key is repeated.
    pub fn from_pem(certificate: &[u8], key: &[u8]) -> Result<Self, TlsError> {
        let chain = CertificateDer::pem_slice_iter(certificate)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| TlsError::Certificate(Some(error)))?;
        if chain.is_empty() {
            return Err(TlsError::Certificate(None));
        }
        let key = PrivateKeyDer::from_pem_slice(key).map_err(TlsError::Key)?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
            .map_err(TlsError::Mismatch)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self {
            config: Arc::new(config),
        })
    }

    pub(crate) fn acceptor(&self) -> tokio_rustls::TlsAcceptor {
        Arc::clone(&self.config).into()
    }
}

/// Without the key.
impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tls")
    }
}
