//! One HTTP exchange over hyper itself, without reqwest's layers between.
//!
//! reqwest stands on hyper and does more than these calls need: it is ready to follow redirects, to
//! decode and to repeat, and parses every URL once more for it. Next to a call to Graph that is
//! little; of what a small call costs the processor it is a quarter when many are in flight, which a
//! service that hands on thousands of requests a second feels.
//!
//! All calls of a client go to one origin, so its pool is a stack of idle connections (`pool`).
//! Proxies are left to reqwest.

use std::error::Error as StdError;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use graph_photo_model::{Error, ErrorKind};
use http::header::{ACCEPT, HOST, USER_AGENT};
use http::uri::{PathAndQuery, Uri};
use http::{HeaderMap, HeaderValue, Request, Response};
use http_body::Body as _;
use hyper::client::conn::http1;
use hyper_util::client::legacy::connect::HttpConnector;
use tokio::time::{Sleep, sleep, timeout};
use tower_service::Service as _;

use super::http::{Fault, body, configuration, is_tls};
use super::pool::{Pool, Sender};
use super::trust::Connector;
use crate::surface::operations::Outgoing;
use crate::surface::settings::Settings;

/// The one origin that a client talks to, and the connections to it.
pub(super) struct Origin {
    connector: Connector,
    /// Scheme and authority.
    uri: Uri,
    /// What the base URL has in front of every path.
    prefix: String,
    host: HeaderValue,
    user_agent: HeaderValue,
    connect_timeout: Duration,
    timeout: Duration,
    pool: Arc<Pool>,
}

/// An answer's body and the connection that it comes over, which goes back when the body has ended.
pub(crate) struct Download {
    body: hyper::body::Incoming,
    sender: Option<Sender>,
    pool: Arc<Pool>,
    /// When the attempt has taken too long.
    clock: Pin<Box<Sleep>>,
}

impl Origin {
    /// Nothing is connected yet.
    pub(super) fn new(settings: &Settings) -> Result<Self, Error> {
        let base = settings.base_url.to_string();
        let base: Uri = base.parse().map_err(configuration)?;
        let authority = base
            .authority()
            .map(ToString::to_string)
            .unwrap_or_default();
        let mut http = HttpConnector::new();
        http.set_nodelay(true);
        http.set_connect_timeout(Some(settings.connect_timeout));
        Ok(Self {
            connector: super::trust::connector(http, settings, &base)?,
            prefix: base.path().trim_end_matches('/').to_owned(),
            host: HeaderValue::from_str(&authority).map_err(configuration)?,
            user_agent: HeaderValue::from_str(&settings.user_agent).map_err(configuration)?,
            uri: base,
            connect_timeout: settings.connect_timeout,
            timeout: settings.timeout,
            pool: Arc::default(),
        })
    }

    /// Sends one request and waits for the head of its answer.
    pub(super) fn send(
        self: &Arc<Self>,
        outgoing: Outgoing<'_>,
    ) -> impl Future<Output = Result<Response<Download>, Fault>> + Send + use<> {
        let origin = Arc::clone(self);
        let most = outgoing.timeout.unwrap_or(self.timeout);
        let mut request = self.request(outgoing);
        async move {
            // By reference from here on: each copy of it would make this future larger.
            let request = match request {
                Ok(ref mut request) => request,
                Err(fault) => return Err(fault),
            };
            let mut clock = Box::pin(sleep(most));
            let mut exchange = pin!(origin.exchange(request));
            let (response, sender) = poll_fn(|context| match exchange.as_mut().poll(context) {
                Poll::Pending => clock.as_mut().poll(context).map(|()| Err(too_late())),
                done => done,
            })
            .await?;
            Ok(response.map(|body| Download {
                body,
                sender: Some(sender),
                pool: Arc::clone(&origin.pool),
                clock,
            }))
        }
    }

    fn request(&self, outgoing: Outgoing<'_>) -> Result<Request<reqwest::Body>, Fault> {
        let mut path = String::with_capacity(self.prefix.len() + outgoing.path_and_query.len());
        path.push_str(&self.prefix);
        path.push_str(outgoing.path_and_query);
        let path = PathAndQuery::from_maybe_shared(Bytes::from(path))
            .map_err(|error| Fault::new(ErrorKind::Transport, error))?;
        let content = outgoing.content.map(body).unwrap_or_default();
        let mut request = Request::new(content);
        *request.method_mut() = outgoing.method;
        *request.uri_mut() = path.into();
        *request.headers_mut() = outgoing.headers;
        let headers = request.headers_mut();
        default(headers, ACCEPT, || HeaderValue::from_static("*/*"));
        default(headers, USER_AGENT, || self.user_agent.clone());
        default(headers, HOST, || self.host.clone());
        Ok(request)
    }

    /// Sends a request over a connection that was idle, or over a new one.
    async fn exchange(
        &self,
        request: &mut Request<reqwest::Body>,
    ) -> Result<(Response<hyper::body::Incoming>, Sender), Fault> {
        loop {
            let (mut sender, used) = match self.pool.take() {
                Some(sender) => (sender, true),
                // Rare, and large: in a box the future of every other request is smaller.
                None => (Box::pin(self.connect()).await?, false),
            };
            match sender.try_send_request(std::mem::take(request)).await {
                Ok(response) => return Ok((response, sender)),
                Err(mut refused) => match refused.take_message() {
                    // The server closed the connection before anything was sent.
                    Some(unsent) if used => *request = unsent,
                    _ => return Err(Fault::new(ErrorKind::Transport, refused.into_error())),
                },
            }
        }
    }

    async fn connect(&self) -> Result<Sender, Fault> {
        let connecting = async {
            let mut connector = self.connector.clone();
            poll_fn(|context| connector.poll_ready(context)).await?;
            connector.call(self.uri.clone()).await
        };
        let stream = match timeout(self.connect_timeout, connecting).await {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => return Err(connect_fault(error)),
            Err(late) => return Err(Fault::new(ErrorKind::Timeout, late)),
        };
        let (sender, connection) = http1::handshake(stream)
            .await
            .map_err(|error| Fault::new(ErrorKind::Connect, error))?;
        self.pool.keep_swept();
        // It ends with the last of its requests or with the server; both say so themselves.
        tokio::spawn(async move {
            let _ = connection.await;
        });
        Ok(sender)
    }
}

impl Download {
    /// The next piece of the body, `None` at its end.
    pub(super) fn poll_chunk(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Result<Option<Bytes>, Fault>> {
        loop {
            let frame = match Pin::new(&mut self.body).poll_frame(context) {
                Poll::Ready(frame) => frame,
                Poll::Pending => {
                    ready!(self.clock.as_mut().poll(context));
                    return Poll::Ready(Err(too_late()));
                }
            };
            match frame {
                None => return Poll::Ready(Ok(None)),
                Some(Err(error)) => {
                    self.sender = None;
                    return Poll::Ready(Err(Fault::new(ErrorKind::Body, error)));
                }
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        return Poll::Ready(Ok(Some(data)));
                    }
                }
            }
        }
    }
}

/// A connection whose answer was read to its end is good for another request; any other is closed.
impl Drop for Download {
    fn drop(&mut self) {
        let Some(mut sender) = self.sender.take().filter(|_| self.body.is_end_stream()) else {
            return;
        };
        if sender.is_ready() {
            self.pool.put(sender);
        } else if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            // Its own task has yet to see that the answer is over.
            let pool = Arc::clone(&self.pool);
            runtime.spawn(async move {
                if sender.ready().await.is_ok() {
                    pool.put(sender);
                }
            });
        }
    }
}

fn default(headers: &mut HeaderMap, name: http::HeaderName, value: impl FnOnce() -> HeaderValue) {
    headers.entry(name).or_insert_with(value);
}

fn too_late() -> Fault {
    Fault::new(ErrorKind::Timeout, "the attempt took too long")
}

fn connect_fault(error: impl Into<Box<dyn StdError + Send + Sync>>) -> Fault {
    let error = error.into();
    let kind = if timed_out(error.as_ref()) {
        ErrorKind::Timeout
    } else if is_tls(error.as_ref()) {
        ErrorKind::Tls
    } else {
        ErrorKind::Connect
    };
    Fault::new(kind, error)
}

/// Whether the connector gave up waiting for an address to answer.
fn timed_out(error: &(dyn StdError + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        let io = error.downcast_ref::<std::io::Error>();
        if io.is_some_and(|error| error.kind() == std::io::ErrorKind::TimedOut) {
            return true;
        }
        next = error.source();
    }
    false
}
