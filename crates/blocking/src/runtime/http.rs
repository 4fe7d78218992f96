//! One HTTP exchange over ureq.

use std::error::Error as StdError;
use std::io::{self, Read};

use bytes::{Bytes, BytesMut};
use graph_photo_model::{Error, ErrorKind};
use http::{HeaderMap, StatusCode};

use super::BoxedReader;
use crate::surface::body::Content;
use crate::surface::settings::Settings;

/// How much is read at a time.
const CHUNK: usize = 64 * 1024;

/// A connection pool with the settings of one client.
#[derive(Clone)]
pub(crate) struct Http {
    agent: ureq::Agent,
}

/// An answer whose head is here and whose body is still coming.
pub(crate) struct Incoming {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    body: ureq::BodyReader<'static>,
    buffer: BytesMut,
}

impl Http {
    /// Builds the connection pool; nothing is connected yet.
    pub(crate) fn new(settings: &Settings) -> Result<Self, Error> {
        let config = ureq::Agent::config_builder()
            .user_agent(&settings.user_agent)
            .timeout_connect(Some(settings.connect_timeout))
            .timeout_global(Some(settings.timeout))
            // The body of an error is part of the error.
            .http_status_as_error(false)
            // A redirect would carry the request to a place nobody asked for; the surface
            // reports it instead.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .accept_encoding("");
        Ok(Self {
            agent: trust(config).build().new_agent(),
        })
    }

    /// Sends one request and waits for the head of its answer.
    pub(crate) fn send(&self, request: http::Request<Option<Content>>) -> Result<Incoming, Fault> {
        let (parts, content) = request.into_parts();
        let response = match content {
            None => self.agent.run(http::Request::from_parts(parts, ())),
            Some(Content::Bytes(bytes)) => {
                self.agent.run(http::Request::from_parts(parts, &bytes[..]))
            }
            Some(Content::Reader { reader, length }) => {
                let mut reader = SizedReader {
                    reader,
                    remaining: length,
                };
                let body = ureq::SendBody::from_reader(&mut reader);
                self.agent.run(http::Request::from_parts(parts, body))
            }
        };
        let (parts, body) = response.map_err(fault)?.into_parts();
        Ok(Incoming {
            status: parts.status,
            headers: parts.headers,
            body: body.into_reader(),
            buffer: BytesMut::new(),
        })
    }
}

impl Incoming {
    /// The next piece of the body, `None` at its end.
    pub(crate) fn chunk(&mut self) -> Result<Option<Bytes>, Fault> {
        self.buffer.resize(CHUNK, 0);
        loop {
            match self.body.read(&mut self.buffer) {
                Ok(0) => return Ok(None),
                Ok(read) => return Ok(Some(self.buffer.split_to(read).freeze())),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    let kind = if is_timeout(&error) {
                        ErrorKind::Timeout
                    } else {
                        ErrorKind::Body
                    };
                    return Err(Fault::new(kind, error));
                }
            }
        }
    }
}

/// Yields exactly `remaining` bytes of a reader, or fails.
struct SizedReader {
    reader: BoxedReader,
    remaining: u64,
}

impl Read for SizedReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let wanted = usize::try_from(self.remaining)
            .unwrap_or(CHUNK)
            .min(buffer.len());
        if wanted == 0 {
            return Ok(0);
        }
        let read = self.reader.read(&mut buffer[..wanted])?;
        if read == 0 {
            return Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                format!(
                    "the reader ended {} bytes before its stated length",
                    self.remaining
                ),
            ));
        }
        self.remaining -= read as u64;
        Ok(read)
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

fn fault(error: ureq::Error) -> Fault {
    let kind = match &error {
        ureq::Error::Timeout(_) => ErrorKind::Timeout,
        ureq::Error::HostNotFound
        | ureq::Error::ConnectionFailed
        | ureq::Error::ConnectProxyFailed(_) => ErrorKind::Connect,
        #[cfg(feature = "tls")]
        ureq::Error::Tls(_) | ureq::Error::Rustls(_) => ErrorKind::Tls,
        ureq::Error::Io(error) => match error.kind() {
            _ if is_timeout(error) => ErrorKind::Timeout,
            io::ErrorKind::ConnectionRefused
            | io::ErrorKind::HostUnreachable
            | io::ErrorKind::NetworkUnreachable => ErrorKind::Connect,
            _ if is_tls(error) => ErrorKind::Tls,
            // The system's resolver reports failures without a kind of its own.
            _ if error.to_string().contains("lookup") => ErrorKind::Connect,
            io::ErrorKind::InvalidInput => ErrorKind::InvalidInput,
            _ => ErrorKind::Transport,
        },
        ureq::Error::BadUri(_) | ureq::Error::Http(_) => ErrorKind::InvalidInput,
        _ => ErrorKind::Transport,
    };
    Fault::new(kind, error)
}

/// ureq wraps its timeout into an I/O error while a body is read.
fn is_timeout(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::TimedOut
        || error
            .get_ref()
            .and_then(|inner| inner.downcast_ref::<ureq::Error>())
            .is_some_and(|inner| matches!(inner, ureq::Error::Timeout(_)))
}

#[cfg(feature = "tls")]
fn is_tls(error: &io::Error) -> bool {
    error
        .get_ref()
        .is_some_and(|inner| inner.is::<rustls::Error>())
}

#[cfg(not(feature = "tls"))]
fn is_tls(_: &io::Error) -> bool {
    false
}

type Config = ureq::config::ConfigBuilder<ureq::typestate::AgentScope>;

/// rustls with ring and the operating system's trust, as in the async client.
#[cfg(feature = "tls")]
fn trust(config: Config) -> Config {
    use std::sync::Arc;

    let provider = Arc::new(rustls::crypto::ring::default_provider());
    config.tls_config(
        ureq::tls::TlsConfig::builder()
            .unversioned_rustls_crypto_provider(provider)
            .root_certs(ureq::tls::RootCerts::PlatformVerifier)
            .build(),
    )
}

#[cfg(not(feature = "tls"))]
fn trust(config: Config) -> Config {
    config
}
