//! One line of JSON for each request, written by a thread of its own so that a slow disk delays no caller.

use std::io::{self, BufWriter, Write};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::time::{Duration, SystemTime};

use serde::Serialize;

use super::record::Record;

/// Lines that may wait; what comes beyond is lost rather than waited for.
const WAITING: usize = 4096;

/// How long the last lines may take when the gateway stops.
const LAST_LINES: Duration = Duration::from_secs(2);

/// Where lines go to be written.
#[derive(Clone, Debug)]
pub(crate) struct AccessLog {
    lines: SyncSender<Line>,
}

enum Line {
    Request(String),
    /// Answered when all before it is written.
    Flush(Sender<()>),
}

/// A line. Who asked for whose photo is not in it: no user, no address, no query, no token.
#[derive(Serialize)]
struct Entry<'a> {
    time: String,
    method: &'static str,
    version: &'static str,
    path: &'static str,
    status: u16,
    bytes: u64,
    ms: f64,
    client: &'a str,
    #[serde(rename = "requestId", skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
}

impl AccessLog {
    /// Starts the thread that writes.
    pub(crate) fn start(writer: Box<dyn Write + Send>) -> io::Result<Self> {
        let (lines, waiting) = sync_channel(WAITING);
        std::thread::Builder::new()
            .name("access-log".to_owned())
            .spawn(move || {
                // A log that cannot be written any more, on a full disk or a closed pipe, stops no service.
                let _ = write_all(&waiting, writer);
            })?;
        Ok(Self { lines })
    }

    pub(crate) fn write(&self, record: &Record, took: Duration) {
        let entry = Entry {
            time: humantime::format_rfc3339_millis(SystemTime::now()).to_string(),
            method: record.method,
            version: record.form.version,
            path: record.form.path,
            status: record.status,
            bytes: record.bytes,
            ms: (took.as_secs_f64() * 1e5).round() / 100.0,
            client: &record.client,
            request_id: record.request_id.as_ref().and_then(|id| id.to_str().ok()),
        };
        if let Ok(mut line) = serde_json::to_string(&entry) {
            line.push('\n');
            let _ = self.lines.try_send(Line::Request(line));
        }
    }

    /// Waits until what was logged is written.
    pub(crate) fn flush(&self) {
        let (done, is_done) = channel();
        if self.lines.send(Line::Flush(done)).is_ok() {
            let _ = is_done.recv_timeout(LAST_LINES);
        }
    }
}

fn write_all(waiting: &Receiver<Line>, writer: Box<dyn Write + Send>) -> io::Result<()> {
    let mut writer = BufWriter::new(writer);
    while let Ok(first) = waiting.recv() {
        let mut next = Some(first);
        while let Some(line) = next {
            match line {
                Line::Request(line) => writer.write_all(line.as_bytes())?,
                Line::Flush(done) => {
                    writer.flush()?;
                    let _ = done.send(());
                }
            }
            next = waiting.try_recv().ok();
        }
        writer.flush()?;
    }
    Ok(())
}
