//! Whom the client trusts, told to ureq; [`graph_photo_model::trust`] says whom.

pub(super) type Config = ureq::config::ConfigBuilder<ureq::typestate::AgentScope>;

/// rustls, as in the async client.
#[cfg(feature = "tls")]
pub(super) fn trust(config: Config, root_certificates: &[Vec<u8>]) -> Config {
    use graph_photo_model::trust::{provider, roots};
    use ureq::tls::{Certificate, RootCerts, TlsConfig};

    let roots = match roots(root_certificates) {
        None => RootCerts::PlatformVerifier,
        Some(roots) => {
            let owned =
                |der: &rustls::pki_types::CertificateDer<'_>| Certificate::from_der(der).to_owned();
            RootCerts::Specific(std::sync::Arc::new(roots.iter().map(owned).collect()))
        }
    };
    config.tls_config(
        TlsConfig::builder()
            .unversioned_rustls_crypto_provider(provider())
            .root_certs(roots)
            .build(),
    )
}

#[cfg(not(feature = "tls"))]
pub(super) fn trust(config: Config, _: &[Vec<u8>]) -> Config {
    config
}
