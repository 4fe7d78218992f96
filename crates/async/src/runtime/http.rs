//! One HTTP exchange over reqwest.

use std::error::Error as StdError;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use graph_photo_model::{Error, ErrorKind};
use http::{HeaderMap, StatusCode};
use http_body::Body;
use reqwest::Url;

use super::once::once;
use super::trust::trust;
use crate::surface::body::Content;
use crate::surface::operations::Outgoing;
use crate::surface::settings::Settings;

/// The HTTP client that users can bring along.
pub(crate) type Backend = reqwest::Client;

/// A connection pool with the settings of one client.
#[derive(Clone)]
pub(crate) struct Http {
    client: reqwest::Client,
    /// Brought along: it may want to follow redirects.
    injected: bool,
    /// The base URL, parsed once: of each request only the path is left to parse.
    base: Url,
}

/// An answer whose head is here and whose body is still coming.
pub(crate) struct Incoming {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    body: Source,
}

enum Source {
    Response(reqwest::Response),
    /// After it was polled as a stream.
    Body(reqwest::Body),
}

impl Http {
    /// Takes the client that was brought along, or builds one; nothing is connected yet.
    pub(crate) fn new(settings: &Settings, injected: Option<Backend>) -> Result<Self, Error> {
        Ok(Self {
            base: Url::parse(&settings.base_url.to_string()).map_err(configuration)?,
            injected: injected.is_some(),
            client: match injected {
                Some(client) => client,
                None => Self::client(settings)?,
            },
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

    /// Sends one request and waits for the head of its answer.
    pub(crate) async fn send(&self, outgoing: Outgoing<'_>) -> Result<Incoming, Fault> {
        let url = url(&self.base, outgoing.path_and_query);
        let asked = self.injected.then(|| url.clone());
        let mut request = reqwest::Request::new(outgoing.method, url);
        *request.headers_mut() = outgoing.headers;
        *request.timeout_mut() = outgoing.timeout;
        *request.body_mut() = match outgoing.content {
            Some(Content::Upload(upload, length)) => {
                Some(reqwest::Body::wrap(upload.into_body(length)))
            }
            Some(Content::Bytes(bytes)) if self.injected => Some(once(Some(bytes))),
            None if self.injected => Some(once(None)),
            Some(Content::Bytes(bytes)) => Some(reqwest::Body::from(bytes)),
            None => None,
        };
        let mut response = self.client.execute(request).await.map_err(fault)?;
        // Where `once` did not keep it from that.
        if asked.is_some_and(|asked| asked != *response.url()) {
            let what = "the HTTP client that was brought along followed a redirect; build it with redirect::Policy::none()";
            return Err(Fault::new(ErrorKind::UnexpectedResponse, what));
        }
        let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
        Ok(Incoming {
            status,
            headers,
            body: Source::Response(response),
        })
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
        match &mut self.body {
            Source::Response(response) => response.chunk().await.map_err(body_fault),
            Source::Body(_) => std::future::poll_fn(|context| self.poll_chunk(context)).await,
        }
    }

    /// As [`chunk`](Self::chunk), for streams.
    pub(crate) fn poll_chunk(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Result<Option<Bytes>, Fault>> {
        loop {
            match &mut self.body {
                Source::Response(_) => {
                    let Source::Response(response) =
                        std::mem::replace(&mut self.body, Source::Body(reqwest::Body::from("")))
                    else {
                        continue;
                    };
                    self.body = Source::Body(response.into());
                }
                Source::Body(body) => match ready!(Pin::new(body).poll_frame(context)) {
                    None => return Poll::Ready(Ok(None)),
                    Some(Err(error)) => return Poll::Ready(Err(body_fault(error))),
                    Some(Ok(frame)) => {
                        if let Ok(data) = frame.into_data() {
                            return Poll::Ready(Ok(Some(data)));
                        }
                    }
                },
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
        let expected = usize::try_from(announced.unwrap_or(0)).unwrap_or(0);
        let mut buffer = Vec::with_capacity(expected.max(first.len() + second.len()));
        buffer.extend_from_slice(&first);
        let mut next = Some(second);
        while let Some(chunk) = next {
            if (buffer.len() + chunk.len()) as u64 > limit {
                return Ok(None);
            }
            buffer.extend_from_slice(&chunk);
            next = self.chunk().await?;
        }
        Ok(Some(buffer.into()))
    }
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
fn is_tls(_: &reqwest::Error) -> bool {
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
