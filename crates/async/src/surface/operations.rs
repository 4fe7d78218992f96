//! Graph as Microsoft describes it, and the one place that sends.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use graph_photo_model::batch::BATCH;
use graph_photo_model::retry::{self, Attempt, Decision, Outcome, Policy};
use graph_photo_model::wire::{Request, RequestBuilder};
use graph_photo_model::{
    BaseUrl, BearerToken, Error, ErrorKind, Exchange, ExchangeOutcome, Operation, Response,
};
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_LENGTH, LOCATION, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, Method, StatusCode};

use super::answer::{Answer, MAX_JSON};
use super::auth::{Auth, without_token};
use super::body::{Body, Content};
use super::byte_stream::ByteStream;
use super::settings::Settings;
use crate::runtime::{Http, in_span, sleep};

/// How much of an error's body is kept, in bytes.
const MAX_ERROR_BODY: usize = 64 * 1024;

/// The answer to a batch holds 20 photos of 4 MiB at most, as base64 in JSON.
const MAX_BATCH: u64 = 128 * 1024 * 1024;

/// Every operation of the API, one method each, as Microsoft describes it.
///
/// From [`Client::operations`](super::Client::operations). These methods return what the service
/// answers; a missing photo is an error here. [`Client::user`](super::Client::user) and its
/// siblings are the surface to prefer.
///
/// ```
/// # async fn example(client: graph_photo::Client) -> Result<(), graph_photo::Error> {
/// let photo = client.operations().user_get_photo("adele@contoso.com", None).await?;
/// println!("{:?}: {:?} pixels wide", photo.request_id(), photo.width);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Operations {
    shared: Arc<Shared>,
    deadline: Option<Instant>,
    /// Whether photos are read into memory as part of the attempt, so that an answer that breaks
    /// off is asked for again.
    buffered: bool,
    /// Whether heads of answers are returned without the token, if the service repeats it there.
    masked: bool,
    /// Who calls, if that is somebody else than the settings say.
    caller: Option<Auth>,
}

struct Shared {
    http: Http,
    settings: Settings,
    #[cfg(feature = "cache")]
    cache: Option<super::cache::PhotoCache>,
}

/// A request as it goes out.
pub(crate) struct Outgoing<'r> {
    pub(crate) method: Method,
    /// Below the base URL.
    pub(crate) path_and_query: &'r str,
    pub(crate) headers: HeaderMap,
    pub(crate) content: Option<Content>,
    /// How long this attempt may take, if that is not the client's own timeout.
    pub(crate) timeout: Option<Duration>,
}

impl Operations {
    pub(crate) fn new(
        http: Http,
        settings: Settings,
        #[cfg(feature = "cache")] cache: Option<super::cache::PhotoCache>,
    ) -> Self {
        let shared = Shared {
            http,
            settings,
            #[cfg(feature = "cache")]
            cache,
        };
        Self {
            shared: Arc::new(shared),
            deadline: None,
            buffered: false,
            masked: false,
            caller: None,
        }
    }

    #[cfg(feature = "cache")]
    pub(crate) fn cache(&self) -> Option<&super::cache::PhotoCache> {
        self.shared.cache.as_ref()
    }

    /// The cache, if what is in it is for this caller: what one may see says nothing about another.
    #[cfg(feature = "cache")]
    pub(crate) fn own_cache(&self) -> Option<&super::cache::PhotoCache> {
        self.cache().filter(|_| self.caller.is_none())
    }

    pub(crate) fn base_url(&self) -> &BaseUrl {
        &self.shared.settings.base_url
    }

    pub(crate) fn policy(&self) -> Policy {
        let policy = self.shared.settings.retry;
        match self.remaining() {
            Some(remaining) => policy.with_max_elapsed(policy.max_elapsed.min(remaining)),
            None => policy,
        }
    }

    pub(crate) fn with_deadline(&self, deadline: Instant) -> Self {
        Self {
            deadline: Some(deadline),
            ..self.clone()
        }
    }

    pub(crate) fn with_bearer_token(&self, token: BearerToken) -> Self {
        Self {
            caller: Some(Auth::Static(token)),
            ..self.clone()
        }
    }

    /// The same operations, reading photos into memory.
    pub(crate) fn buffered(&self) -> Self {
        Self {
            buffered: true,
            ..self.clone()
        }
    }

    /// The same operations for who makes errors of the heads of their answers: no error may repeat
    /// the token.
    pub(crate) fn masked(&self) -> Self {
        Self {
            masked: true,
            ..self.clone()
        }
    }

    fn remaining(&self) -> Option<Duration> {
        self.deadline
            .map(|deadline| deadline.saturating_duration_since(Instant::now()))
    }

    /// Sends a GET for JSON that is not among the generated operations.
    pub(crate) async fn get_json<T: serde::de::DeserializeOwned>(
        &self,
        operation: &'static Operation,
        path_and_query: String,
    ) -> Result<Response<T>, Error> {
        let request = RequestBuilder::new(Method::GET, path_and_query)
            .operation(operation)
            .accept("application/json")
            .build()?;
        self.exec(request).await?.json().await
    }

    /// Sends a batch of reads; its answer is in memory.
    pub(crate) async fn post_batch(&self, json: Vec<u8>) -> Result<Response<ByteStream>, Error> {
        let request = RequestBuilder::new(Method::POST, BATCH.path.to_owned())
            .operation(&BATCH)
            .accept("application/json")
            .body("application/json", Body::of_json(json))
            .build()?;
        Ok(self.exec(request).await?.stream())
    }

    /// Sends a request, again if that may help, and returns its successful answer. For what is no
    /// method of this type: any other call of Graph, with this client's token, retries and limits.
    ///
    /// ```
    /// # async fn example(client: graph_photo::Client) -> Result<(), graph_photo::Error> {
    /// use graph_photo_model::Operation;
    /// use graph_photo_model::wire::RequestBuilder;
    ///
    /// static PRESENCE: Operation = Operation::new("me_get_presence", "GET", "/me/presence");
    /// let request = RequestBuilder::new(http::Method::GET, "/me/presence".to_owned())
    ///     .operation(&PRESENCE)
    ///     .accept("application/json")
    ///     .build()?;
    /// let answer = client.operations().exec(request).await?;
    /// let presence = answer.json::<serde_json::Value>().await?.into_inner();
    /// # let _ = presence;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As every operation: any answer but a success, and whatever keeps one from arriving.
    pub async fn exec(&self, request: Request<Body>) -> Result<Answer, Error> {
        let span = tracing::debug_span!("graph_photo", operation = request.operation.name);
        let answer = in_span!(span, self.attempts(request))?;
        Ok(*answer)
    }

    /// The answer is in a box on its way up from here: each of those who hand it on would copy it.
    async fn attempts(&self, mut request: Request<Body>) -> Result<Box<Answer>, Error> {
        let operation = request.operation;
        let settings = &self.shared.settings;
        let is_batch = std::ptr::eq(operation, &BATCH);
        if let Some(body) = request.body.as_ref().filter(|_| !is_batch) {
            body.check_length()
                .map_err(|error| error.with_operation(operation))?;
        }
        let policy = self.policy();
        let idempotent = is_batch || retry::is_idempotent(&request.method);
        let limit = self.read_at_once(&request);
        let auth = self.caller.as_ref().unwrap_or(&settings.auth);
        let started = Instant::now();
        let mut number = 1;
        let mut rejected: Option<BearerToken> = None;
        loop {
            let token = auth
                .token(rejected.as_ref())
                .await
                .map_err(|error| error.with_operation(operation))?;
            let body = match &request.body {
                None => None,
                Some(body) => match body.replay() {
                    Some(copy) => Some(copy),
                    None => request.body.take(),
                },
            };
            let replayable = body.is_none() || request.body.is_some();
            let outgoing = self.outgoing(&request, body, token.as_ref())?;
            let begun = settings.observer.as_ref().map(|_| Instant::now());
            let span = tracing::debug_span!("attempt", number);
            let sent_with = token.clone();
            let error = match in_span!(span, self.attempt(operation, outgoing, limit, sent_with)) {
                Ok(mut answer) => {
                    if let Some(token) = token.as_ref().filter(|_| self.masked) {
                        token.mask_in(&mut answer.headers);
                    }
                    let head = ExchangeOutcome::Answered {
                        status: answer.status,
                        headers: &self.observed(&answer.headers, token.as_ref()),
                    };
                    self.report(&request, number, begun, head, None);
                    return Ok(answer);
                }
                Err(error) => error,
            };
            // A token can be withdrawn before it expires: one other is tried.
            let renew = error.status() == Some(StatusCode::UNAUTHORIZED)
                && rejected.is_none()
                && replayable
                && auth.can_renew();
            // A success that is an error after all broke off, or was no answer to this.
            let answered = error.status().filter(|status| !status.is_success());
            let outcome = match answered {
                Some(status) => Outcome::Status(status),
                None => Outcome::Failed(error.kind()),
            };
            let decision = retry::decide(
                &policy,
                &Attempt {
                    outcome,
                    retry_after: error.headers().get(RETRY_AFTER),
                    idempotent,
                    replayable,
                    number,
                    elapsed: started.elapsed(),
                    now: SystemTime::now(),
                    random: fastrand::f64(),
                },
            );
            let wait = match decision {
                _ if renew => Some(Duration::ZERO),
                Decision::Wait(wait) => Some(wait),
                Decision::Stop(_) => None,
            };
            let error = without_token(error, token.as_ref());
            let (kind, headers) = (error.kind(), error.headers());
            let head = match (answered, error.status()) {
                (Some(status), _) => ExchangeOutcome::Answered { status, headers },
                (None, Some(status)) => ExchangeOutcome::BrokenOff {
                    status,
                    headers,
                    kind,
                },
                (None, None) => ExchangeOutcome::Failed(kind),
            };
            self.report(&request, number, begun, head, wait);
            let Some(wait) = wait else {
                return Err(error);
            };
            if renew {
                rejected = token;
                continue;
            }
            sleep(wait).await;
            number += 1;
        }
    }

    /// One attempt, up to the head of its answer or, where there is a limit, to its end.
    async fn attempt(
        &self,
        operation: &'static Operation,
        outgoing: Outgoing<'_>,
        limit: Option<u64>,
        token: Option<BearerToken>,
    ) -> Result<Box<Answer>, Error> {
        let response = match self.shared.http.send(outgoing).await {
            Ok(response) => response,
            Err(fault) => {
                tracing::debug!(kind = ?fault.kind, "no answer");
                return Err(Error::transport(fault.kind, Some(operation), fault.source));
            }
        };
        let (head, incoming) = response.into_parts();
        tracing::debug!(status = head.status.as_u16(), "answered");
        let answer = Answer::new(head.status, head.headers, incoming, operation, token);
        let mut answer = Box::new(answer);
        if answer.status.is_success() {
            if let Some(limit) = limit {
                answer.read(limit).await?;
            }
            return Ok(answer);
        }
        let body = answer.start(MAX_ERROR_BODY).await;
        let (status, headers) = (answer.status, std::mem::take(&mut answer.headers));
        let redirect = status.is_redirection().then(|| redirect(&headers));
        let error =
            Error::from_response(Some(operation), status, headers, &body, SystemTime::now());
        Err(match redirect {
            Some(redirect) => error.with_source(redirect),
            None => error,
        })
    }

    /// How much of the answer is read as part of the attempt; `None` if it is streamed.
    fn read_at_once(&self, request: &Request<Body>) -> Option<u64> {
        if std::ptr::eq(request.operation, &BATCH) {
            return Some(MAX_BATCH);
        }
        // What an upload answers is not worth a second upload.
        if request.method != Method::GET {
            return None;
        }
        let json = request
            .headers
            .get(&ACCEPT)
            .is_some_and(|accept| accept == "application/json");
        match (json, self.buffered) {
            (true, _) => Some(MAX_JSON),
            (false, true) => Some(ByteStream::MAX_BUFFERED),
            (false, false) => None,
        }
    }

    /// The request as it goes out, with what every request carries.
    fn outgoing<'r>(
        &self,
        request: &'r Request<Body>,
        body: Option<Body>,
        token: Option<&BearerToken>,
    ) -> Result<Outgoing<'r>, Error> {
        let settings = &self.shared.settings;
        let timeout = self
            .remaining()
            .map(|remaining| remaining.min(settings.timeout));
        if timeout == Some(Duration::ZERO) {
            let error = Error::transport(
                ErrorKind::Timeout,
                Some(request.operation),
                "the deadline has passed",
            );
            return Err(error);
        }
        // What nearly every request has, those of the transport included; a map for seven is twice
        // as large.
        let mut headers = HeaderMap::with_capacity(6);
        for (name, value) in &request.headers {
            headers.append(name.clone(), value.clone());
        }
        if let Some(token) = token {
            headers.insert(AUTHORIZATION, token.header_value());
        }
        // A method that may have a body says so when it has none, or services ask for the length.
        let may_have_body = matches!(request.method, Method::POST | Method::PUT | Method::PATCH);
        if let Some(length) = body.as_ref().map(Body::len).or(may_have_body.then_some(0)) {
            headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
        }
        Ok(Outgoing {
            method: request.method.clone(),
            path_and_query: &request.path_and_query,
            headers,
            content: body.map(Body::into_content),
            timeout,
        })
    }

    /// The headers of a success as the observer gets them, if there is one: a service can repeat
    /// the token.
    fn observed<'h>(
        &self,
        headers: &'h HeaderMap,
        token: Option<&BearerToken>,
    ) -> Cow<'h, HeaderMap> {
        let mut headers = Cow::Borrowed(headers);
        let observer = self.shared.settings.observer.as_ref();
        if let Some((_, token)) = observer.zip(token).filter(|_| !self.masked) {
            token.mask_in(headers.to_mut());
        }
        headers
    }

    fn report(
        &self,
        request: &Request<Body>,
        number: u32,
        begun: Option<Instant>,
        outcome: ExchangeOutcome<'_>,
        retry_in: Option<Duration>,
    ) {
        if let Some((observer, begun)) = self.shared.settings.observer.as_ref().zip(begun) {
            observer(&Exchange::new(
                request.operation,
                &request.path_and_query,
                &request.headers,
                number,
                begun.elapsed(),
                outcome,
                retry_in,
            ));
        }
    }
}

/// Where a redirect would have led; the host only, paths name people.
fn redirect(headers: &HeaderMap) -> String {
    let host = headers
        .get(LOCATION)
        .and_then(|location| location.to_str().ok())
        .and_then(|location| location.parse::<http::Uri>().ok())
        .and_then(|location| location.host().map(str::to_owned));
    let to = host.unwrap_or_else(|| "another path".to_owned());
    format!(
        "the server redirects to {to}; redirects are not followed, the token would travel along"
    )
}

impl std::fmt::Debug for Operations {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Operations")
            .field("settings", &self.shared.settings)
            .finish_non_exhaustive()
    }
}
