//! What the emulator offers beside Graph: the page at `/` for people, and
//! `/_emulator/...` for tests in any language.
//!
//! | path | methods |
//! |---|---|
//! | `/_emulator/faults` | GET, PUT (one fault or a list, texts or objects), DELETE |
//! | `/_emulator/requests` | GET (`?after=NUMBER` for what is new), DELETE |
//! | `/_emulator/photos` | DELETE: all photos as they were at the start |
//! | `/_emulator/owners` | GET: who there is, and which photo |
//! | `/_emulator/stats` | GET: counters |
//!
//! Unlike Graph's paths these are not open to pages of other origins: any page
//! a developer visits could otherwise read the log.

use bytes::Bytes;
use http::header::{self, HeaderValue};
use http::{Method, Response, StatusCode};
use hyper::body::Incoming;
use serde_json::{Value, json};

use crate::answer_body::AnswerBody;
use crate::faults::Fault;
use crate::graph::Owned;
use crate::service::Service;

const HTML: &str = include_str!("page/index.html");
const SCRIPT: &str = include_str!("page/page.js");
const STYLE: &str = include_str!("page/page.css");

/// Synthetic users on the page: enough to see, too few to wait for.
const SHOWN_SYNTHETIC: u64 = 12;

pub(crate) async fn answer(
    service: &Service,
    head: &http::request::Parts,
    body: Incoming,
) -> Response<AnswerBody> {
    let method = match head.method {
        // The body of a HEAD is dropped by the connection.
        Method::HEAD => &Method::GET,
        ref method => method,
    };
    let path = head.uri.path().trim_end_matches('/');
    let get = method == Method::GET;
    match path {
        "" if get => {
            let html = HTML.replace("{{token}}", &service.page_token);
            text("text/html; charset=utf-8", html.into())
        }
        "/_emulator/page.js" if get => text("text/javascript; charset=utf-8", SCRIPT.into()),
        "/_emulator/page.css" if get => text("text/css; charset=utf-8", STYLE.into()),
        "/_emulator/faults" if get => json_answer(&json!({ "faults": service.faults.to_json() })),
        "/_emulator/faults" if method == Method::PUT => {
            let faults = match service.read(body).await {
                Ok(body) => faults(&body),
                Err(refusal) => Err(refusal.message.into_owned()),
            };
            match faults {
                Ok(faults) => {
                    service.faults.set(faults);
                    json_answer(&json!({ "faults": service.faults.to_json() }))
                }
                Err(message) => problem(StatusCode::BAD_REQUEST, &message),
            }
        }
        "/_emulator/faults" if method == Method::DELETE => {
            service.faults.set([]);
            empty()
        }
        "/_emulator/requests" if get => {
            let after = head.uri.query().and_then(|query| {
                let pair = query.split('&').find_map(|p| p.strip_prefix("after="))?;
                pair.parse().ok()
            });
            let requests: Vec<Value> = service
                .log
                .after(after.unwrap_or(0))
                .iter()
                .map(|request| request.to_json())
                .collect();
            json_answer(&json!({ "count": service.log.count(), "requests": requests }))
        }
        "/_emulator/requests" if method == Method::DELETE => {
            service.log.clear();
            empty()
        }
        "/_emulator/photos" if method == Method::DELETE => match service.graph.reset().await {
            Ok(()) => empty(),
            Err(refusal) => problem(refusal.status, &refusal.message),
        },
        "/_emulator/owners" if get => json_answer(&owners(service)),
        "/_emulator/stats" if get => json_answer(&json!({
            "requests": service.log.count(),
            "renders": service.graph.photos.renders(),
        })),
        ""
        | "/_emulator/page.js"
        | "/_emulator/page.css"
        | "/_emulator/faults"
        | "/_emulator/requests"
        | "/_emulator/photos"
        | "/_emulator/owners"
        | "/_emulator/stats" => problem(
            StatusCode::METHOD_NOT_ALLOWED,
            "This method is not offered here.",
        ),
        _ => problem(StatusCode::NOT_FOUND, "The emulator has nothing here."),
    }
}

/// Reads one fault or a list of them.
fn faults(body: &[u8]) -> Result<Vec<Fault>, String> {
    let value: Value = serde_json::from_slice(body).map_err(|e| format!("not JSON: {e}"))?;
    let value = match value {
        Value::Object(mut map) if map.contains_key("faults") => {
            map.remove("faults").unwrap_or_default()
        }
        value => value,
    };
    let list = match value {
        Value::Array(list) => list,
        one => vec![one],
    };
    list.iter()
        .map(|fault| Fault::from_json(fault).map_err(|e| e.to_string()))
        .collect()
}

fn owners(service: &Service) -> Value {
    let list: Vec<Value> = service
        .graph
        .owners(SHOWN_SYNTHETIC)
        .into_iter()
        .map(
            |Owned {
                 name,
                 path,
                 sized,
                 deletable,
                 photo,
             }| {
                let photo = photo.map(|photo| {
                    let size = photo.dimensions();
                    let sizes: Vec<String> = match sized {
                        true => photo.sizes(),
                        false => Vec::new(),
                    }
                    .iter()
                    .map(|size| format!("{}x{}", size.width, size.height))
                    .collect();
                    json!({
                        "etag": photo.etag(),
                        "contentType": photo.media_type().as_str(),
                        "width": size.width,
                        "height": size.height,
                        "bytes": photo.bytes().len(),
                        "sizes": sizes,
                    })
                });
                json!({ "name": name, "path": path, "deletable": deletable, "photo": photo })
            },
        )
        .collect();
    json!({ "owners": list, "users": service.graph.tenant.user_count() })
}

fn text(content_type: &'static str, body: Bytes) -> Response<AnswerBody> {
    let mut response = Response::new(AnswerBody::full(body));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src blob: data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        ),
    );
    response
}

fn json_answer(value: &Value) -> Response<AnswerBody> {
    text("application/json", value.to_string().into())
}

fn empty() -> Response<AnswerBody> {
    let mut response = Response::new(AnswerBody::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}

fn problem(status: StatusCode, message: &str) -> Response<AnswerBody> {
    let mut response = json_answer(&json!({ "error": { "code": "Emulator", "message": message } }));
    *response.status_mut() = status;
    response
}
