//! `graph-photo gateway` as a process.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

mod support;

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use graph_photo_emulator::blocking::Emulator;

/// A running gateway; killed when dropped.
struct Running {
    child: Child,
    ready: serde_json::Value,
}

impl Running {
    fn start(directory: &Path, args: &[&str], variables: &[(&str, &str)]) -> Running {
        let mut child = support::command(directory)
            .arg("gateway")
            .args(args)
            .args(["--listen", "127.0.0.1:0"])
            .envs(variables.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        stdout.read_line(&mut line).unwrap();
        Running {
            child,
            ready: serde_json::from_str(&line).unwrap(),
        }
    }

    fn get(&self, path: &str, token: &str) -> (u16, serde_json::Value) {
        let url = format!("{}{path}", self.ready["url"].as_str().unwrap());
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .proxy(None)
            .build();
        let mut response = ureq::Agent::new_with_config(config)
            .get(url)
            .header("authorization", format!("Bearer {token}"))
            .call()
            .unwrap();
        let status = response.status().as_u16();
        let body = response.body_mut().read_to_vec().unwrap();
        (status, serde_json::from_slice(&body).unwrap_or_default())
    }

    /// Tells it to stop, and returns what it wrote to stderr.
    #[cfg(unix)]
    fn stop(mut self) -> String {
        let id = self.child.id().to_string();
        let killed = Command::new("kill").args(["-TERM", &id]).status().unwrap();
        assert!(killed.success());
        assert!(self.child.wait().unwrap().success());
        let mut text = String::new();
        let mut stderr = self.child.stderr.take().unwrap();
        stderr.read_to_string(&mut text).unwrap();
        text
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(unix)]
#[test]
fn one_line_says_that_it_is_ready_and_a_signal_ends_it() {
    let emulator = Emulator::start().unwrap();
    let directory = tempfile::tempdir().unwrap();
    let args = ["--graph", &emulator.root_url(), "--access-log", "-"];
    let gateway = Running::start(directory.path(), &args, &[]);
    let url = gateway.ready["url"].as_str().unwrap().to_owned();
    assert_eq!(gateway.ready["ready"], true);
    assert_eq!(gateway.ready["health"], format!("{url}/healthz"));
    assert_eq!(gateway.ready["metrics"], format!("{url}/metrics"));
    let (status, photo) = gateway.get("/api/v2.0/me/photo", "any");
    assert_eq!((status, &photo["Id"]), (200, &"648X648".into()));
    assert_eq!(gateway.get("/healthz", "any").0, 200);
    let log = gateway.stop();
    let line: serde_json::Value = serde_json::from_str(log.trim()).unwrap();
    assert_eq!(
        (&line["path"], &line["status"]),
        (&"/me/photo".into(), &200.into())
    );
}

/// The claims of an application, in a token that nobody signed.
const APPLICATION: &str = "e30.eyJhdWQiOiJodHRwczovL2dyYXBoLm1pY3Jvc29mdC5jb20iLCJyb2xlcyI6WyJQcm9maWxlUGhvdG8uUmVhZC5BbGwiXX0.c2ln";

#[test]
fn the_token_of_the_environment_is_an_applications_or_a_users() {
    let emulator = Emulator::start().unwrap();
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("tokens"), "0123456789abcdef\n").unwrap();
    std::fs::write(
        directory.path().join("mailboxes"),
        "sales@contoso.com alex@contoso.com\n",
    )
    .unwrap();
    let root = emulator.root_url();
    let args = [
        "--graph",
        &root,
        "--credential",
        "env",
        "--inbound-tokens",
        "tokens",
        "--mailboxes",
        "mailboxes",
    ];
    for (token, status) in [(APPLICATION, 400), ("opaque", 200)] {
        let gateway = Running::start(directory.path(), &args, &[("GRAPH_PHOTO_TOKEN", token)]);
        assert_eq!(
            gateway.get("/api/v2.0/me/photo", "0123456789abcdef").0,
            status,
            "{token}"
        );
        assert_eq!(
            gateway.get("/api/v2.0/me/photo", "another-0123456789").0,
            401
        );
        assert_eq!(
            gateway
                .get(
                    "/api/v2.0/Users('alex@contoso.com')/photo",
                    "0123456789abcdef"
                )
                .0,
            200
        );
    }
}

#[test]
fn a_client_secret_signs_in_before_anybody_calls() {
    use std::io::Write as _;

    let login = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let authority = format!("http://{}", login.local_addr().unwrap());
    let asked = std::thread::spawn(move || {
        let (mut stream, _) = login.accept().unwrap();
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let (mut head, mut length) = (String::new(), 0);
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            if line.trim().is_empty() {
                break;
            }
            head += &line;
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        let answer = format!(r#"{{"access_token":"{APPLICATION}","expires_in":3600}}"#);
        write!(
            stream,
            "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{answer}",
            answer.len()
        )
        .unwrap();
        (head, String::from_utf8(body).unwrap())
    });
    let emulator = Emulator::start().unwrap();
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(
        directory.path().join("tokens"),
        "0123456789abcdef me=alex@contoso.com\n",
    )
    .unwrap();
    let root = emulator.root_url();
    let args = [
        "--graph",
        &root,
        "--credential",
        "client-secret",
        "--inbound-tokens",
        "tokens",
    ];
    let gateway = Running::start(
        directory.path(),
        &args,
        &[
            ("AZURE_TENANT_ID", "contoso.com"),
            ("AZURE_CLIENT_ID", "app"),
            ("AZURE_CLIENT_SECRET", "s e s a m e"),
            ("AZURE_AUTHORITY_HOST", &authority),
        ],
    );
    let (head, form) = asked.join().unwrap();
    assert!(
        head.starts_with("POST /contoso.com/oauth2/v2.0/token "),
        "{head}"
    );
    assert!(form.contains("grant_type=client%5Fcredentials"), "{form}");
    assert!(
        form.contains("client_secret=s%20e%20s%20a%20m%20e"),
        "{form}"
    );
    assert!(
        form.contains("scope=https%3A%2F%2Fgraph%2Emicrosoft%2Ecom%2F%2Edefault"),
        "{form}"
    );
    let (status, photo) = gateway.get("/api/v2.0/me/photo", "0123456789abcdef");
    assert_eq!((status, &photo["Id"]), (200, &"504X504".into()));
    emulator.assert_called("user_get_photo", 1);
}

#[test]
fn mistakes_are_named() {
    let mut session = support::Session::new();
    session
        .file("tokens", "0123456789abcdef\n")
        .file("short", "# none yet\nabc\n")
        .file("mailboxes", "sales@contoso.com\n")
        .file("no.pem", "nothing\n");
    for line in [
        "gateway --credential env",
        "gateway --inbound-tokens tokens",
        "gateway --mailboxes mailboxes",
        "gateway --tls-cert no.pem",
        "gateway --tls-cert no.pem --tls-key no.pem",
        "gateway --credential env --inbound-tokens tokens",
        "gateway --credential client-secret --inbound-tokens tokens",
        "gateway --credential env --inbound-tokens short",
        "gateway --credential env --inbound-tokens missing",
        "gateway --credential env --inbound-tokens tokens --mailboxes mailboxes",
        "gateway --graph http://graph.example",
        "gateway --graph nowhere",
        "gateway --listen nowhere",
        "gateway --access-log missing/log",
    ] {
        session.run(line);
    }
    insta::assert_snapshot!(session.transcript());
}

#[cfg(not(feature = "azure"))]
#[test]
fn what_a_build_lacks_is_named() {
    let mut session = support::Session::new();
    session.file("tokens", "0123456789abcdef\n");
    let output = session.run("gateway --credential azure --inbound-tokens tokens");
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        String::from_utf8(output.stderr).unwrap(),
        "graph-photo: --credential: this build has no Azure credentials; install it with --features azure, or use client-secret\n"
    );
}

#[test]
fn an_address_in_use_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let mut session = support::Session::new();
    let output = session.run(&format!("gateway --listen {address}"));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.starts_with(&format!("graph-photo: cannot listen on {address}: ")),
        "{said}"
    );
}

#[test]
fn help() {
    let mut session = support::Session::new();
    session.run("gateway --help");
    insta::assert_snapshot!(session.transcript());
}
