//! The token endpoint of a tenant, for the grants that need no library: [`super::device_code`] and
//! [`super::client_secret`].

use std::time::Duration;

use anyhow::Context as _;
use graph_photo_model::{BaseUrl, Cloud};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::exit::NotAuthorised;
use crate::http_client;

/// Where a tenant signs in.
#[derive(Clone)]
pub(super) struct Authority {
    /// Of the tenant, without a slash at the end.
    url: String,
}

/// Tokens, or why there are none yet.
#[derive(Deserialize)]
pub(super) struct Answer {
    access_token: Option<String>,
    refresh_token: Option<String>,
    expires_in: Option<u64>,
    pub(super) error: Option<String>,
    error_description: Option<String>,
}

/// The tokens of whoever signed in.
pub(crate) struct Granted {
    pub(crate) access_token: String,
    pub(crate) refresh_token: Option<String>,
    pub(crate) lifetime: Duration,
}

impl Authority {
    /// The tenant's place below the login server of its cloud, or below `host`.
    pub(super) fn new(cloud: Cloud, host: Option<&str>, tenant: &str) -> anyhow::Result<Authority> {
        // http only to this machine, as for Graph itself.
        let root =
            BaseUrl::parse(host.unwrap_or(cloud.login_root())).context("AZURE_AUTHORITY_HOST")?;
        if !tenant
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.')
        {
            return Err(NotAuthorised("--tenant is neither a domain nor an id".to_owned()).into());
        }
        Ok(Authority {
            url: root.join(&format!("/{tenant}")),
        })
    }

    pub(super) async fn post<T: DeserializeOwned>(
        &self,
        endpoint: &str,
        form: &[(&str, &str)],
    ) -> anyhow::Result<T> {
        let body: Vec<String> = form
            .iter()
            .map(|(name, value)| format!("{name}={}", encode(value)))
            .collect();
        let response = http_client::build()?
            .post(format!("{}/oauth2/v2.0/{endpoint}", self.url))
            .header(
                http::header::CONTENT_TYPE,
                "application/x-www-form-urlencoded",
            )
            .body(body.join("&"))
            .send()
            .await
            .map_err(reqwest::Error::without_url)
            .context("signing in")?;
        let status = response.status();
        let text = response
            .bytes()
            .await
            .map_err(reqwest::Error::without_url)
            .context("signing in")?;
        serde_json::from_slice(&text).map_err(|_| {
            // A refusal before the code is shaped like one after it.
            let why = serde_json::from_slice::<Answer>(&text)
                .ok()
                .map(Answer::refusal);
            NotAuthorised(why.unwrap_or_else(|| {
                format!("signing in: the server answered {status} and no JSON that is known")
            }))
            .into()
        })
    }
}

impl Answer {
    pub(super) fn tokens(self) -> anyhow::Result<Granted> {
        let lifetime = Duration::from_secs(self.expires_in.unwrap_or(3600));
        match self.access_token {
            Some(access_token) => Ok(Granted {
                access_token,
                refresh_token: self.refresh_token,
                lifetime,
            }),
            None => Err(NotAuthorised(self.refusal()).into()),
        }
    }

    fn refusal(self) -> String {
        let what = match self.error.as_deref() {
            Some("authorization_declined" | "access_denied") => "it was declined".to_owned(),
            Some("expired_token") => "the code expired".to_owned(),
            Some(error) => error.to_owned(),
            None => "no token came".to_owned(),
        };
        // The first line says why; the others are ids and times.
        let why = self.error_description.unwrap_or_default();
        let why = why.lines().next().unwrap_or_default();
        let colon = if why.is_empty() { "" } else { ": " };
        format!("signing in: {what}{colon}{why}")
    }
}

fn encode(value: &str) -> percent_encoding::PercentEncode<'_> {
    percent_encoding::utf8_percent_encode(value, percent_encoding::NON_ALPHANUMERIC)
}
