//! Requests that are no photo operations: pages of users, and batches.
//!
//! What they look like and what their answers mean is the model crate's; here is only the sending.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::{Bytes, BytesMut};
use graph_photo::{Error, ErrorKind, PhotoMetadata, Size, operations, types::ProfilePhoto};
use graph_photo_model::batch;
use graph_photo_model::operation::Operation;
use graph_photo_model::wire::{Request, RequestBuilder, encode_path};
use graph_photo_model::{BaseUrl, BearerToken};
use http::Method;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use serde::Deserialize;

use crate::auth::TokenSource;
use crate::http_client;
use crate::sync::pace::{Pace, Stopped};
use crate::sync::users::{self, User};

/// The answer to a batch of twenty metadata, or a page of 999 users, is far below.
const MAX_ANSWER: usize = 16 * 1024 * 1024;

/// `GET /users`; its permissions are on Microsoft's page about listing users.
static LIST_USERS: Operation = Operation::new("list_users", "GET", "/users").with_reference(
    None,
    Some("https://learn.microsoft.com/graph/api/user-list"),
);

/// A connection for what is no photo operation. Cloning it is cheap.
#[derive(Clone)]
pub(crate) struct Graph {
    http: reqwest::Client,
    base_url: BaseUrl,
    token: TokenSource,
    pace: Arc<Pace>,
}

#[derive(Deserialize)]
struct Page {
    value: Vec<Listed>,
    #[serde(rename = "@odata.nextLink")]
    next: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    id: Option<String>,
    user_principal_name: Option<String>,
    display_name: Option<String>,
}

impl Graph {
    pub(crate) fn new(
        base_url: BaseUrl,
        token: TokenSource,
        pace: Arc<Pace>,
    ) -> anyhow::Result<Graph> {
        let http = http_client::build()?;
        Ok(Graph {
            http,
            base_url,
            token,
            pace,
        })
    }

    /// The path and query of the first page of users.
    pub(crate) fn first_page() -> String {
        "/users?$select=id,userPrincipalName,displayName&$top=999".to_owned()
    }

    /// A page of users, and the path and query of the next one.
    pub(crate) async fn users(&self, page: &str) -> anyhow::Result<(Vec<User>, Option<String>)> {
        let answer = self.pace.call(|| self.send(&LIST_USERS, page, None)).await;
        let (status, headers, body) = match answer {
            Ok(answer) => answer,
            Err(Stopped::Failed(error)) if error.kind() == ErrorKind::Forbidden => {
                return Err(anyhow::Error::new(error).context(
                    "listing users needs User.ReadBasic.All (delegated) or User.Read.All \
                     (application)",
                ));
            }
            Err(Stopped::Failed(error)) => return Err(error.into()),
            Err(Stopped::Interrupted) => return Ok((Vec::new(), None)),
        };
        let page: Page = serde_json::from_slice(&body)
            .map_err(|error| Error::decode(&LIST_USERS, status, headers, &body, error))?;
        let next = page
            .next
            .map(|link| {
                // The token goes to no place that an answer names.
                self.base_url
                    .relative(&link)
                    .map(str::to_owned)
                    .ok_or_else(|| {
                        anyhow::anyhow!("the link to the next page leads to another server")
                    })
            })
            .transpose()?;
        let users = page.value.into_iter().filter_map(|listed| {
            let id = listed
                .user_principal_name
                .filter(|name| users::check(name).is_ok());
            Some(User {
                id: id.or(listed.id)?,
                name: listed.display_name,
            })
        });
        Ok((users.collect(), next))
    }

    /// The metadata of up to twenty users' photos, in their order.
    pub(crate) async fn metadata(
        &self,
        users: &[User],
        size: Option<Size>,
    ) -> Vec<Result<Option<PhotoMetadata>, Stopped>> {
        let started = std::time::Instant::now();
        let mut results: Vec<Option<Result<Option<PhotoMetadata>, Stopped>>> = Vec::new();
        results.resize_with(users.len(), || None);
        let mut open: Vec<(usize, Request<Vec<u8>>)> = Vec::new();
        for (index, user) in users.iter().enumerate() {
            match photo_request(user, size) {
                Ok(request) => open.push((index, request)),
                Err(error) => set(&mut results, index, Err(Stopped::Failed(error))),
            }
        }
        let mut number = 1;
        while !open.is_empty() {
            let requests: Vec<Request<Vec<u8>>> =
                open.iter().map(|(_, request)| request.clone()).collect();
            let answers = match self.batch(&requests).await {
                Ok(answers) => answers,
                Err(Stopped::Interrupted) => break,
                Err(Stopped::Failed(error)) => {
                    // One by one the calls would meet the same trouble; the first one tells of it.
                    let text = error.to_string();
                    let kind = error.kind();
                    let mut first = Some(error);
                    for (index, _) in open.drain(..) {
                        let error = first
                            .take()
                            .unwrap_or_else(|| Error::local(kind, text.clone()));
                        set(&mut results, index, Err(Stopped::Failed(error)));
                    }
                    break;
                }
            };
            let mut again = Vec::new();
            let mut longest = Duration::ZERO;
            for ((index, request), answer) in open.into_iter().zip(answers) {
                let answer = match answer {
                    Ok(photo) => Ok(PhotoMetadata::from_graph(photo)),
                    Err(error) if error.kind() == ErrorKind::NoPhoto => Ok(None),
                    Err(error) => {
                        self.pace.note(&error);
                        match self.pace.decide(&error, number, started.elapsed()) {
                            graph_photo::retry::Decision::Wait(wait) => {
                                longest = longest.max(wait);
                                again.push((index, request));
                                continue;
                            }
                            graph_photo::retry::Decision::Stop(_) => Err(Stopped::Failed(error)),
                        }
                    }
                };
                set(&mut results, index, answer);
            }
            open = again;
            number += 1;
            if !open.is_empty() && self.pace.wait(longest).await.is_err() {
                break;
            }
        }
        results
            .into_iter()
            .map(|result| result.unwrap_or(Err(Stopped::Interrupted)))
            .collect()
    }

    /// One batch; a result per request.
    async fn batch(
        &self,
        requests: &[Request<Vec<u8>>],
    ) -> Result<Vec<Result<ProfilePhoto, Error>>, Stopped> {
        let body = Bytes::from(batch::encode(requests).map_err(Stopped::Failed)?);
        let named: Vec<&'static Operation> =
            requests.iter().map(|request| request.operation).collect();
        // A batch of reads can be sent again, which its method does not show.
        self.pace
            .call(async || {
                let (status, headers, answer) = self
                    .send(&batch::BATCH, "/$batch", Some(body.clone()))
                    .await?;
                let items = batch::split(&named, status, &headers, &answer, SystemTime::now())?;
                Ok(items
                    .into_iter()
                    .zip(&named)
                    .map(|(item, operation)| {
                        let item = item?;
                        let (status, headers, bytes) = item.into_parts();
                        serde_json::from_slice(&bytes).map_err(|error| {
                            Error::decode(operation, status, headers, &bytes, error)
                        })
                    })
                    .collect())
            })
            .await
    }

    /// Sends one request, once.
    async fn send(
        &self,
        operation: &'static Operation,
        path_and_query: &str,
        body: Option<Bytes>,
    ) -> Result<(http::StatusCode, http::HeaderMap, Bytes), Error> {
        let token = self.token.current().await.map_err(|error| {
            Error::local(ErrorKind::Unauthorized, format!("no token: {error:#}"))
        })?;
        let url = self.base_url.join(path_and_query);
        let mut request = match body {
            None => self.http.get(url),
            Some(body) => self
                .http
                .post(url)
                .header(CONTENT_TYPE, "application/json")
                .body(body),
        };
        request = request
            .header(ACCEPT, "application/json")
            .header(AUTHORIZATION, BearerToken::new(&token)?.header_value());
        let fault = |error: reqwest::Error| {
            let kind = if error.is_timeout() {
                ErrorKind::Timeout
            } else if error.is_connect() {
                ErrorKind::Connect
            } else if error.is_body() || error.is_decode() {
                ErrorKind::Body
            } else {
                ErrorKind::Transport
            };
            Error::transport(kind, Some(operation), error.without_url())
        };
        let mut response = request.send().await.map_err(fault)?;
        let (status, headers) = (response.status(), response.headers().clone());
        let mut answer = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(fault)? {
            if answer.len() + chunk.len() > MAX_ANSWER {
                return Err(Error::transport(
                    ErrorKind::UnexpectedResponse,
                    Some(operation),
                    "the answer is far too large",
                ));
            }
            answer.extend_from_slice(&chunk);
        }
        if status.is_success() {
            return Ok((status, headers, answer.freeze()));
        }
        Err(
            Error::from_response(Some(operation), status, headers, &answer, SystemTime::now())
                .without_secret(&token),
        )
    }
}

fn photo_request(user: &User, size: Option<Size>) -> Result<Request<Vec<u8>>, Error> {
    let id = encode_path("user-id", &user.id)?;
    let (operation, path) = match size {
        None => (&operations::USER_GET_PHOTO, format!("/users/{id}/photo")),
        Some(size) => (
            &operations::USER_GET_PHOTO_BY_SIZE,
            format!("/users/{id}/photos/{size}"),
        ),
    };
    RequestBuilder::new(Method::GET, path)
        .operation(operation)
        .build()
}

fn set<T>(results: &mut [Option<T>], index: usize, result: T) {
    if let Some(place) = results.get_mut(index) {
        *place = Some(result);
    }
}
