//! Runs legacy calls over HTTP against the gateway, on a raw server in Graph's place.

use std::future::pending;

use anyhow::{Context as _, Result};
use graph_photo::retry::Policy;
use graph_photo_compat::gateway::Gateway;
use http::Method;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use serde_json::Value;

use super::bytes_spec::BytesSpec;
use super::case::{Answer, LegacyCallCase};
use super::socket::{Socket, answer_bytes};
use super::wire_check::{self, TOKEN};
use crate::http_client;

/// A gateway, and the server behind it.
#[derive(Debug)]
pub struct Runner {
    socket: Socket,
    url: String,
    client: reqwest::Client,
}

impl Runner {
    /// Starts both; they live as long as the runtime.
    ///
    /// # Errors
    /// When no port is free.
    pub fn start() -> Result<Self> {
        let socket = Socket::open()?;
        let server = Gateway::builder()
            .graph(socket.base_url("").trim_end_matches('/'))
            .retry(Policy::NEVER)
            .bind()?;
        let url = server.url();
        tokio::spawn(server.run_until(pending()));
        Ok(Self {
            socket,
            url,
            client: http_client::client(None)?,
        })
    }

    /// Runs a case; what was different, or nothing.
    ///
    /// # Errors
    /// When the case itself is at fault, or the gateway does not answer.
    pub async fn run(&self, case: &LegacyCallCase) -> Result<Vec<String>> {
        let answers: Vec<Vec<u8>> = case
            .answer
            .as_slice()
            .iter()
            .map(answer_bytes)
            .collect::<Result<_>>()?;
        self.socket.load(answers);
        let method = Method::from_bytes(case.legacy.method.as_bytes())?;
        let mut request = self
            .client
            .request(method, format!("{}{}", self.url, case.legacy.target))
            .header(AUTHORIZATION, format!("Bearer {TOKEN}"));
        for (name, value) in &case.legacy.headers {
            request = request.header(name, value);
        }
        if let Some(body) = &case.legacy.body {
            request = request.body(body.bytes()?);
        }
        let answer = request.send().await?;
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let content_type = headers
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok());
        let body = answer.bytes().await?;

        let mut differences =
            wire_check::differences(case.sends.as_slice(), &self.socket.requests())?;
        let expected = &case.returns;
        if status != expected.status {
            differences.push(format!(
                "status: expected {}, found {status}: {:.300}",
                expected.status,
                String::from_utf8_lossy(&body)
            ));
        }
        differences.extend(differs_in_type(expected, content_type));
        differences.extend(differs_in_body(expected, &body)?);
        if status >= 400 {
            differences.extend(is_no_error(&body));
        }
        Ok(differences)
    }
}

/// The legacy service put its OData parameters behind the media type of its documents.
fn differs_in_type(expected: &Answer, found: Option<&str>) -> Option<String> {
    let expected = expected.headers.get("content-type")?;
    let media_type = found.map(|found| found.split(';').next().unwrap_or_default());
    (media_type != Some(expected))
        .then(|| format!("content type: expected {expected}, found {found:?}"))
}

/// The members of the case as they are; beyond them the gateway may say what document it is.
fn differs_in_body(expected: &Answer, found: &[u8]) -> Result<Option<String>> {
    match &expected.body {
        None => Ok(None),
        Some(BytesSpec::Json(expected)) => {
            let mut found: Value = serde_json::from_slice(found)
                .with_context(|| String::from_utf8_lossy(found).into_owned())?;
            if let Some(members) = found.as_object_mut()
                && expected.get("@odata.context").is_none()
            {
                let context = members.remove("@odata.context");
                let context = context.as_ref().and_then(Value::as_str);
                if context.is_some_and(|url| !url.starts_with("https://outlook.office.com/api/")) {
                    return Ok(Some(format!("context: {context:?}")));
                }
            }
            Ok((found != *expected).then(|| format!("body: expected {expected}, found {found}")))
        }
        Some(expected) => Ok((expected.bytes()? != found)
            .then(|| format!("body: found {} other bytes", found.len()))),
    }
}

/// Errors have the legacy shape, whatever came from Graph.
fn is_no_error(body: &[u8]) -> Option<String> {
    let document: Value = serde_json::from_slice(body).unwrap_or_default();
    let text = |name: &str| {
        document
            .pointer(name)
            .and_then(Value::as_str)
            .is_some_and(|text| !text.is_empty())
    };
    (!text("/error/code") || !text("/error/message")).then(|| {
        format!(
            "no error of the legacy API: {}",
            String::from_utf8_lossy(body)
        )
    })
}
