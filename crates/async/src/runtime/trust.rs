//! Whom the client trusts, told to reqwest and hyper; [`graph_photo_model::trust`] says whom.

use graph_photo_model::Error;
#[cfg(feature = "hyper")]
use hyper_util::client::legacy::connect::HttpConnector;

use crate::surface::settings::Settings;

/// rustls, as in the blocking client; without roots of our own whom the system trusts.
#[cfg(feature = "tls")]
fn config(
    roots: Option<Vec<rustls::pki_types::CertificateDer<'static>>>,
) -> Result<rustls::ClientConfig, Error> {
    use graph_photo_model::trust::provider;
    use rustls_platform_verifier::BuilderVerifierExt;

    let config = rustls::ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(super::http::configuration)?;
    let config = match roots {
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
    let roots = graph_photo_model::trust::roots(&settings.root_certificates);
    Ok(builder.tls_backend_preconfigured(config(roots)?))
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
pub(super) fn connector(
    mut http: HttpConnector,
    settings: &Settings,
    base: &http::Uri,
) -> Result<Connector, Error> {
    http.enforce_http(false);
    // Reading whom the system trusts takes longer than all else; over plain HTTP nobody asks.
    let roots = match base.scheme_str() {
        Some("http") => Some(Vec::new()),
        _ => graph_photo_model::trust::roots(&settings.root_certificates),
    };
    Ok((http, config(roots)?).into())
}

#[cfg(all(feature = "hyper", not(feature = "tls")))]
pub(super) fn connector(
    http: HttpConnector,
    _: &Settings,
    _: &http::Uri,
) -> Result<Connector, Error> {
    Ok(http)
}
