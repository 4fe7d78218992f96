//! Whether the requests that arrived are those of the case, header by header and byte by byte.

use std::collections::BTreeMap;

use anyhow::Result;
use serde_json::Value;

use super::bytes_spec::BytesSpec;
use super::case::Sends;
use crate::wire::Recorded;

/// The token of every case.
pub const TOKEN: &str = "case-token";

/// Headers that differ between clients, or only name the server.
const NOT_COMPARED: [&str; 2] = ["host", "user-agent"];

/// What is different; nothing if all is right.
///
/// # Errors
/// When a body of the case is not written down properly.
pub fn differences(expected: &[Sends], found: &[Recorded]) -> Result<Vec<String>> {
    let mut differences = Vec::new();
    if expected.len() != found.len() {
        let lines: Vec<&str> = found.iter().map(Recorded::request_line).collect();
        differences.push(format!(
            "expected {} requests, found {lines:?}",
            expected.len()
        ));
    }
    for (sends, recorded) in expected.iter().zip(found) {
        let line = format!("{} {} HTTP/1.1", sends.method, sends.target);
        if line != recorded.request_line() {
            differences.push(format!(
                "request line: expected {line:?}, found {:?}",
                recorded.request_line()
            ));
        }
        let body = match &sends.body {
            // How a client spaces and orders JSON is its own affair.
            Some(BytesSpec::Json(json)) if same_json(json, &recorded.body) => {
                Some(recorded.body.clone())
            }
            body => body.as_ref().map(BytesSpec::bytes).transpose()?,
        };
        let mut headers = sends.headers.clone();
        headers.insert("authorization".to_owned(), format!("Bearer {TOKEN}"));
        if let Some(body) = &body {
            headers.insert("content-length".to_owned(), body.len().to_string());
        }
        let sent = sent_headers(recorded);
        if headers != sent {
            differences.push(format!("headers: expected {headers:?}, found {sent:?}"));
        }
        let body = body.unwrap_or_default();
        if body != recorded.body {
            differences.push(format!(
                "body: expected {} bytes, found {} others: {:.600}",
                body.len(),
                recorded.body.len(),
                String::from_utf8_lossy(&recorded.body)
            ));
        }
    }
    Ok(differences)
}

fn same_json(expected: &Value, found: &[u8]) -> bool {
    serde_json::from_slice::<Value>(found).is_ok_and(|found| found == *expected)
}

/// The headers by name in lower case; a repeated one has its values joined, as none is expected to.
fn sent_headers(recorded: &Recorded) -> BTreeMap<String, String> {
    let mut headers = BTreeMap::new();
    for line in recorded.head.lines().skip(1) {
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        let name = name.to_ascii_lowercase();
        if !NOT_COMPARED.contains(&name.as_str()) {
            headers
                .entry(name)
                .and_modify(|values: &mut String| *values = format!("{values}, {}", value.trim()))
                .or_insert_with(|| value.trim().to_owned());
        }
    }
    headers
}
