//! A plain HTTP client for tests: any method, any status, no retries.
#![allow(dead_code, reason = "each test binary uses its own part")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

use std::time::Duration;

use serde_json::Value;

/// An answer, read to its end.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: ureq::http::HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&self.body)))
    }

    /// Status and Graph's error code, `404 ImageNotFound`.
    pub(crate) fn refusal(&self) -> String {
        let json = self.json();
        let code = json["error"]["code"].as_str().expect("an error body");
        format!("{} {code}", self.status)
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map(|value| value.to_str().unwrap())
            .unwrap_or_default()
    }
}

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder()
        .http_status_as_error(false)
        .allow_non_standard_methods(true)
        .max_redirects(0)
        .timeout_global(Some(Duration::from_secs(60)))
        .build()
        .new_agent()
}

/// Sends a request as it is given, and fails only if there is no answer.
pub(crate) fn try_send(
    method: &str,
    url: &str,
    headers: &[(&str, &str)],
    body: Option<&[u8]>,
) -> Result<Answer, ureq::Error> {
    let mut request = ureq::http::Request::builder().method(method).uri(url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = match body {
        Some(body) => agent().run(request.body(body)?),
        None => agent().run(request.body(())?),
    }?;
    let (head, mut body) = response.into_parts();
    Ok(Answer {
        status: head.status.as_u16(),
        headers: head.headers,
        body: body.with_config().limit(200 << 20).read_to_vec()?,
    })
}

/// Sends with a token.
pub(crate) fn send(
    method: &str,
    url: &str,
    headers: &[(&str, &str)],
    body: Option<&[u8]>,
) -> Answer {
    let mut all = vec![("authorization", "Bearer test")];
    all.extend_from_slice(headers);
    try_send(method, url, &all, body).unwrap_or_else(|e| panic!("{method} {url}: {e}"))
}

pub(crate) fn get(url: &str) -> Answer {
    send("GET", url, &[], None)
}

pub(crate) fn put(url: &str, content_type: &str, body: &[u8]) -> Answer {
    send("PUT", url, &[("content-type", content_type)], Some(body))
}

/// Width and height of an image that decodes.
pub(crate) fn pixels(bytes: &[u8]) -> (u32, u32) {
    let image = image::load_from_memory(bytes).expect("an image that decodes");
    (image.width(), image.height())
}
