//! HTTP in, HTTP out: reads a request, has it answered, and writes the headers
//! that Graph writes. Faults and limits act here, around [`crate::graph`].

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime};

use bytes::{Bytes, BytesMut};
use http::header::{self, HeaderName, HeaderValue};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::BodyExt;
use hyper::body::{Body as _, Incoming};
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use crate::answer_body::AnswerBody;
use crate::batch::{self, Item};
use crate::errors::{Ids, Refusal};
use crate::faults::{FaultKind, Faults, Strike};
use crate::graph::{Answer, Call, Content, Graph, understand};
use crate::log::{Entry, RequestLog};
use crate::metadata;
use crate::operation::{self, Action};
use crate::page;
use crate::permissions;
use crate::photo::MAX_UPLOAD_BYTES;
use crate::route::{OwnerPath, Resource, Route, UserKey, Version};
use crate::throttle::{Admission, Throttler};
use crate::token::{AccountKind, Caller, Tokens, authenticate};

/// What one emulator is made of, shared by all its connections.
#[derive(Debug)]
pub(crate) struct Service {
    pub(crate) graph: Graph,
    pub(crate) log: RequestLog,
    pub(crate) faults: Faults,
    pub(crate) throttler: Option<Arc<Throttler>>,
    pub(crate) tokens: Option<Tokens>,
    /// The token that the page at `/` calls with; nobody else knows it.
    pub(crate) page_token: String,
    /// `127.0.0.1:8787`, for links when a client sends no Host header.
    pub(crate) authority: String,
    /// How long a client may take over a body.
    pub(crate) body_timeout: Duration,
    /// Bodies held in memory at once, so that their number bounds the memory.
    pub(crate) bodies: Semaphore,
    /// Batches at once: twenty photos in one answer weigh up to 110 MB.
    pub(crate) batches: Semaphore,
}

/// See [`Service::bodies`]; each may have 4 MB.
pub(crate) const BODIES: usize = 64;
/// See [`Service::batches`].
pub(crate) const BATCHES: usize = 2;

/// The connection is to be closed without (the rest of) an answer.
#[derive(Debug, thiserror::Error)]
#[error("closed on purpose")]
pub(crate) struct HangUp;

/// What the service may ask of the connection that a request came on.
#[derive(Debug, Default, Clone)]
pub(crate) struct Wire {
    reset: Arc<AtomicBool>,
}

impl Wire {
    /// Ask for the connection to end with a reset, not in good order.
    fn reset(&self) {
        self.reset.store(true, Ordering::Relaxed);
    }

    pub(crate) fn wants_reset(&self) -> bool {
        self.reset.load(Ordering::Relaxed)
    }
}

/// The most that is read and thrown away of a body that is too large, so that
/// its sender gets to read the refusal.
const MAX_DRAIN: usize = 8 * MAX_UPLOAD_BYTES;

const CLIENT_REQUEST_ID: HeaderName = HeaderName::from_static("client-request-id");
const REQUEST_ID: HeaderName = HeaderName::from_static("request-id");

impl Service {
    pub(crate) async fn handle(
        self: Arc<Self>,
        request: Request<Incoming>,
        wire: Wire,
    ) -> Result<Response<AnswerBody>, HangUp> {
        let (head, body) = request.into_parts();
        let path = head.uri.path();
        if path == "/" || path.starts_with("/_emulator") {
            return Ok(page::answer(&self, &head, body).await);
        }
        if is_preflight(&head) {
            return Ok(preflight(&head.headers));
        }
        let target = head.uri.path_and_query().map_or("", |t| t.as_str());
        let mut entry = Entry::new(head.method.as_str(), target, &head.headers);
        let ids = Ids::new(text(&head.headers, &CLIENT_REQUEST_ID).filter(|id| id.len() <= 256));
        entry.record.request_id = ids.request_id.clone();
        let understood = understand(&head.method, path);
        if let Ok((route, Ok(action))) = &understood {
            entry.record.operation = operation::name(route, *action);
        }

        // Held until the answer is made: it is the body's place in memory.
        let _place = match body.is_end_stream() {
            true => None,
            false => self.bodies.acquire().await.ok(),
        };
        let body = self.read(body).await;
        if let Ok(body) = &body {
            entry.record.request_bytes = body.len() as u64;
            entry.record.request_checksum = crc32fast::hash(body);
        }

        let by_page = self.is_page(&head.headers);
        let strike = match by_page {
            true => None,
            false => self.faults.strike(&head.method, path),
        };
        if let Some(strike) = &strike {
            entry.record.fault = strike.kind.as_str().to_owned();
            if matches!(strike.kind, FaultKind::Drop | FaultKind::Reset) {
                if strike.kind == FaultKind::Reset {
                    wire.reset();
                }
                self.log.push(entry);
                return Err(HangUp);
            }
        }

        let result = match (&strike, body) {
            (Some(strike), _) if strike.kind == FaultKind::Status => Err(strike.refusal()),
            (Some(strike), _) if matches!(strike.kind, FaultKind::Html | FaultKind::Empty) => {
                Ok(foreign(strike))
            }
            (_, Err(refusal)) => Err(refusal),
            (_, Ok(body)) => match understood {
                Ok((route, action)) => self.answer(&head, route, action, body, &ids).await,
                Err(refusal) => Err(refusal),
            },
        };
        if let Some(strike) = &strike
            && strike.kind == FaultKind::Slow
        {
            // With the answer made and not sent, the request is still running
            // as far as the limits go.
            tokio::time::sleep(strike.delay).await;
        }
        let mut response = match result {
            Ok(response) => response,
            Err(refusal) => {
                entry.record.code = refusal.code.clone().into_owned();
                refused(&refusal, &ids)
            }
        };
        graph_headers(response.headers_mut(), &ids);
        if head.headers.contains_key(header::ORIGIN) {
            cross_origin(response.headers_mut());
        }
        entry.record.status = response.status().as_u16();
        entry.record.response_bytes = response.body().len();
        let length = HeaderValue::from(response.body().len());
        let response = match &strike {
            Some(strike) if strike.kind == FaultKind::Truncate => {
                response.map(AnswerBody::truncated)
            }
            Some(Strike {
                pace: Some(pace), ..
            }) => response.map(|body| body.paced(*pace)),
            _ => response,
        };
        let response = if head.method == Method::HEAD {
            let mut response = response.map(|_| AnswerBody::empty());
            response
                .headers_mut()
                .insert(header::CONTENT_LENGTH, length);
            response
        } else {
            response
        };
        // The page asks for every picture there is; the log is for others.
        if !(by_page && head.method == Method::GET) {
            self.log.push(entry);
        }
        Ok(response)
    }

    async fn answer(
        &self,
        head: &http::request::Parts,
        route: Route,
        action: Result<Action, Refusal>,
        body: Bytes,
        ids: &Ids,
    ) -> Result<Response<AnswerBody>, Refusal> {
        // Like the service, first ask who it is, then what for.
        let caller = self.caller(&head.headers)?;
        let action = action?;
        let root = metadata::root(text(&head.headers, &header::HOST), &self.authority);
        if action == Action::Batch {
            let responses = self
                .batch(&caller, route.version, &body, ids, &root, head)
                .await?;
            return Ok(answered(Answer {
                status: StatusCode::OK,
                content: Content::Json(responses),
            }));
        }
        let call = Call {
            query: head.uri.query(),
            content_type: text(&head.headers, &header::CONTENT_TYPE),
            if_match: text(&head.headers, &header::IF_MATCH),
            body,
            root: &root,
        };
        let (answer, admission) = self.call(&caller, &route, action, call).await?;
        Ok(answered(answer).map(|body| body.holding(admission)))
    }

    /// One call to one operation, with the caller's permissions and limits.
    async fn call(
        &self,
        caller: &Caller,
        route: &Route,
        action: Action,
        call: Call<'_>,
    ) -> Result<(Answer, Option<Admission>), Refusal> {
        let tenant = &self.graph.tenant;
        let me = match (caller.kind, &caller.user) {
            (AccountKind::Application, _) => None,
            (_, None) => tenant.me(),
            // A token made elsewhere may name a user whom this tenant lacks.
            (_, Some(user)) => tenant.user(user).or_else(|| tenant.me()),
        };
        let user = match &route.resource {
            Resource::Photo {
                owner: OwnerPath::User(user) | OwnerPath::Contact { user, .. },
                ..
            }
            | Resource::User(user) => Some(user),
            _ => None,
        };
        let own = match user {
            Some(UserKey::Me) if me.is_none() => return Err(permissions::me_without_user()),
            Some(UserKey::Me) => true,
            Some(UserKey::Id(id)) => me.is_some() && tenant.user(id) == me,
            None => false,
        };
        permissions::check(caller, route, action, own)?;
        let admission = match &self.throttler {
            None => None,
            Some(throttler) => match self.graph.mailbox(route, &me) {
                None => None,
                Some(mailbox) => {
                    let now = Instant::now();
                    let admission = throttler.admit(&caller.app, &mailbox, now)?;
                    if action.is_upload() {
                        admission.upload(call.body.len() as u64, now)?;
                    }
                    Some(admission)
                }
            },
        };
        let answer = self.graph.answer(route, action, &me, call).await?;
        Ok((answer, admission))
    }

    async fn batch(
        &self,
        caller: &Caller,
        version: Version,
        body: &[u8],
        ids: &Ids,
        root: &str,
        head: &http::request::Parts,
    ) -> Result<Value, Refusal> {
        let _turn = self.batches.acquire().await;
        let items = batch::parse(body, version)?;
        let mut failed = vec![false; items.len()];
        let mut responses = Vec::with_capacity(items.len());
        for at in batch::order(&items)? {
            let Some(item) = items.get(at) else { continue };
            let dependent = item
                .depends_on
                .iter()
                .any(|on| failed.get(*on) == Some(&true));
            let mut entry = Entry::new(item.method.as_str(), &item.target, &item.headers);
            entry.record.batch_id = crate::errors::shorten(&item.id).to_owned();
            entry.record.request_id = ids.request_id.clone();
            let result = if dependent {
                Err(batch::failed_dependency())
            } else {
                self.item(caller, item, root, &mut entry).await
            };
            let response = match result {
                Ok(answer) => {
                    entry.record.status = answer.status.as_u16();
                    batch::answered(&item.id, answer)
                }
                Err(refusal) => {
                    entry.record.status = refusal.status.as_u16();
                    entry.record.code = refusal.code.clone().into_owned();
                    if let Some(failed) = failed.get_mut(at) {
                        *failed = true;
                    }
                    batch::refused(&item.id, &refusal, ids)
                }
            };
            if !self.is_page(&head.headers) {
                self.log.push(entry);
            }
            responses.push(response);
        }
        Ok(json!({ "responses": responses }))
    }

    /// One item. Faults that break connections do not reach into a batch.
    async fn item(
        &self,
        caller: &Caller,
        item: &Item,
        root: &str,
        entry: &mut Entry,
    ) -> Result<Answer, Refusal> {
        let (path, query) = match item.target.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (item.target.as_str(), None),
        };
        if let Some(strike) = self.faults.strike(&item.method, path) {
            entry.record.fault = strike.kind.as_str().to_owned();
            match strike.kind {
                FaultKind::Status | FaultKind::Html | FaultKind::Empty => {
                    return Err(strike.refusal());
                }
                FaultKind::Slow => tokio::time::sleep(strike.delay).await,
                FaultKind::Drop | FaultKind::Reset | FaultKind::Truncate => {}
            }
        }
        let (route, action) = understand(&item.method, path)?;
        let action = action?;
        entry.record.operation = operation::name(&route, action);
        let body = item.body.clone()?;
        entry.record.request_bytes = body.len() as u64;
        entry.record.request_checksum = crc32fast::hash(&body);
        let call = Call {
            query,
            content_type: text(&item.headers, &header::CONTENT_TYPE),
            if_match: text(&item.headers, &header::IF_MATCH),
            body,
            root,
        };
        let (answer, _) = self.call(caller, &route, action, call).await?;
        Ok(answer)
    }

    fn is_page(&self, headers: &HeaderMap) -> bool {
        text(headers, &header::AUTHORIZATION)
            .and_then(|value| value.strip_prefix("Bearer "))
            .is_some_and(|token| token == self.page_token)
    }

    fn caller(&self, headers: &HeaderMap) -> Result<Caller, Refusal> {
        if self.is_page(headers) {
            return Ok(Caller::unrestricted("page".to_owned()));
        }
        let now = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .map_or(0.0, |since| since.as_secs_f64());
        let value = headers.get(header::AUTHORIZATION);
        authenticate(value.map(HeaderValue::as_bytes), self.tokens.as_ref(), now)
    }

    /// Reads a body of at most 4 MB that has to arrive in time.
    pub(crate) async fn read(&self, body: Incoming) -> Result<Bytes, Refusal> {
        if body.is_end_stream() {
            return Ok(Bytes::new());
        }
        tokio::time::timeout(self.body_timeout, read_all(body, MAX_UPLOAD_BYTES))
            .await
            .unwrap_or_else(|_| Err(Refusal::timed_out()))
    }
}

async fn read_all(mut body: Incoming, limit: usize) -> Result<Bytes, Refusal> {
    if body.size_hint().lower() > MAX_DRAIN as u64 {
        return Err(Refusal::too_large(limit));
    }
    let mut read = BytesMut::new();
    let mut length = 0;
    while let Some(frame) = body.frame().await {
        let frame =
            frame.map_err(|_| Refusal::bad_request("The request body could not be read."))?;
        let Ok(data) = frame.into_data() else {
            continue;
        };
        length += data.len();
        if length <= limit {
            read.extend_from_slice(&data);
        } else {
            read = BytesMut::new();
            if length > MAX_DRAIN {
                break;
            }
        }
    }
    if length > limit {
        return Err(Refusal::too_large(limit));
    }
    Ok(read.freeze())
}

pub(crate) fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

const JSON: HeaderValue = HeaderValue::from_static(
    "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8",
);

fn answered(answer: Answer) -> Response<AnswerBody> {
    let (content_type, body) = match answer.content {
        Content::Empty => (None, Bytes::new()),
        Content::Json(value) => (Some(JSON), value.to_string().into()),
        Content::Image(media_type, bytes) => (Some(HeaderValue::from_static(media_type)), bytes),
    };
    let mut response = Response::new(AnswerBody::full(body));
    *response.status_mut() = answer.status;
    if let Some(content_type) = content_type {
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, content_type);
    }
    response
}

fn refused(refusal: &Refusal, ids: &Ids) -> Response<AnswerBody> {
    // A struct of strings always serialises.
    let body = serde_json::to_vec(&refusal.body(ids)).unwrap_or_default();
    let mut response = Response::new(AnswerBody::full(body.into()));
    *response.status_mut() = refusal.status;
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    if let Some(allow) = refusal.allow {
        headers.insert(header::ALLOW, HeaderValue::from_static(allow));
    }
    if let Some(seconds) = refusal.retry_after {
        headers.insert(header::RETRY_AFTER, seconds.into());
    }
    if refusal.status == StatusCode::UNAUTHORIZED {
        headers.insert(
            header::WWW_AUTHENTICATE,
            HeaderValue::from_static(
                "Bearer realm=\"\", authorization_uri=\"https://login.microsoftonline.com/common/oauth2/authorize\", client_id=\"00000003-0000-0000-c000-000000000000\"",
            ),
        );
    }
    // A body that was not read to its end makes the connection unusable.
    if matches!(
        refusal.status,
        StatusCode::PAYLOAD_TOO_LARGE | StatusCode::REQUEST_TIMEOUT
    ) {
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// The headers that stand on every answer of Graph.
fn graph_headers(headers: &mut HeaderMap, ids: &Ids) {
    let mut insert = |name: HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    insert(REQUEST_ID, &ids.request_id);
    insert(CLIENT_REQUEST_ID, &ids.client_request_id);
    headers.insert(
        HeaderName::from_static("x-ms-ags-diagnostic"),
        HeaderValue::from_static(
            "{\"ServerInfo\":{\"DataCenter\":\"graph-photo emulator\",\"Slice\":\"E\",\"Ring\":\"1\",\"ScaleUnit\":\"000\",\"RoleInstance\":\"AGSFE_IN_0\"}}",
        ),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private"));
    headers.insert(
        header::STRICT_TRANSPORT_SECURITY,
        HeaderValue::from_static("max-age=31536000"),
    );
}

/// What stands before Graph and answers in its place, when it fails.
fn foreign(strike: &Strike) -> Response<AnswerBody> {
    let (content_type, body) = match strike.kind {
        FaultKind::Html => (
            "text/html; charset=us-ascii",
            "<!DOCTYPE html>\r\n<html><head><title>Service Unavailable</title></head>\r\n<body><h2>Service Unavailable</h2><hr><p>HTTP Error. The service is unavailable.</p></body></html>\r\n",
        ),
        _ => ("text/plain", ""),
    };
    let mut response = Response::new(AnswerBody::full(Bytes::from_static(body.as_bytes())));
    *response.status_mut() = strike.status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    if let Some(seconds) = strike.retry_after {
        headers.insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

fn is_preflight(head: &http::request::Parts) -> bool {
    head.method == Method::OPTIONS
        && head.headers.contains_key(header::ORIGIN)
        && head
            .headers
            .contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

/// Graph answers pages of any origin; they have to bring a token anyway.
fn preflight(request: &HeaderMap) -> Response<AnswerBody> {
    let mut response = Response::new(AnswerBody::empty());
    let headers = response.headers_mut();
    cross_origin(headers);
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_METHODS,
        HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"),
    );
    if let Some(wanted) = request.get(header::ACCESS_CONTROL_REQUEST_HEADERS) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, wanted.clone());
    }
    headers.insert(
        header::ACCESS_CONTROL_MAX_AGE,
        HeaderValue::from_static("3600"),
    );
    response
}

fn cross_origin(headers: &mut HeaderMap) {
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_ORIGIN,
        HeaderValue::from_static("*"),
    );
    headers.insert(
        header::ACCESS_CONTROL_EXPOSE_HEADERS,
        HeaderValue::from_static(
            "ETag, Location, Preference-Applied, Content-Range, request-id, client-request-id, ReadWriteConsistencyToken, SdkVersion, WWW-Authenticate, x-ms-client-gcc-tenant, Retry-After",
        ),
    );
}
