//! One HTTP exchange over reqwest, or over hyper alone where that was asked for (`origin`).

use std::error::Error as StdError;
use std::pin::Pin;
#[cfg(feature = "hyper")]
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use graph_photo_model::{Error, ErrorKind};
use http::Response;
use http_body::Body;
use reqwest::Url;

use super::once::once;
#[cfg(feature = "hyper")]
use super::origin::{Download, Origin};
use super::trust::trust;
use crate::surface::body::Content;
use crate::surface::operations::Outgoing;
use crate::surface::settings::Settings;

/// What users can have requests sent through instead of a reqwest client of ours.
#[derive(Clone)]
pub(crate) enum Backend {
    /// A client that was brought along.
    Reqwest(reqwest::Client),
    /// hyper alone.
    #[cfg(feature = "hyper")]
    Hyper,
}

/// A connection pool with the settings of one client.
#[derive(Clone)]
pub(crate) struct Http(Transport);

#[derive(Clone)]
enum Transport {
    Reqwest(Reqwest),
    #[cfg(feature = "hyper")]
    Hyper(Arc<Origin>),
}

#[derive(Clone)]
struct Reqwest {
    client: reqwest::Client,
    /// Brought along: it may want to follow redirects.
    injected: bool,
    /// The base URL, parsed once: of each request only the path is left to parse.
    base: Url,
}

/// The body of an answer, while it comes.
pub(crate) enum Incoming {
    Response(reqwest::Response),
    /// After it was polled as a stream.
    Body(reqwest::Body),
    #[cfg(feature = "hyper")]
    Hyper(Download),
}

impl Http {
    /// Takes the client that was brought along, or builds one; nothing is connected yet.
    pub(crate) fn new(settings: &Settings, backend: Option<Backend>) -> Result<Self, Error> {
        Ok(Self(match backend {
            Some(Backend::Reqwest(client)) => {
                Transport::Reqwest(Reqwest::new(settings, client, true)?)
            }
            #[cfg(feature = "hyper")]
            Some(Backend::Hyper) if settings.proxy.is_none() => {
                Transport::Hyper(Arc::new(Origin::new(settings)?))
            }
            _ => Transport::Reqwest(Reqwest::new(settings, Reqwest::client(settings)?, false)?),
        }))
    }

    /// Sends one request and waits for the head of its answer.
    ///
    /// What is made of the request is made now, not in the future, which is smaller for it: it is
    /// moved at each layer between here and whoever waits.
    pub(crate) fn send<'h>(
        &'h self,
        outgoing: Outgoing<'_>,
    ) -> impl Future<Output = Result<Response<Incoming>, Fault>> + Send + use<'h> {
        let sending = match &self.0 {
            Transport::Reqwest(reqwest) => {
                let (request, asked) = reqwest.request(outgoing);
                Sending::Reqwest(reqwest.client.execute(request), asked)
            }
            #[cfg(feature = "hyper")]
            Transport::Hyper(origin) => Sending::Hyper(Box::pin(origin.send(outgoing))),
        };
        async move {
            match sending {
                Sending::Reqwest(sent, asked) => answered(sent.await.map_err(fault)?, asked),
                #[cfg(feature = "hyper")]
                Sending::Hyper(sent) => Ok(sent.await?.map(Incoming::Hyper)),
            }
        }
    }
}

/// A request on its way.
enum Sending<R, #[cfg(feature = "hyper")] H> {
    /// And its URL, if the answer may come from another.
    Reqwest(R, Option<Box<Url>>),
    #[cfg(feature = "hyper")]
    Hyper(H),
}

/// The answer of reqwest, unless it comes from where nobody was asked.
fn answered(
    mut response: reqwest::Response,
    asked: Option<Box<Url>>,
) -> Result<Response<Incoming>, Fault> {
    // Where `once` did not keep it from that.
    if asked.is_some_and(|asked| *asked != *response.url()) {
        let what = "the HTTP client that was brought along followed a redirect; build it with redirect::Policy::none()";
        return Err(Fault::new(ErrorKind::UnexpectedResponse, what));
    }
    let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
    let mut answer = Response::new(Incoming::Response(response));
    *answer.status_mut() = status;
    *answer.headers_mut() = headers;
    Ok(answer)
}

impl Reqwest {
    fn new(settings: &Settings, client: reqwest::Client, injected: bool) -> Result<Self, Error> {
        Ok(Self {
            client,
            injected,
            base: Url::parse(&settings.base_url.to_string()).map_err(configuration)?,
        })
    }

    fn client(settings: &Settings) -> Result<reqwest::Client, Error> {
        let mut builder = reqwest::Client::builder()
            .user_agent(settings.user_agent.clone())
            .connect_timeout(settings.connect_timeout)
            .timeout(settings.timeout)
            // A redirect would carry the request to a place nobody asked for; the surface
            // reports it instead.
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            // The settings have read the environment.
            .no_proxy()
            .http1_only();
        if let Some(proxy) = &settings.proxy {
            let proxy = reqwest::Proxy::all(proxy.url())
                // The cause can repeat the URL, and with it the password.
                .map_err(|_| Error::configuration("the URL of the proxy cannot be used"))?;
            builder = builder.proxy(proxy);
        }
        trust(builder, settings)?.build().map_err(configuration)
    }

    /// The request as reqwest takes it; and its URL, if the answer may have come from another.
    fn request(&self, outgoing: Outgoing<'_>) -> (reqwest::Request, Option<Box<Url>>) {
        let url = url(&self.base, outgoing.path_and_query);
        let asked = self.injected.then(|| Box::new(url.clone()));
        let mut request = reqwest::Request::new(outgoing.method, url);
        *request.headers_mut() = outgoing.headers;
        *request.timeout_mut() = outgoing.timeout;
        *request.body_mut() = match outgoing.content {
            Some(Content::Bytes(bytes)) if self.injected => Some(once(Some(bytes))),
            None if self.injected => Some(once(None)),
            content => content.map(body),
        };
        (request, asked)
    }
}

/// What is sent, for reqwest and for hyper.
pub(super) fn body(content: Content) -> reqwest::Body {
    match content {
        Content::Bytes(bytes) => reqwest::Body::from(bytes),
        Content::Upload(upload, length) => reqwest::Body::wrap(upload.into_body(length)),
    }
}

/// What parsing the base URL with path and query behind it would give, for less than half of it.
fn url(base: &Url, path_and_query: &str) -> Url {
    let (path, query) = match path_and_query.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (path_and_query, None),
    };
    let mut url = base.clone();
    url.set_path(&[base.path().trim_end_matches('/'), path].concat());
    url.set_query(query);
    url
}

impl Incoming {
    /// The next piece of the body, `None` at its end.
    pub(crate) async fn chunk(&mut self) -> Result<Option<Bytes>, Fault> {
        match self {
            Self::Response(response) => response.chunk().await.map_err(body_fault),
            _ => std::future::poll_fn(|context| self.poll_chunk(context)).await,
        }
    }

    /// As [`chunk`](Self::chunk), for streams.
    pub(crate) fn poll_chunk(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Result<Option<Bytes>, Fault>> {
        loop {
            match self {
                Self::Response(_) => {
                    let empty = Self::Body(reqwest::Body::from(""));
                    if let Self::Response(response) = std::mem::replace(self, empty) {
                        *self = Self::Body(response.into());
                    }
                }
                Self::Body(body) => match ready!(Pin::new(body).poll_frame(context)) {
                    None => return Poll::Ready(Ok(None)),
                    Some(Err(error)) => return Poll::Ready(Err(body_fault(error))),
                    Some(Ok(frame)) => {
                        if let Ok(data) = frame.into_data() {
                            return Poll::Ready(Ok(Some(data)));
                        }
                    }
                },
                #[cfg(feature = "hyper")]
                Self::Hyper(download) => return download.poll_chunk(context),
            }
        }
    }

    /// The rest of the body, `None` if it is more than `limit` bytes; `announced` is what it should
    /// be.
    pub(crate) async fn read_all(
        &mut self,
        announced: Option<u64>,
        limit: u64,
    ) -> Result<Option<Bytes>, Fault> {
        let Some(first) = self.chunk().await? else {
            return Ok(Some(Bytes::new()));
        };
        // One chunk is the whole of most metadata answers; no copy then.
        let Some(second) = self.chunk().await? else {
            return Ok(Some(first).filter(|first| first.len() as u64 <= limit));
        };
        let mut buffer = joined(first, second, announced);
        while buffer.len() as u64 <= limit {
            match self.chunk().await? {
                Some(chunk) => buffer.extend_from_slice(&chunk),
                None => return Ok(Some(buffer.into())),
            }
        }
        Ok(None)
    }
}

/// Two pieces in a buffer with room for all that was announced.
fn joined(first: Bytes, second: Bytes, announced: Option<u64>) -> Vec<u8> {
    let expected = usize::try_from(announced.unwrap_or(0)).unwrap_or(0);
    let mut buffer = Vec::with_capacity(expected.max(first.len() + second.len()));
    buffer.extend_from_slice(&first);
    buffer.extend_from_slice(&second);
    buffer
}

fn body_fault(error: reqwest::Error) -> Fault {
    let kind = if error.is_timeout() {
        ErrorKind::Timeout
    } else {
        ErrorKind::Body
    };
    Fault::new(kind, error.without_url())
}

/// Why an exchange failed below HTTP.
pub(crate) struct Fault {
    pub(crate) kind: ErrorKind,
    pub(crate) source: Box<dyn StdError + Send + Sync>,
}

impl Fault {
    pub(super) fn new(kind: ErrorKind, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
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

/// Whether an error or one of its sources is rustls'.
#[cfg(feature = "tls")]
pub(super) fn is_tls(error: &(dyn StdError + 'static)) -> bool {
    let mut source = Some(error);
    while let Some(error) = source {
        let held = error
            .downcast_ref::<std::io::Error>()
            .is_some_and(holds_tls);
        if error.is::<rustls::Error>() || held {
            return true;
        }
        source = error.source();
    }
    false
}

/// rustls' error travels inside an I/O error, a failed handshake's inside two; their `source()`
/// skips what they hold.
#[cfg(feature = "tls")]
fn holds_tls(error: &std::io::Error) -> bool {
    error.get_ref().is_some_and(|inner| {
        inner.is::<rustls::Error>()
            || inner
                .downcast_ref::<std::io::Error>()
                .is_some_and(holds_tls)
    })
}

#[cfg(not(feature = "tls"))]
pub(super) fn is_tls(_: &(dyn StdError + 'static)) -> bool {
    false
}

pub(super) fn configuration(error: impl StdError + Send + Sync + 'static) -> Error {
    Error::configuration("the HTTP client could not be set up").with_source(error)
}

#[cfg(test)]
mod tests {
    use graph_photo_model::BaseUrl;
    use graph_photo_model::wire::encode_path;

    use super::{Url, url};

    #[test]
    fn a_url_is_what_parsing_the_whole_would_give() {
        for base in [
            "https://graph.microsoft.com/v1.0",
            "http://127.0.0.1:8787",
            "http://[::1]/a/b",
        ] {
            let base = BaseUrl::parse(base).unwrap();
            let parsed = Url::parse(&base.to_string()).unwrap();
            for id in [
                "adele@contoso.com",
                "a b",
                "ü",
                "%2F",
                "a/b?c#d",
                "..a",
                "$x",
                "'",
                "\\",
                "%2e%2e",
            ] {
                let id = encode_path("id", id).unwrap();
                for tail in ["", "?$select=id,height", "?a=%20&b='"] {
                    let path = format!("/users/{id}/photo/$value{tail}");
                    assert_eq!(url(&parsed, &path), Url::parse(&base.join(&path)).unwrap());
                }
            }
        }
    }
}
