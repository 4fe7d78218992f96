//! Whom the client trusts: what the operating system trusts, and certificates of one's own.

use graph_photo_model::Error;

/// The certificates in a PEM text, as DER.
#[cfg(feature = "tls")]
pub(crate) fn certificates(pem: &[u8]) -> Result<Vec<Vec<u8>>, Error> {
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject;

    let unreadable = "the root certificate is not PEM: it starts with -----BEGIN CERTIFICATE-----";
    let found = CertificateDer::pem_slice_iter(pem)
        .map(|certificate| certificate.map(|certificate| certificate.to_vec()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| Error::configuration(unreadable).with_source(error))?;
    if found.is_empty() {
        Err(Error::configuration(unreadable))
    } else {
        Ok(found)
    }
}

#[cfg(not(feature = "tls"))]
pub(crate) fn certificates(_: &[u8]) -> Result<Vec<Vec<u8>>, Error> {
    Err(Error::configuration(
        "root certificates need the feature tls",
    ))
}

pub(super) type Config = ureq::config::ConfigBuilder<ureq::typestate::AgentScope>;

/// rustls with ring, as in the async client. Without own certificates the system's verifier
/// decides; with some, what it trusts and they are taken together.
#[cfg(feature = "tls")]
pub(super) fn trust(config: Config, root_certificates: &[Vec<u8>]) -> Config {
    use std::sync::Arc;

    use ureq::tls::{Certificate, RootCerts, TlsConfig};

    let roots = if root_certificates.is_empty() {
        RootCerts::PlatformVerifier
    } else {
        // A certificate of the system that cannot be read is one less to trust, not a failure.
        let native = rustls_native_certs::load_native_certs().certs;
        let native = native.iter().map(|certificate| certificate.as_ref());
        let own = root_certificates.iter().map(Vec::as_slice);
        RootCerts::Specific(Arc::new(
            native
                .chain(own)
                .map(|der| Certificate::from_der(der).to_owned())
                .collect(),
        ))
    };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    config.tls_config(
        TlsConfig::builder()
            .unversioned_rustls_crypto_provider(provider)
            .root_certs(roots)
            .build(),
    )
}

#[cfg(not(feature = "tls"))]
pub(super) fn trust(config: Config, _: &[Vec<u8>]) -> Config {
    config
}
