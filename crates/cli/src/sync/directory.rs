//! All users of the tenant, page by page: the one request that is no photo operation.

use std::sync::Arc;
use std::time::SystemTime;

use bytes::{Bytes, BytesMut};
use graph_photo::{Error, ErrorKind};
use graph_photo_model::operation::Operation;
use graph_photo_model::{BaseUrl, BearerToken};
use http::header::{ACCEPT, AUTHORIZATION};
use serde::Deserialize;

use crate::auth::TokenSource;
use crate::http_client;
use crate::sync::pace::{Pace, Stopped};
use crate::sync::users::{self, User};

/// A page of 999 users is far below.
const MAX_ANSWER: usize = 16 * 1024 * 1024;

/// `GET /users`; its permissions are on Microsoft's page about listing users.
static LIST_USERS: Operation = Operation::new("list_users", "GET", "/users").with_reference(
    None,
    Some("https://learn.microsoft.com/graph/api/user-list"),
);

/// Graph's list of users.
pub(crate) struct Directory {
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

/// A successful answer, and the token it was asked for with.
struct Answer {
    status: http::StatusCode,
    headers: http::HeaderMap,
    body: Bytes,
    token: BearerToken,
}

impl Answer {
    /// What is wrong with the answer, with its head; no error repeats the token.
    fn refused(self, error: Error) -> Error {
        error
            .with_operation(&LIST_USERS)
            .with_head(self.status, self.headers)
            .without_secret(self.token.secret())
    }
}

impl Directory {
    pub(crate) fn new(
        base_url: BaseUrl,
        token: TokenSource,
        pace: Arc<Pace>,
    ) -> anyhow::Result<Directory> {
        let http = http_client::build()?;
        Ok(Directory {
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
        let answer = self.pace.call(|| self.send(page)).await;
        let answer = match answer {
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
        let page: Page = match serde_json::from_slice(&answer.body) {
            Ok(page) => page,
            Err(error) => {
                let (status, headers) = (answer.status, answer.headers.clone());
                let error = Error::decode(&LIST_USERS, status, headers, &answer.body, error);
                return Err(answer.refused(error).into());
            }
        };
        let next = match page
            .next
            .as_deref()
            .map(|link| self.base_url.relative(link))
        {
            None => None,
            Some(Some(next)) => Some(next.to_owned()),
            // The token goes to no place that an answer names.
            Some(None) => {
                let what = "the link to the next page leads to another server";
                let error = Error::local(ErrorKind::UnexpectedResponse, what);
                return Err(answer.refused(error).into());
            }
        };
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

    /// Asks for one page, once.
    async fn send(&self, path_and_query: &str) -> Result<Answer, Error> {
        let token = self.token.current().await.map_err(|error| {
            Error::local(ErrorKind::Unauthorized, format!("no token: {error:#}"))
        })?;
        let token = BearerToken::new(&token)?;
        let request = self
            .http
            .get(self.base_url.join(path_and_query))
            .header(ACCEPT, "application/json")
            .header(AUTHORIZATION, token.header_value());
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
            Error::transport(kind, Some(&LIST_USERS), error.without_url())
        };
        let mut response = request.send().await.map_err(fault)?;
        let (status, headers) = (response.status(), response.headers().clone());
        let mut answer = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(fault)? {
            if answer.len() + chunk.len() > MAX_ANSWER {
                return Err(Error::transport(
                    ErrorKind::UnexpectedResponse,
                    Some(&LIST_USERS),
                    "the answer is far too large",
                ));
            }
            answer.extend_from_slice(&chunk);
        }
        if status.is_success() {
            return Ok(Answer {
                status,
                headers,
                body: answer.freeze(),
                token,
            });
        }
        Err(Error::from_response(
            Some(&LIST_USERS),
            status,
            headers,
            &answer,
            SystemTime::now(),
        )
        .without_secret(token.secret()))
    }
}
