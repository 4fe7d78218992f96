//! Graph as Microsoft describes it, and the one place that sends.

use std::sync::Arc;
use std::time::{Instant, SystemTime};

use graph_photo_model::Error;
use graph_photo_model::media::MAX_UPLOAD_BYTES;
use graph_photo_model::retry::{self, Attempt, Decision, Outcome};
use graph_photo_model::wire::Request;

use super::answer::Answer;
use super::body::Body;
use super::byte_stream::ByteStream;
use super::settings::Settings;
use crate::runtime::{Http, sleep};

/// How much of an error's body is kept, in bytes.
const MAX_ERROR_BODY: usize = 64 * 1024;

/// Every operation of the API, one method each, as Microsoft describes it.
///
/// From [`Client::operations`](super::Client::operations). These methods return what the service
/// answers; a missing photo is an error here. [`Client::user`](super::Client::user) and its
/// siblings are the surface to prefer.
#[derive(Clone)]
pub struct Operations {
    shared: Arc<Shared>,
}

struct Shared {
    http: Http,
    settings: Settings,
}

impl Operations {
    pub(crate) fn new(http: Http, settings: Settings) -> Self {
        Self {
            shared: Arc::new(Shared { http, settings }),
        }
    }

    /// Sends a request, again if that may help, and returns its successful answer.
    pub(crate) async fn exec(&self, mut request: Request<Body>) -> Result<Answer, Error> {
        let operation = request.operation;
        let settings = &self.shared.settings;
        if let Some(body) = &request.body
            && body.len() > MAX_UPLOAD_BYTES
        {
            return Err(Error::invalid_input(
                "body",
                format!(
                    "has {} bytes, Graph takes at most {MAX_UPLOAD_BYTES}: make the photo smaller or compress it more",
                    body.len()
                ),
            ));
        }
        let started = Instant::now();
        let mut number = 1;
        loop {
            let body = match &request.body {
                None => None,
                Some(body) => match body.replay() {
                    Some(copy) => Some(copy),
                    None => request.body.take(),
                },
            };
            let replayable = body.is_none() || request.body.is_some();
            let outgoing = self.outgoing(&request, body)?;
            let (error, outcome) = match self.shared.http.send(outgoing).await {
                Ok(incoming) if incoming.status.is_success() => {
                    return Ok(Answer::new(incoming, operation));
                }
                Ok(incoming) => {
                    let (status, headers) = (incoming.status, incoming.headers.clone());
                    let body = ByteStream::new(incoming, operation)
                        .start(MAX_ERROR_BODY)
                        .await;
                    let error = Error::from_response(
                        Some(operation),
                        status,
                        headers,
                        &body,
                        SystemTime::now(),
                    );
                    (error, Outcome::Status(status))
                }
                Err(fault) => {
                    let kind = fault.kind;
                    (
                        Error::transport(kind, Some(operation), fault.source),
                        Outcome::Failed(kind),
                    )
                }
            };
            let attempt = Attempt {
                outcome,
                retry_after: error.headers().get(http::header::RETRY_AFTER),
                idempotent: retry::is_idempotent(&request.method),
                replayable,
                number,
                elapsed: started.elapsed(),
                now: SystemTime::now(),
                random: fastrand::f64(),
            };
            match retry::decide(&settings.retry, &attempt) {
                Decision::Wait(wait) => sleep(wait).await,
                Decision::Stop(_) => return Err(error),
            }
            number += 1;
        }
    }

    /// The request as it goes out, with what every request carries.
    fn outgoing(
        &self,
        request: &Request<Body>,
        body: Option<Body>,
    ) -> Result<http::Request<Option<super::body::Content>>, Error> {
        let settings = &self.shared.settings;
        let url = settings.base_url.join(&request.path_and_query);
        let mut outgoing = http::Request::builder()
            .method(request.method.clone())
            .uri(url)
            .body(None)
            .map_err(|error| Error::invalid_input("path", error.to_string()))?;
        *outgoing.headers_mut() = request.headers.clone();
        if let Some(token) = &settings.token {
            outgoing
                .headers_mut()
                .insert(http::header::AUTHORIZATION, token.header_value());
        }
        if let Some(body) = body {
            outgoing
                .headers_mut()
                .insert(http::header::CONTENT_LENGTH, body.len().into());
            *outgoing.body_mut() = Some(body.into_content());
        }
        Ok(outgoing)
    }
}

impl std::fmt::Debug for Operations {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Operations")
            .field("settings", &self.shared.settings)
            .finish_non_exhaustive()
    }
}
