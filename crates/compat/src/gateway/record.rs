//! What is kept of a request: enough to see which program to migrate next, and nothing of any person.

use std::sync::Arc;
use std::time::Instant;

use http::header::USER_AGENT;
use http::{HeaderMap, HeaderValue, Method, Response};

use super::access_log::AccessLog;
use super::graph::REQUEST_ID;
use super::metrics::Metrics;
use super::route::Form;

/// A request from its head to the last byte of its answer; written down when it is dropped.
pub(crate) struct Record {
    pub(crate) method: &'static str,
    pub(crate) form: Form,
    /// The program, by the first product of its User-Agent.
    pub(crate) client: Arc<str>,
    pub(crate) status: u16,
    /// Bytes of the answer's body.
    pub(crate) bytes: u64,
    /// Graph's id of the request, for the log.
    pub(crate) request_id: Option<HeaderValue>,
    started: Instant,
    metrics: Arc<Metrics>,
    log: Option<AccessLog>,
}

impl Record {
    /// Begins a record.
    pub(crate) fn start(
        method: &Method,
        headers: &HeaderMap,
        form: Form,
        metrics: &Arc<Metrics>,
        log: Option<&AccessLog>,
    ) -> Self {
        Self {
            method: method_name(method),
            form,
            client: metrics.client(product(headers)),
            status: 0,
            bytes: 0,
            request_id: None,
            started: Instant::now(),
            metrics: Arc::clone(metrics),
            log: log.cloned(),
        }
    }

    /// Notes what the head of the answer says.
    pub(crate) fn answered<B>(&mut self, response: &Response<B>) {
        self.status = response.status().as_u16();
        if self.log.is_some() {
            self.request_id = response.headers().get(&REQUEST_ID).cloned();
        }
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        let took = self.started.elapsed();
        self.metrics.finished(self, took);
        if let Some(log) = &self.log {
            log.write(self, took);
        }
    }
}

/// A name of one of a few: callers can make up methods.
fn method_name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::POST => "POST",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "OTHER",
    }
}

/// `node-outlook` of `node-outlook/1.1.8 (of adele)`: comments and versions can say who sits there.
fn product(headers: &HeaderMap) -> &str {
    let agent = headers
        .get(&USER_AGENT)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let end = agent
        .bytes()
        .position(|byte| !byte.is_ascii_alphanumeric() && !matches!(byte, b'-' | b'.' | b'_'))
        .unwrap_or(agent.len());
    match agent.get(..end) {
        Some(product) if (1..=40).contains(&product.len()) => product,
        _ => "unnamed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_its_first_product() {
        for (agent, name) in [
            ("node-outlook/1.1.8 (adele)", "node-outlook"),
            ("python-requests/2.32", "python-requests"),
            ("O365", "O365"),
            ("Mozilla/5.0 (X11)", "Mozilla"),
            ("(nobody)", "unnamed"),
            ("", "unnamed"),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(USER_AGENT, agent.parse().unwrap());
            assert_eq!(product(&headers), name);
        }
        assert_eq!(product(&HeaderMap::new()), "unnamed");
        let mut headers = HeaderMap::new();
        headers.insert(USER_AGENT, "x".repeat(41).parse().unwrap());
        assert_eq!(product(&headers), "unnamed");
    }
}
