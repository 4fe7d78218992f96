//! HTTP in, HTTP out: reads a request, has it answered, and writes the headers
//! that Graph writes.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::{self, HeaderName, HeaderValue};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::BodyExt;
use hyper::body::Incoming;

use crate::answer_body::AnswerBody;
use crate::errors::{Ids, Refusal};
use crate::graph::{Answer, Call, Content, Graph, understand};
use crate::log::{Entry, RequestLog};
use crate::metadata;
use crate::operation::{self, Action};
use crate::photo::MAX_UPLOAD_BYTES;

/// What one emulator is made of, shared by all its connections.
#[derive(Debug)]
pub(crate) struct Service {
    pub(crate) graph: Graph,
    pub(crate) log: RequestLog,
    /// `127.0.0.1:8787`, for links when a client sends no Host header.
    pub(crate) authority: String,
    /// How long a client may take over a body, and between two parts of it.
    pub(crate) body_timeout: Duration,
}

/// The connection is to be closed without an answer.
#[derive(Debug, thiserror::Error)]
#[error("closed on purpose")]
pub(crate) struct HangUp;

/// The most that is read and thrown away of a body that is too large, so that
/// its sender gets to read the refusal.
const MAX_DRAIN: usize = 8 * MAX_UPLOAD_BYTES;

const CLIENT_REQUEST_ID: HeaderName = HeaderName::from_static("client-request-id");
const REQUEST_ID: HeaderName = HeaderName::from_static("request-id");

impl Service {
    pub(crate) async fn handle(
        self: Arc<Self>,
        request: Request<Incoming>,
    ) -> Result<Response<AnswerBody>, HangUp> {
        let (head, body) = request.into_parts();
        let target = head.uri.path_and_query().map_or("", |t| t.as_str());
        let mut entry = Entry::new(head.method.as_str(), target, &head.headers);
        let ids = Ids::new(text(&head.headers, &CLIENT_REQUEST_ID).filter(|id| id.len() <= 256));
        entry.record.request_id = ids.request_id.clone();

        let result = self.answer(&head, body, &mut entry).await;
        let mut response = match result {
            Ok(answer) => answered(answer),
            Err(refusal) => {
                entry.record.code = refusal.code.clone().into_owned();
                refused(&refusal, &ids)
            }
        };
        graph_headers(response.headers_mut(), &ids);
        entry.record.status = response.status().as_u16();
        entry.record.response_bytes = response.body().len();
        if head.method == Method::HEAD {
            let length = HeaderValue::from(response.body().len());
            response
                .headers_mut()
                .insert(header::CONTENT_LENGTH, length);
            *response.body_mut() = AnswerBody::empty();
        }
        self.log.push(entry);
        Ok(response)
    }

    async fn answer(
        &self,
        head: &http::request::Parts,
        body: Incoming,
        entry: &mut Entry,
    ) -> Result<Answer, Refusal> {
        let (route, action) = understand(&head.method, head.uri.path());
        let Some(route) = route else {
            return Err(match action {
                Err(refusal) => refusal,
                Ok(_) => Refusal::not_emulated(head.uri.path()),
            });
        };
        if let Ok(action) = &action {
            entry.record.operation = operation::name(&route, *action);
        }
        authorize(&head.headers)?;
        let action = action?;
        let body = if action.is_upload() || action == Action::Batch {
            let body = read(body, MAX_UPLOAD_BYTES, self.body_timeout).await?;
            entry.record.request_bytes = body.len() as u64;
            entry.record.request_checksum = crc32fast::hash(&body);
            body
        } else {
            Bytes::new()
        };
        let root = metadata::root(text(&head.headers, &header::HOST), &self.authority);
        let call = Call {
            method: &head.method,
            path: head.uri.path(),
            query: head.uri.query(),
            content_type: text(&head.headers, &header::CONTENT_TYPE),
            if_match: text(&head.headers, &header::IF_MATCH),
            body,
            root: &root,
        };
        let me = self.graph.tenant.me();
        self.graph.answer(&route, action, &me, call).await
    }
}

fn authorize(headers: &HeaderMap) -> Result<(), Refusal> {
    let Some(value) = headers.get(header::AUTHORIZATION) else {
        return Err(Refusal::unauthorized("Access token is empty."));
    };
    match value.as_bytes().split_at_checked(7) {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case(b"bearer ") && !token.is_empty() => {
            Ok(())
        }
        _ => Err(Refusal::unauthorized("CompactToken parsing failed.")),
    }
}

/// Reads a body of at most `limit` bytes that has to arrive in time.
async fn read(body: Incoming, limit: usize, patience: Duration) -> Result<Bytes, Refusal> {
    tokio::time::timeout(patience, read_all(body, limit))
        .await
        .unwrap_or_else(|_| Err(Refusal::timed_out()))
}

async fn read_all(mut body: Incoming, limit: usize) -> Result<Bytes, Refusal> {
    use hyper::body::Body;
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

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
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
