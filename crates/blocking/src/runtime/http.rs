//! One HTTP exchange over ureq.

use std::error::Error as StdError;
use std::io::{self, Read};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use graph_photo_model::{BaseUrl, Error, ErrorKind};
use http::Response;
use ureq::AsSendBody;

use super::trust::trust;
use crate::surface::body::Content;
use crate::surface::operations::Outgoing;
use crate::surface::settings::Settings;

/// How much is read at a time.
const CHUNK: usize = 64 * 1024;
/// Room that a read left over serves the next one, unless it is less than this.
const LEAST: usize = 8 * 1024;

/// The HTTP client that users can bring along.
pub(crate) type Backend = ureq::Agent;

/// A connection pool with the settings of one client.
#[derive(Clone)]
pub(crate) struct Http {
    agent: ureq::Agent,
    /// Brought along: it may follow redirects.
    injected: bool,
    base: BaseUrl,
}

/// The body of an answer, while it comes.
pub(crate) struct Incoming {
    body: ureq::BodyReader<'static>,
    /// What is still to come, if the answer says so.
    remaining: Option<usize>,
    buffer: BytesMut,
}

impl Http {
    /// Takes the agent that was brought along, or builds one; nothing is connected yet.
    pub(crate) fn new(settings: &Settings, injected: Option<Backend>) -> Result<Self, Error> {
        Ok(Self {
            base: settings.base_url.clone(),
            injected: injected.is_some(),
            agent: match injected {
                Some(agent) => agent,
                None => Self::agent(settings)?,
            },
        })
    }

    fn agent(settings: &Settings) -> Result<ureq::Agent, Error> {
        let proxy = match &settings.proxy {
            None => None,
            // The cause can repeat the URL, and with it the password.
            Some(proxy) => Some(
                ureq::Proxy::new(proxy.url())
                    .map_err(|_| Error::configuration("the URL of the proxy cannot be used"))?,
            ),
        };
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
            // The settings have read the environment.
            .proxy(proxy)
            .accept_encoding("");
        Ok(trust(config, &settings.root_certificates)
            .build()
            .new_agent())
    }

    /// Sends one request and waits for the head of its answer.
    pub(crate) fn send(&self, outgoing: Outgoing<'_>) -> Result<Response<Incoming>, Fault> {
        let Outgoing {
            method,
            path_and_query,
            headers,
            content,
            timeout,
        } = outgoing;
        let mut request = http::Request::new(());
        *request.method_mut() = method;
        *request.uri_mut() = self
            .base
            .join(path_and_query)
            .try_into()
            .map_err(|error: http::uri::InvalidUri| Fault::new(ErrorKind::InvalidInput, error))?;
        *request.headers_mut() = headers;
        let response = match content {
            None => self.run(request, timeout),
            Some(Content::Bytes(bytes)) => self.run(request.map(|()| &bytes[..]), timeout),
            Some(Content::Upload(upload, length)) => {
                let mut reader = upload.into_reader(length);
                self.run(
                    request.map(|()| ureq::SendBody::from_reader(&mut reader)),
                    timeout,
                )
            }
        };
        Ok(response.map_err(fault)?.map(|body| Incoming {
            remaining: body
                .content_length()
                .and_then(|length| usize::try_from(length).ok()),
            body: body.into_reader(),
            buffer: BytesMut::new(),
        }))
    }

    fn run<B: AsSendBody>(
        &self,
        request: http::Request<B>,
        timeout: Option<Duration>,
    ) -> Result<http::Response<ureq::Body>, ureq::Error> {
        if timeout.is_none() && !self.injected {
            return self.agent.run(request);
        }
        let mut config = self.agent.configure_request(request);
        if timeout.is_some() {
            config = config.timeout_global(timeout);
        }
        if self.injected {
            config = config
                .http_status_as_error(false)
                .max_redirects(0)
                .max_redirects_will_error(false);
        }
        self.agent.run(config.build())
    }
}

impl Incoming {
    /// The next piece of the body, `None` at its end.
    pub(crate) fn chunk(&mut self) -> Result<Option<Bytes>, Fault> {
        // Room is zeroed before it is read into, so there is no more of it than bytes can come; one
        // byte of it finds the end.
        let most = self.remaining.map_or(CHUNK, |left| left.clamp(1, CHUNK));
        let mut buffer = std::mem::take(&mut self.buffer);
        if buffer.len() < most.min(LEAST) {
            buffer = BytesMut::zeroed(most);
        }
        let read = self.read(&mut buffer)?;
        let chunk = (read > 0).then(|| buffer.split_to(read).freeze());
        self.buffer = buffer;
        Ok(chunk)
    }

    /// The next bytes of the body into the caller's buffer; how many, 0 at the end.
    pub(crate) fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Fault> {
        loop {
            match self.body.read(buffer) {
                Ok(read) => {
                    self.remaining = self.remaining.map(|left| left.saturating_sub(read));
                    return Ok(read);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(body_fault(error)),
            }
        }
    }

    /// The rest of the body, `None` if it is more than `limit` bytes; `announced` is what it should
    /// be.
    pub(crate) fn read_all(
        &mut self,
        announced: Option<u64>,
        limit: u64,
    ) -> Result<Option<Bytes>, Fault> {
        let mut bytes = Vec::with_capacity(usize::try_from(announced.unwrap_or(0)).unwrap_or(0));
        (&mut self.body)
            .take(limit + 1)
            .read_to_end(&mut bytes)
            .map_err(body_fault)?;
        Ok(Some(bytes)
            .filter(|bytes| bytes.len() as u64 <= limit)
            .map(Bytes::from))
    }
}

fn body_fault(error: io::Error) -> Fault {
    let kind = if is_timeout(&error) {
        ErrorKind::Timeout
    } else {
        ErrorKind::Body
    };
    Fault::new(kind, error)
}

/// An agent for signing in: as careful as that for Graph, with the proxy of the environment.
#[cfg(feature = "oauth")]
pub(crate) fn sign_in_agent(root: &graph_photo_model::BaseUrl) -> Result<ureq::Agent, Error> {
    use graph_photo_model::proxy::Proxy;

    let proxy = Proxy::from_env(root, |name| std::env::var(name).ok())?;
    let proxy = match proxy {
        None => None,
        Some(proxy) => Some(
            ureq::Proxy::new(proxy.url())
                .map_err(|_| Error::configuration("the URL of the proxy cannot be used"))?,
        ),
    };
    let config = ureq::Agent::config_builder()
        .user_agent(crate::USER_AGENT)
        .timeout_global(Some(Duration::from_secs(60)))
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .proxy(proxy)
        .accept_encoding("");
    Ok(trust(config, &[]).build().new_agent())
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
