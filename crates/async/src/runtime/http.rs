//! One HTTP exchange over reqwest.

use std::error::Error as StdError;

use bytes::Bytes;
use graph_photo_model::{Error, ErrorKind};
use http::{HeaderMap, StatusCode};

use super::reader::SizedReader;
use crate::surface::body::Content;
use crate::surface::settings::Settings;

/// A connection pool with the settings of one client.
#[derive(Clone)]
pub(crate) struct Http {
    client: reqwest::Client,
}

/// An answer whose head is here and whose body is still coming.
pub(crate) struct Incoming {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    response: reqwest::Response,
}

impl Http {
    /// Builds the connection pool; nothing is connected yet.
    pub(crate) fn new(settings: &Settings) -> Result<Self, Error> {
        let builder = reqwest::Client::builder()
            .user_agent(settings.user_agent.clone())
            .connect_timeout(settings.connect_timeout)
            .timeout(settings.timeout)
            // A redirect would carry the request to a place nobody asked for; the surface
            // reports it instead.
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .http1_only();
        let client = trust(builder)?.build().map_err(configuration)?;
        Ok(Self { client })
    }

    /// Sends one request and waits for the head of its answer.
    pub(crate) async fn send(
        &self,
        request: http::Request<Option<Content>>,
    ) -> Result<Incoming, Fault> {
        let (parts, content) = request.into_parts();
        let body = content.map(|content| match content {
            Content::Bytes(bytes) => reqwest::Body::from(bytes),
            Content::Reader { reader, length } => {
                reqwest::Body::wrap(SizedReader::new(reader, length))
            }
        });
        let url = reqwest::Url::parse(&parts.uri.to_string())
            .map_err(|error| Fault::new(ErrorKind::InvalidInput, error))?;
        let mut request = reqwest::Request::new(parts.method, url);
        *request.headers_mut() = parts.headers;
        *request.body_mut() = body;
        let response = self.client.execute(request).await.map_err(fault)?;
        Ok(Incoming {
            status: response.status(),
            headers: response.headers().clone(),
            response,
        })
    }
}

impl Incoming {
    /// The next piece of the body, `None` at its end.
    pub(crate) async fn chunk(&mut self) -> Result<Option<Bytes>, Fault> {
        self.response.chunk().await.map_err(|error| {
            let kind = if error.is_timeout() {
                ErrorKind::Timeout
            } else {
                ErrorKind::Body
            };
            Fault::new(kind, error.without_url())
        })
    }
}

/// Why an exchange failed below HTTP.
pub(crate) struct Fault {
    pub(crate) kind: ErrorKind,
    pub(crate) source: Box<dyn StdError + Send + Sync>,
}

impl Fault {
    fn new(kind: ErrorKind, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self {
            kind,
            source: source.into(),
        }
    }
}

fn fault(error: reqwest::Error) -> Fault {
    let kind = if error.is_timeout() {
        ErrorKind::Timeout
    } else if is_tls(&error) {
        ErrorKind::Tls
    } else if error.is_connect() {
        ErrorKind::Connect
    } else if error.is_body() || error.is_decode() {
        ErrorKind::Body
    } else {
        ErrorKind::Transport
    };
    // The URL names a user; the operation says enough.
    Fault::new(kind, error.without_url())
}

#[cfg(feature = "tls")]
fn is_tls(error: &reqwest::Error) -> bool {
    let mut source = error.source();
    while let Some(error) = source {
        // rustls' error travels inside io::Error, whose source() skips it.
        let inner = error
            .downcast_ref::<std::io::Error>()
            .and_then(std::io::Error::get_ref);
        if error.is::<rustls::Error>() || inner.is_some_and(|inner| inner.is::<rustls::Error>()) {
            return true;
        }
        source = error.source();
    }
    false
}

#[cfg(not(feature = "tls"))]
fn is_tls(_: &reqwest::Error) -> bool {
    false
}

/// rustls with ring and the operating system's trust, as in the blocking client.
#[cfg(feature = "tls")]
fn trust(builder: reqwest::ClientBuilder) -> Result<reqwest::ClientBuilder, Error> {
    use std::sync::Arc;

    use rustls_platform_verifier::BuilderVerifierExt;

    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(configuration)?
        .with_platform_verifier()
        .map_err(configuration)?
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(builder.tls_backend_preconfigured(config))
}

#[cfg(not(feature = "tls"))]
fn trust(builder: reqwest::ClientBuilder) -> Result<reqwest::ClientBuilder, Error> {
    Ok(builder)
}

fn configuration(error: impl StdError + Send + Sync + 'static) -> Error {
    Error::configuration("the HTTP client could not be set up").with_source(error)
}
