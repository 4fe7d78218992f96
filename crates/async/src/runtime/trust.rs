//! Whom the client trusts: what the operating system trusts, and certificates of one's own.

use graph_photo_model::Error;

use crate::surface::settings::Settings;

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

/// rustls with ring, as in the blocking client. Without own certificates the system's verifier
/// decides; with some, what it trusts and they are taken together.
#[cfg(feature = "tls")]
pub(super) fn trust(
    builder: reqwest::ClientBuilder,
    settings: &Settings,
) -> Result<reqwest::ClientBuilder, Error> {
    use std::sync::Arc;

    use rustls_platform_verifier::BuilderVerifierExt;

    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(super::http::configuration)?;
    let mut config = if settings.root_certificates.is_empty() {
        config
            .with_platform_verifier()
            .map_err(super::http::configuration)?
            .with_no_client_auth()
    } else {
        let mut roots = rustls::RootCertStore::empty();
        // A certificate of the system that cannot be read is one less to trust, not a failure.
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        for certificate in &settings.root_certificates {
            roots
                .add(certificate.clone().into())
                .map_err(super::http::configuration)?;
        }
        config.with_root_certificates(roots).with_no_client_auth()
    };
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(builder.tls_backend_preconfigured(config))
}

#[cfg(not(feature = "tls"))]
pub(super) fn trust(
    builder: reqwest::ClientBuilder,
    _: &Settings,
) -> Result<reqwest::ClientBuilder, Error> {
    Ok(builder)
}
