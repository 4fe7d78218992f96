//! One request: whether it is served, by whom, and with what.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use graph_photo::ErrorKind;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, Request, Response, request};
use hyper::body::Incoming;

use super::access_log::AccessLog;
use super::answer::{self, AnswerBody, legacy_json};
use super::caller::{Admission, Caller};
use super::graph::{Ask, CLIENT_REQUEST_ID, Graph, IMAGE, JSON, REQUEST_ID, client_request_id};
use super::metrics::Metrics;
use super::photo_id::Selection;
use super::record::Record;
use super::refusal::Refusal;
use super::route::{Call, What, route};
use super::{ews, no_photo, upload};

/// What a gateway is made of, shared by all its connections.
pub(crate) struct Service {
    pub(crate) admission: Admission,
    pub(crate) graph: Graph,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) access_log: Option<AccessLog>,
    /// How long a caller may take over a head, or between pieces of a body.
    pub(crate) patience: Duration,
}

impl Service {
    /// Answers a request.
    pub(crate) async fn handle(
        self: Arc<Self>,
        request: Request<Incoming>,
    ) -> Result<Response<AnswerBody>, Infallible> {
        let (head, body) = request.into_parts();
        if let Some(page) = self.page(&head) {
            return Ok(page);
        }
        let (form, call) = route(&head.method, &head.uri);
        let mut record = Record::start(
            &head.method,
            &head.headers,
            form,
            &self.metrics,
            self.access_log.as_ref(),
        );
        let mut body = Some(body);
        let id = client_request_id(&head.headers);
        let result = match call {
            Ok(call) => self.answer(&head, id, call, &mut body).await,
            Err(refusal) => Err(refusal),
        };
        let mut response = match result {
            Ok(response) => response,
            Err(refusal) => {
                // Who is still sending would not read the refusal.
                if let Some(body) = body.take() {
                    Box::pin(upload::drain(body, self.patience)).await;
                }
                refusal.into_response()
            }
        };
        if let Some(id) = id.and_then(|id| HeaderValue::from_str(id).ok()) {
            response.headers_mut().insert(CLIENT_REQUEST_ID, id);
        }
        record.answered(&response);
        response.body_mut().record(record);
        Ok(response)
    }

    /// The gateway's own pages.
    fn page(&self, head: &request::Parts) -> Option<Response<AnswerBody>> {
        if head.method != Method::GET && head.method != Method::HEAD {
            return None;
        }
        let (content_type, text) = match head.uri.path() {
            "/healthz" => ("text/plain; charset=utf-8", "ok\n".to_owned()),
            "/metrics" => (
                "text/plain; version=0.0.4; charset=utf-8",
                self.metrics.text(),
            ),
            _ => return None,
        };
        let mut response = Response::new(AnswerBody::whole(text.into()));
        response
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        Some(response)
    }

    async fn answer(
        &self,
        head: &request::Parts,
        id: Option<&str>,
        mut call: Call<'_>,
        body: &mut Option<Incoming>,
    ) -> Result<Response<AnswerBody>, Refusal> {
        let caller = self.admission.admit(&head.headers)?;
        if call.user.is_none() {
            call.user = self.admission.me(&caller, &head.headers)?.map(Into::into);
        }
        let client = caller.client(self.graph.client(&call));
        let ask = Ask {
            client: &client,
            call: &call,
            headers: &head.headers,
            id,
        };
        // What is rare is boxed: hyper moves the whole future of a request more than once.
        let result = match call.what {
            What::Set => match body.take() {
                Some(body) => Box::pin(upload::set(&ask, body, self.patience)).await,
                None => Ok(answer::empty()),
            },
            What::Exchange => Box::pin(ews::photo(&ask)).await,
            What::Bytes => self.bytes(&ask).await,
            What::Metadata | What::List => self.document(&ask).await,
        };
        result.map_err(|refusal| explained(refusal, &caller))
    }

    async fn bytes(&self, ask: &Ask<'_>) -> Result<Response<AnswerBody>, Refusal> {
        match ask.get(&ask.call.below, "", IMAGE).await {
            Ok(answer) => no_photo::bytes(answer).await,
            Err(error) => Box::pin(self.failed(ask, error)).await,
        }
    }

    async fn document(&self, ask: &Ask<'_>) -> Result<Response<AnswerBody>, Refusal> {
        let call = ask.call;
        let selection = Selection::of(&call.query);
        let (headers, stream) = match ask.get(&call.below, &selection.query, JSON).await {
            Ok(answer) => answer,
            Err(error) => return Box::pin(self.failed(ask, error)).await,
        };
        let document = stream.bytes().await?;
        let legacy = self.translated(call, document.into())?;
        let mut response = legacy_json(selection.apply(legacy, call.what == What::List).into());
        answer::copy(&headers, response.headers_mut(), REQUEST_ID);
        Ok(response)
    }

    fn translated(&self, call: &Call<'_>, document: Vec<u8>) -> Result<Vec<u8>, Refusal> {
        self.graph
            .translator(call)
            .translate_bytes(document)
            .map_err(|fault| {
                let error = graph_photo::Error::local(
                    ErrorKind::UnexpectedResponse,
                    "Graph's document could not be translated",
                );
                Refusal::from(error.with_source(fault))
            })
    }

    async fn failed(
        &self,
        ask: &Ask<'_>,
        error: graph_photo::Error,
    ) -> Result<Response<AnswerBody>, Refusal> {
        if error.kind() == ErrorKind::NoPhoto {
            return no_photo::answer(ask, &self.graph.legacy_root(ask.call), &error).await;
        }
        Err(error.into())
    }

    /// Writes down what is still to be written.
    pub(crate) async fn finish(&self) {
        if let Some(log) = self.access_log.clone() {
            let _ = tokio::task::spawn_blocking(move || log.flush()).await;
        }
    }
}

fn explained(mut refusal: Refusal, caller: &Caller) -> Refusal {
    caller.explain(&mut refusal);
    refusal
}
