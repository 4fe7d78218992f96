//! Whom a client trusts: what the operating system trusts, and certificates of one's own. With the
//! feature `tls` only; without it a certificate is refused.
//!
//! The system's certificates are read from where it keeps them, or from the file that
//! `SSL_CERT_FILE` names; that is the one thing in this crate which is not pure.

use crate::error::Error;

#[cfg(feature = "tls")]
pub use with_rustls::{certificates, provider, roots};

/// Refuses root certificates: this build has no TLS.
///
/// # Errors
/// Always [`ErrorKind::Configuration`](crate::ErrorKind::Configuration).
#[cfg(not(feature = "tls"))]
pub fn certificates(_: &[u8]) -> Result<Vec<Vec<u8>>, Error> {
    Err(Error::configuration(
        "root certificates need the feature tls",
    ))
}

#[cfg(feature = "tls")]
mod with_rustls {
    use std::sync::Arc;

    use rustls::crypto::CryptoProvider;
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject;

    use super::Error;

    /// The certificates in a PEM text, as DER.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if there is none, or one that
    /// cannot be read.
    ///
    /// ```
    /// use graph_photo_model::{ErrorKind, trust::certificates};
    ///
    /// assert_eq!(certificates(b"not PEM").unwrap_err().kind(), ErrorKind::Configuration);
    /// ```
    pub fn certificates(pem: &[u8]) -> Result<Vec<Vec<u8>>, Error> {
        let unreadable =
            "the root certificate is not PEM: it starts with -----BEGIN CERTIFICATE-----";
        let found = CertificateDer::pem_slice_iter(pem)
            .map(|certificate| certificate.map(|certificate| certificate.to_vec()))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| Error::configuration(unreadable).with_source(error))?;
        if found.is_empty() {
            return Err(Error::configuration(unreadable));
        }
        for certificate in &found {
            rustls::RootCertStore::empty()
                .add(certificate.as_slice().into())
                .map_err(|error| {
                    Error::configuration("the root certificate cannot be used").with_source(error)
                })?;
        }
        Ok(found)
    }

    /// The cryptography of both clients: ring.
    ///
    /// ```
    /// use rustls::{ClientConfig, RootCertStore};
    ///
    /// let tls = ClientConfig::builder_with_provider(graph_photo_model::trust::provider())
    ///     .with_safe_default_protocol_versions()?
    ///     .with_root_certificates(RootCertStore::empty())
    ///     .with_no_client_auth();
    /// # let _ = tls;
    /// # Ok::<(), rustls::Error>(())
    /// ```
    #[must_use]
    pub fn provider() -> Arc<CryptoProvider> {
        Arc::new(rustls::crypto::ring::default_provider())
    }

    /// What the system trusts together with certificates of one's own; `None` without such, for
    /// then the system's own verifier decides.
    ///
    /// ```
    /// use graph_photo_model::trust::{certificates, roots};
    ///
    /// # fn example(pem: &[u8]) -> Result<(), graph_photo_model::Error> {
    /// let mut store = rustls::RootCertStore::empty();
    /// if let Some(roots) = roots(&certificates(pem)?) {
    ///     store.add_parsable_certificates(roots);
    /// }
    /// # Ok(())
    /// # }
    /// assert_eq!(roots(&[]), None);
    /// ```
    #[must_use]
    pub fn roots(own: &[Vec<u8>]) -> Option<Vec<CertificateDer<'static>>> {
        if own.is_empty() {
            return None;
        }
        // A certificate of the system that cannot be read is one less to trust, not a failure.
        let mut roots = rustls_native_certs::load_native_certs().certs;
        roots.extend(own.iter().cloned().map(CertificateDer::from));
        Some(roots)
    }
}
