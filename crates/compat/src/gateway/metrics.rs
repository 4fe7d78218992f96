//! Counts per legacy program and form of request, in Prometheus' text format.

use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::record::Record;
use super::route::Form;

/// Programs told apart; the rest count together, so that made-up names fill no memory.
const MAX_CLIENTS: usize = 100;
/// Rows told apart, for the same reason.
const MAX_ROWS: usize = 5_000;
/// Where what is beyond these bounds is counted.
const OVERFLOW: &str = "other";

/// What was counted so far.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    clients: HashSet<Arc<str>>,
    rows: BTreeMap<Row, Sums>,
    running: i64,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Row {
    client: Arc<str>,
    version: &'static str,
    path: &'static str,
    method: &'static str,
    status: u16,
}

#[derive(Debug, Default)]
struct Sums {
    requests: u64,
    seconds: f64,
    bytes: u64,
}

impl Metrics {
    /// The name that a program is counted under, as a request of it begins.
    pub(crate) fn client(&self, name: &str) -> Arc<str> {
        let mut state = self.state();
        state.running += 1;
        if let Some(known) = state.clients.get(name) {
            return Arc::clone(known);
        }
        let name = if state.clients.len() < MAX_CLIENTS {
            name
        } else {
            OVERFLOW
        };
        let name: Arc<str> = name.into();
        state.clients.insert(Arc::clone(&name));
        name
    }

    /// Counts a request that is over.
    pub(crate) fn finished(&self, record: &Record, took: Duration) {
        let Form { version, path } = record.form;
        let mut row = Row {
            client: Arc::clone(&record.client),
            version,
            path,
            method: record.method,
            status: record.status,
        };
        let mut state = self.state();
        state.running -= 1;
        if state.rows.len() >= MAX_ROWS && !state.rows.contains_key(&row) {
            row = Row {
                client: OVERFLOW.into(),
                version: OVERFLOW,
                path: OVERFLOW,
                method: OVERFLOW,
                status: 0,
            };
        }
        let sums = state.rows.entry(row).or_default();
        sums.requests += 1;
        sums.seconds += took.as_secs_f64();
        sums.bytes += record.bytes;
    }

    /// All of it as text.
    pub(crate) fn text(&self) -> String {
        let state = self.state();
        let mut out = String::new();
        family(
            &mut out,
            &state,
            "requests_total",
            "Requests of legacy callers, by program, form, method and status.",
            |sums| sums.requests.to_string(),
        );
        family(
            &mut out,
            &state,
            "seconds_total",
            "Time from a request's head to the last byte of its answer.",
            |sums| format!("{:.6}", sums.seconds),
        );
        family(
            &mut out,
            &state,
            "response_bytes_total",
            "Bytes of answers' bodies.",
            |sums| sums.bytes.to_string(),
        );
        let _ = write!(
            out,
            "# HELP graph_photo_gateway_running Requests that are being answered.\n\
             # TYPE graph_photo_gateway_running gauge\n\
             graph_photo_gateway_running {}\n",
            state.running
        );
        out
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn family(
    out: &mut String,
    state: &State,
    name: &str,
    help: &str,
    value: impl Fn(&Sums) -> String,
) {
    // Writing to a string cannot fail. Names of programs hold nothing that would have to be escaped.
    let _ = write!(
        out,
        "# HELP graph_photo_gateway_{name} {help}\n# TYPE graph_photo_gateway_{name} counter\n"
    );
    for (row, sums) in &state.rows {
        let Row {
            client,
            version,
            path,
            method,
            status,
        } = row;
        let _ = writeln!(
            out,
            "graph_photo_gateway_{name}{{client=\"{client}\",version=\"{version}\",path=\"{path}\",method=\"{method}\",status=\"{status}\"}} {}",
            value(sums)
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn made_up_names_are_counted_together() {
        let metrics = Metrics::default();
        for number in 0..1_000 {
            metrics.client(&format!("program-{number}"));
        }
        let state = metrics.state();
        assert_eq!(state.clients.len(), MAX_CLIENTS + 1);
        assert!(state.clients.contains(OVERFLOW));
    }
}
