//! Runs the command and writes down all that a user would see.

#![allow(dead_code, reason = "not every test needs everything")]
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

pub(crate) mod peak;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use graph_photo_emulator::blocking::Emulator;

/// The command with nothing of the surroundings but what a test sets.
pub(crate) fn command(directory: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_graph-photo"));
    command.current_dir(directory).stdin(Stdio::null());
    for (name, _) in std::env::vars_os() {
        let shown = name.to_string_lossy();
        let ours = ["GRAPH_PHOTO", "AZURE_", "IDENTITY_"];
        if ours.iter().any(|start| shown.starts_with(start)) {
            command.env_remove(name);
        }
    }
    for proxy in [
        "HTTP_PROXY",
        "http_proxy",
        "HTTPS_PROXY",
        "https_proxy",
        "ALL_PROXY",
        "all_proxy",
    ] {
        command.env_remove(proxy);
    }
    // What `show` draws with depends on these, and how help is wrapped.
    command
        .env("TERM", "xterm")
        .env("COLORTERM", "truecolor")
        .env("NO_COLOR", "1");
    command.env_remove("COLUMNS");
    command
}

/// The lines of a users file, for the emulator's synthetic users.
pub(crate) fn list(users: u64) -> String {
    (0..users)
        .map(|n| format!("user{n:07}@synthetic.contoso.com\n"))
        .collect()
}

/// An emulator with so many users besides the demo tenant, 30 % of them without a photo.
pub(crate) fn synthetic(users: u64) -> Emulator {
    let builder = graph_photo_emulator::Emulator::builder().synthetic_users(users, 30);
    Emulator::start_with(builder).unwrap()
}

/// The photos of a folder, without what is ours.
pub(crate) fn tree(directory: &Path) -> BTreeMap<String, Vec<u8>> {
    std::fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_name() != ".graph-photo")
        .map(|entry| {
            (
                entry.file_name().into_string().unwrap(),
                std::fs::read(entry.path()).unwrap(),
            )
        })
        .collect()
}

/// How many photos of a folder there are by now.
pub(crate) fn photos_in(directory: &Path) -> usize {
    std::fs::read_dir(directory).map_or(0, |entries| {
        entries
            .filter(|entry| {
                let name = entry.as_ref().map(std::fs::DirEntry::file_name);
                name.is_ok_and(|name| name != ".graph-photo")
            })
            .count()
    })
}

/// The summary that `sync --json` ended with.
pub(crate) fn summary(stdout: &[u8]) -> serde_json::Value {
    let text = std::str::from_utf8(stdout).unwrap();
    let last: serde_json::Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
    last["summary"].clone()
}

/// Starts a command line and does not wait for it.
pub(crate) fn start(session: &Session, line: &str) -> Child {
    command(session.directory.path())
        .args(line.split_whitespace())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// A place to run commands in, and what to leave out of their output.
pub(crate) struct Session {
    pub(crate) directory: tempfile::TempDir,
    hidden: Vec<(String, String)>,
    transcript: String,
}

impl Session {
    pub(crate) fn new() -> Session {
        let directory = tempfile::tempdir().unwrap();
        let hidden = vec![(directory.path().display().to_string(), "DIR".to_owned())];
        Session {
            directory,
            hidden,
            transcript: String::new(),
        }
    }

    /// Shows `name` in place of a text that differs from run to run.
    pub(crate) fn hide(&mut self, text: impl Into<String>, name: &str) -> &mut Session {
        self.hidden.push((text.into(), name.to_owned()));
        self
    }

    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> &Session {
        std::fs::write(self.directory.path().join(name), content).unwrap();
        self
    }

    /// Runs a command line and adds it to the transcript.
    pub(crate) fn run(&mut self, line: &str) -> Output {
        self.run_with(line, &[], None)
    }

    /// Runs a command line with variables and with bytes on stdin.
    pub(crate) fn run_with(
        &mut self,
        line: &str,
        variables: &[(&str, &str)],
        stdin: Option<&[u8]>,
    ) -> Output {
        let mut command = command(self.directory.path());
        // Quotes are enough of a shell here.
        let mut words = Vec::new();
        for (index, part) in line.split('\'').enumerate() {
            if index % 2 == 1 {
                words.push(part.to_owned());
            } else {
                words.extend(part.split_whitespace().map(str::to_owned));
            }
        }
        command.args(words).envs(variables.iter().copied());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        if stdin.is_some() {
            command.stdin(Stdio::piped());
        }
        let mut child = command.spawn().unwrap();
        if let Some(bytes) = stdin {
            // The command may refuse before it has read everything.
            let _ = child.stdin.take().unwrap().write_all(bytes);
        }
        let output = child.wait_with_output().unwrap();
        for (name, _) in variables {
            write!(self.transcript, "{name}=... ").unwrap();
        }
        let line = self.shown(line);
        writeln!(self.transcript, "$ graph-photo {line}").unwrap();
        for (name, bytes) in [("stdout", &output.stdout), ("stderr", &output.stderr)] {
            let text = match std::str::from_utf8(bytes) {
                Ok(text) => self.shown(text),
                Err(_) => format!("({} bytes that are no text)\n", bytes.len()),
            };
            for line in text.lines() {
                writeln!(self.transcript, "{name}| {line}").unwrap();
            }
        }
        let code = output.status.code().unwrap();
        writeln!(self.transcript, "exit {code}\n").unwrap();
        output
    }

    /// All that was seen so far.
    pub(crate) fn transcript(&self) -> &str {
        &self.transcript
    }

    fn shown(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (hidden, name) in &self.hidden {
            text = text.replace(hidden, name);
        }
        // The service's request ids are new each time.
        let mut shown = String::new();
        let mut rest = text.as_str();
        while let Some(at) = rest.find("request-id ") {
            let (before, after) = rest.split_at(at + "request-id ".len());
            shown += before;
            shown += "ID";
            rest = after.trim_start_matches(|c: char| c.is_ascii_hexdigit() || c == '-');
        }
        shown + rest
    }
}
