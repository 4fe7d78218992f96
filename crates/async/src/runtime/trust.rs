//! Whom the client trusts, told to reqwest; [`graph_photo_model::trust`] says whom.

use graph_photo_model::Error;

use crate::surface::settings::Settings;

/// rustls, as in the blocking client.
#[cfg(feature = "tls")]
pub(super) fn trust(
    builder: reqwest::ClientBuilder,
    settings: &Settings,
) -> Result<reqwest::ClientBuilder, Error> {
    use graph_photo_model::trust::{provider, roots};
    use rustls_platform_verifier::BuilderVerifierExt;

    let config = rustls::ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(super::http::configuration)?;
    let config = match roots(&settings.root_certificates) {
        None => config
            .with_platform_verifier()
            .map_err(super::http::configuration)?,
        Some(roots) => {
            let mut store = rustls::RootCertStore::empty();
            store.add_parsable_certificates(roots);
            config.with_root_certificates(store)
        }
    };
    let mut config = config.with_no_client_auth();
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
