//! Whom the client trusts, told to reqwest and hyper; [`graph_photo_model::trust`] says whom.

use graph_photo_model::Error;
#[cfg(feature = "hyper")]
use hyper_util::client::legacy::connect::HttpConnector;

use crate::surface::settings::Settings;

/// rustls, as in the blocking client.
#[cfg(feature = "tls")]
fn config(settings: &Settings) -> Result<rustls::ClientConfig, Error> {
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
    Ok(config)
}

#[cfg(feature = "tls")]
pub(super) fn trust(
    builder: reqwest::ClientBuilder,
    settings: &Settings,
) -> Result<reqwest::ClientBuilder, Error> {
    Ok(builder.tls_backend_preconfigured(config(settings)?))
}

#[cfg(not(feature = "tls"))]
pub(super) fn trust(
    builder: reqwest::ClientBuilder,
    _: &Settings,
) -> Result<reqwest::ClientBuilder, Error> {
    Ok(builder)
}

/// What makes connections for hyper.
#[cfg(all(feature = "hyper", feature = "tls"))]
pub(super) type Connector = hyper_rustls::HttpsConnector<HttpConnector>;

/// What makes connections for hyper; https it refuses.
#[cfg(all(feature = "hyper", not(feature = "tls")))]
pub(super) type Connector = HttpConnector;

#[cfg(all(feature = "hyper", feature = "tls"))]
pub(super) fn connector(mut http: HttpConnector, settings: &Settings) -> Result<Connector, Error> {
    http.enforce_http(false);
    Ok((http, config(settings)?).into())
}

#[cfg(all(feature = "hyper", not(feature = "tls")))]
pub(super) fn connector(http: HttpConnector, _: &Settings) -> Result<Connector, Error> {
    Ok(http)
}
