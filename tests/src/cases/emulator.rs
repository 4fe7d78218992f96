//! Runs cases against the emulator: what it answers must be what the case says the service
//! answers.
//!
//! A call case is made through the async client; ids, dates and etags are the emulator's, so
//! values are compared by their shape: the same members at every level. An exchange case is sent
//! as it stands.

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use graph_photo_emulator::{Emulator, NoPhoto, PhotoId};
use graph_photo_model::operations::OPERATIONS;
use serde_json::Value;

use super::bytes_spec::BytesSpec;
use super::case::{CallCase, EmulatorSetup, ExchangeCase};
use super::clients::asynchronous;
use super::outcome::{Outcome, What};
use super::{socket, wire_check};

/// Stands for any value in an expected document.
const ANY: &str = "any";

/// Runs cases on emulators that it starts as needed.
///
/// Reading changes nothing and an upload does not depend on what was there, so cases of either
/// sort share an emulator. A deletion, and a fault that counts, has one of its own.
#[derive(Debug, Default)]
pub struct Runner {
    shared: HashMap<String, Arc<Emulator>>,
}

impl Runner {
    async fn emulator(&mut self, setup: &EmulatorSetup, method: &str) -> Result<Arc<Emulator>> {
        if method == "DELETE" || !setup.faults.is_empty() {
            return Ok(Arc::new(start(setup).await?));
        }
        let key = format!("{} {setup:?}", method == "GET");
        if let Some(emulator) = self.shared.get(&key) {
            return Ok(Arc::clone(emulator));
        }
        let emulator = Arc::new(start(setup).await?);
        self.shared.insert(key, Arc::clone(&emulator));
        Ok(emulator)
    }

    /// Makes the call of a case; what was different, or nothing.
    ///
    /// # Errors
    /// When the case itself is at fault.
    pub async fn call(&mut self, case: &CallCase) -> Result<Vec<String>> {
        let setup = case
            .emulator
            .as_ref()
            .context("the case is not the emulator's")?;
        let name = case
            .call
            .as_deref()
            .context("a case of the emulator calls an operation")?;
        let operation = OPERATIONS.iter().find(|operation| operation.name == name);
        let emulator = self
            .emulator(setup, operation.context("no such operation")?.method)
            .await?;
        call(case, &emulator).await
    }

    /// Sends the request of a case as it stands; what was different, or nothing.
    ///
    /// # Errors
    /// When the case itself is at fault or the connection breaks.
    pub async fn exchange(&mut self, case: &ExchangeCase) -> Result<Vec<String>> {
        let emulator = self.emulator(&case.emulator, &case.request.method).await?;
        exchange(case, &emulator).await
    }
}

async fn start(setup: &EmulatorSetup) -> Result<Emulator> {
    let mut builder = Emulator::builder();
    match setup.no_photo.as_deref() {
        None | Some("404") => {}
        Some("placeholder") => builder = builder.no_photo(NoPhoto::Placeholder),
        Some(other) => bail!("no_photo is {other:?}, not 404 or placeholder"),
    }
    match setup.photo_id.as_deref() {
        None | Some("default") => {}
        Some("size") => builder = builder.photo_id(PhotoId::Size),
        Some(other) => bail!("photo_id is {other:?}, not default or size"),
    }
    for fault in &setup.faults {
        builder = builder.fault(fault.parse()?);
    }
    builder.start().await.context("starting the emulator")
}

async fn call(case: &CallCase, emulator: &Emulator) -> Result<Vec<String>> {
    let gives = case
        .gives
        .as_ref()
        .context("a case of the emulator says what a call gives")?;
    let client = asynchronous::client(&format!("{}/{}", emulator.root_url(), case.api.as_str()))?;
    let outcome = asynchronous::call_operation(&client, case).await?;
    let status = case.answer.as_slice().last().map(|answer| answer.status);
    let mut differences = Vec::new();
    let mut differ = |what: &str, expected: String, found: String| {
        if expected != found {
            differences.push(format!("{what}: expected {expected}, found {found}"));
        }
    };
    match (&outcome, &gives.error) {
        (Outcome::Error(failure), Some(expected)) => {
            differ("kind", expected.kind.clone(), failure.kind.clone());
            differ(
                "status",
                format!("{status:?}"),
                format!("{:?}", failure.status),
            );
            differ(
                "code",
                format!("{:?}", expected.code),
                format!("{:?}", failure.code),
            );
            if expected.message.is_some() {
                differ(
                    "message",
                    format!("{:?}", expected.message),
                    format!("{:?}", failure.message),
                );
            }
            differ(
                "retry after",
                format!("{:?}", expected.retry_after),
                format!("{:?}", failure.retry_after),
            );
            // A proxy's page has no ids; where the service answers, the case has some.
            if expected.request_id.is_some() && failure.request_id.is_none() {
                differ("request id", "some".to_owned(), "none".to_owned());
            }
        }
        (
            Outcome::Value {
                status: found,
                value,
                ..
            },
            None,
        ) => {
            differ("status", format!("{status:?}"), format!("{found:?}"));
            match (value, &gives.metadata, &gives.list, &gives.photo) {
                (What::Metadata(found, _), Some(expected), _, _)
                | (What::List(found), _, Some(expected), _) => {
                    differ("shape", shape(expected), shape(found));
                }
                (
                    What::Photo {
                        content_type,
                        bytes,
                        ..
                    },
                    _,
                    _,
                    Some(expected),
                ) => {
                    differ(
                        "content type",
                        format!("{:?}", expected.content_type),
                        format!("{content_type:?}"),
                    );
                    differ(
                        "an empty photo",
                        "false".to_owned(),
                        bytes.is_empty().to_string(),
                    );
                }
                (What::Done, _, _, _) if gives.done => {}
                (found, _, _, _) => differ("outcome", format!("{gives:?}"), format!("{found:?}")),
            }
        }
        (found, _) => differ("outcome", format!("{gives:?}"), format!("{found:?}")),
    }
    Ok(differences)
}

/// The members of a document without their values; of a list the first item stands for all.
fn shape(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let members: Vec<String> = members
                .iter()
                .map(|(key, value)| format!("{key}: {}", shape(value)))
                .collect();
            format!("{{{}}}", members.join(", "))
        }
        Value::Array(items) => format!("[{}]", items.first().map(shape).unwrap_or_default()),
        Value::String(_) => "text".to_owned(),
        Value::Number(_) => "number".to_owned(),
        Value::Bool(_) => "flag".to_owned(),
        Value::Null => "null".to_owned(),
    }
}

async fn exchange(case: &ExchangeCase, emulator: &Emulator) -> Result<Vec<String>> {
    let request = &case.request;
    let body = request.body.as_ref().map(BytesSpec::bytes).transpose()?;
    let mut bytes = format!(
        "{} {} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n",
        request.method,
        request.target,
        emulator.address()
    )
    .into_bytes();
    let mut headers = request.headers.clone();
    headers
        .entry("authorization".to_owned())
        .or_insert_with(|| format!("Bearer {}", wire_check::TOKEN));
    if let Some(body) = &body {
        headers.insert("content-length".to_owned(), body.len().to_string());
    }
    for (name, value) in headers {
        bytes.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
    }
    bytes.extend_from_slice(b"\r\n");
    bytes.extend(body.unwrap_or_default());
    let address = emulator.address();
    let (head, body) =
        tokio::task::spawn_blocking(move || socket::exchange(address, &bytes)).await??;

    let mut differences = Vec::new();
    let expected = &case.answers;
    let status = head.request_line().split(' ').nth(1).unwrap_or_default();
    if status != expected.status.to_string() {
        let body = String::from_utf8_lossy(&body);
        differences.push(format!(
            "status: expected {}, found {status}: {body:.300}",
            expected.status
        ));
    }
    let media_type = head.header("content-type").map(|value| {
        value
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_owned()
    });
    if media_type != expected.content_type {
        differences.push(format!(
            "content type: expected {:?}, found {media_type:?}",
            expected.content_type
        ));
    }
    for name in &expected.has_headers {
        if head.header(name).is_none() {
            differences.push(format!("the header {name} is missing"));
        }
    }
    if let Some(expected) = &expected.json {
        match serde_json::from_slice::<Value>(&body) {
            Ok(found) => compare("", expected, &found, &mut differences),
            Err(error) => differences.push(format!("the body is not JSON: {error}")),
        }
    }
    Ok(differences)
}

/// The items of a list; those that have ids, as answers within a batch do, in the order of these.
fn in_order(items: &[Value]) -> Vec<&Value> {
    let mut items: Vec<&Value> = items.iter().collect();
    items.sort_by_key(|item| item.get("id").map(Value::to_string));
    items
}

/// Compares documents member by member; `any` stands for any value.
fn compare(at: &str, expected: &Value, found: &Value, differences: &mut Vec<String>) {
    match (expected, found) {
        (Value::String(any), _) if any == ANY => {}
        (Value::Object(expected), Value::Object(found)) => {
            for (key, value) in expected {
                match found.get(key) {
                    Some(found) => compare(&format!("{at}/{key}"), value, found, differences),
                    None => differences.push(format!("{at}/{key} is missing")),
                }
            }
            for key in found.keys().filter(|key| !expected.contains_key(*key)) {
                differences.push(format!("{at}/{key} is not expected"));
            }
        }
        (Value::Array(expected), Value::Array(found)) if expected.len() == found.len() => {
            let (expected, found) = (in_order(expected), in_order(found));
            for (index, (expected, found)) in expected.into_iter().zip(found).enumerate() {
                compare(&format!("{at}/{index}"), expected, found, differences);
            }
        }
        (expected, found) if expected == found => {}
        (expected, found) => differences.push(format!("{at}: expected {expected}, found {found}")),
    }
}
