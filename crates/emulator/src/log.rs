//! The request log: a ring that forgets the oldest requests.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

/// A request that the emulator answered, or left unanswered on purpose.
///
/// Nothing of a bearer token is kept: `Authorization` reads `Bearer ***`.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RecordedRequest {
    /// Counts up from 1 over the life of the emulator.
    pub number: u64,
    /// When the request line and headers had arrived.
    pub time: SystemTime,
    /// From then until the answer was ready to be sent.
    pub duration: Duration,
    /// `GET`, `PUT` and so on.
    pub method: String,
    /// The path and query as they stood in the request line.
    pub target: String,
    /// The operation's name, such as `me_get_photo`, or empty when the path or
    /// the method meant nothing.
    pub operation: String,
    /// The status of the answer; 0 when the connection was closed instead.
    pub status: u16,
    /// Graph's error code, or empty.
    pub code: String,
    /// The `request-id` of the answer.
    pub request_id: String,
    /// Bytes of the request's body.
    pub request_bytes: u64,
    /// CRC-32 of the request's body, to tell one upload from another.
    pub request_checksum: u32,
    /// Bytes of the answer's body.
    pub response_bytes: u64,
    /// The kind of the fault that was injected, such as `status`, or empty.
    pub fault: String,
    /// The item's id, for a request that came within a `$batch`, or empty.
    pub batch_id: String,
    headers: String,
}

impl RecordedRequest {
    /// The value of a request header, in any case; the first, if it was sent
    /// more than once.
    ///
    /// Long headers are cut: the log keeps about 4 KB of them per request.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers()
            .find(|(n, _)| n.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    /// The request's headers, in the order of arrival, names in lower case.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.headers
            .lines()
            .filter_map(|line| line.split_once(": "))
    }

    /// The path, version included, as it was sent; without the query.
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    fn weight(&self) -> usize {
        256 + self.target.len() + self.headers.len() + self.operation.len()
    }

    pub(crate) fn to_json(&self) -> Value {
        let headers: serde_json::Map<String, Value> = self
            .headers()
            .map(|(name, value)| (name.to_owned(), value.into()))
            .collect();
        json!({
            "number": self.number,
            "time": humantime::format_rfc3339_millis(self.time).to_string(),
            "durationMs": self.duration.as_secs_f64() * 1000.0,
            "method": self.method,
            "target": self.target,
            "operation": self.operation,
            "status": self.status,
            "code": self.code,
            "requestId": self.request_id,
            "requestBytes": self.request_bytes,
            "requestChecksum": format!("{:08X}", self.request_checksum),
            "responseBytes": self.response_bytes,
            "fault": self.fault,
            "batchId": self.batch_id,
            "headers": headers,
        })
    }
}

/// A request before its answer is known.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) record: RecordedRequest,
    started: std::time::Instant,
}

/// What is kept of one request's headers and of its target, in bytes.
const MAX_HEADERS: usize = 4096;
const MAX_TARGET: usize = 4096;

impl Entry {
    pub(crate) fn new(method: &str, target: &str, headers: &http::HeaderMap) -> Entry {
        let mut text = String::new();
        for (name, value) in headers {
            let value = if name == http::header::AUTHORIZATION {
                redacted(value.as_bytes())
            } else {
                String::from_utf8_lossy(value.as_bytes())
            };
            if text.len() + name.as_str().len() + value.len() > MAX_HEADERS {
                break;
            }
            text.push_str(name.as_str());
            text.push_str(": ");
            text.push_str(&value);
            text.push('\n');
        }
        Entry {
            started: std::time::Instant::now(),
            record: RecordedRequest {
                number: 0,
                time: SystemTime::now(),
                duration: Duration::ZERO,
                method: method.to_owned(),
                target: target.chars().take(MAX_TARGET).collect(),
                operation: String::new(),
                status: 0,
                code: String::new(),
                request_id: String::new(),
                request_bytes: 0,
                request_checksum: 0,
                response_bytes: 0,
                fault: String::new(),
                batch_id: String::new(),
                headers: text,
            },
        }
    }
}

/// Keeps the scheme, so that a test can see that there was one.
fn redacted(value: &[u8]) -> std::borrow::Cow<'static, str> {
    match value.get(..7) {
        Some(scheme) if scheme.eq_ignore_ascii_case(b"bearer ") => "Bearer ***".into(),
        _ => "***".into(),
    }
}

/// The ring.
#[derive(Debug)]
pub(crate) struct RequestLog {
    capacity: usize,
    ring: Mutex<Ring>,
}

#[derive(Debug, Default)]
struct Ring {
    entries: VecDeque<RecordedRequest>,
    weight: usize,
    count: u64,
}

/// Whatever the requests look like, the log stays under this, in bytes.
const MAX_WEIGHT: usize = 32 * 1024 * 1024;

impl RequestLog {
    pub(crate) fn new(capacity: usize) -> RequestLog {
        RequestLog {
            capacity,
            ring: Mutex::default(),
        }
    }

    fn ring(&self) -> std::sync::MutexGuard<'_, Ring> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn push(&self, entry: Entry) {
        let mut record = entry.record;
        record.duration = entry.started.elapsed();
        let mut ring = self.ring();
        ring.count += 1;
        record.number = ring.count;
        ring.weight += record.weight();
        ring.entries.push_back(record);
        while ring.entries.len() > self.capacity || ring.weight > MAX_WEIGHT {
            match ring.entries.pop_front() {
                Some(oldest) => ring.weight -= oldest.weight(),
                None => break,
            }
        }
    }

    /// The requests kept whose number is above `after`, oldest first.
    pub(crate) fn after(&self, after: u64) -> Vec<RecordedRequest> {
        let ring = self.ring();
        let kept = ring.entries.iter().filter(|r| r.number > after);
        kept.cloned().collect()
    }

    /// How many requests there were, those forgotten included.
    pub(crate) fn count(&self) -> u64 {
        self.ring().count
    }

    pub(crate) fn clear(&self) {
        let mut ring = self.ring();
        ring.entries.clear();
        ring.weight = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ring_forgets_the_oldest_and_keeps_no_token() {
        let log = RequestLog::new(3);
        let mut headers = http::HeaderMap::new();
        headers.insert("authorization", "Bearer sentinel".parse().unwrap());
        for n in 0..5 {
            log.push(Entry::new("GET", &format!("/{n}"), &headers));
        }
        let kept: Vec<_> = log.after(0).iter().map(|r| r.number).collect();
        assert_eq!(kept, [3, 4, 5]);
        assert_eq!(log.count(), 5);
        let all = format!("{:?}", log.after(0));
        assert!(!all.contains("sentinel"), "{all}");
        assert_eq!(log.after(4)[0].header("Authorization"), Some("Bearer ***"));
    }
}
