//! `--sign-in`: what a person sees, and that the token that was got is the one that is used.
//!
//! Applications that sign in by a certificate are tested beside the code: Azure's crate takes no
//! authority without TLS.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod support;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::PermissionsExt as _;
use std::thread::JoinHandle;

use graph_photo_emulator::Tokens;
use graph_photo_emulator::blocking::Emulator;
use support::Session;

/// A Graph that knows one token.
fn graph() -> Emulator {
    let tokens = Tokens::parse("from-entra work user=adele@contoso.com User.Read\n").unwrap();
    Emulator::start_with(graph_photo_emulator::Emulator::builder().tokens(tokens)).unwrap()
}

/// A server that gives these answers, one connection each, and then what it was asked.
fn server(answers: &[(u16, &str)]) -> (SocketAddr, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let answers: Vec<(u16, String)> = answers
        .iter()
        .map(|(status, body)| (*status, (*body).to_owned()))
        .collect();
    let asked = std::thread::spawn(move || {
        let mut asked = Vec::new();
        for (status, body) in answers {
            let (stream, _) = listener.accept().unwrap();
            let mut reader = BufReader::new(&stream);
            let (mut head, mut length) = (String::new(), 0);
            loop {
                let mut line = String::new();
                reader.read_line(&mut line).unwrap();
                let lower = line.to_ascii_lowercase();
                if let Some(value) = lower.strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
                if line.trim().is_empty() {
                    break;
                }
                head += &line;
            }
            let mut form = vec![0; length];
            reader.read_exact(&mut form).unwrap();
            asked.push(head + &String::from_utf8(form).unwrap());
            write!(
                &stream,
                "HTTP/1.1 {status} Any\r\ncontent-type: application/json\r\nconnection: close\r\n\
                 content-length: {}\r\n\r\n{body}",
                body.len()
            )
            .unwrap();
        }
        asked
    });
    (address, asked)
}

#[test]
fn a_device_code_is_told_and_waited_for() {
    let graph = graph();
    let started = r#"{"device_code":"sesame","user_code":"ABC-DEF","expires_in":900,"interval":0,
        "verification_uri":"https://microsoft.com/devicelogin"}"#;
    let (address, asked) = server(&[
        (200, started),
        (400, r#"{"error":"authorization_pending"}"#),
        (200, r#"{"access_token":"from-entra","expires_in":3599}"#),
        (200, started),
        (400, r#"{"error":"authorization_declined"}"#),
    ]);
    let mut session = Session::new();
    session.hide(graph.base_url(), "URL");
    let authority = format!("http://{address}");
    let line = format!(
        "info me --sign-in device-code --client-id app --base-url {}",
        graph.base_url()
    );
    let variables = [("AZURE_AUTHORITY_HOST", authority.as_str())];
    session.run_with(&line, &variables, None);
    session.run_with(&line, &variables, None);
    session.run("info me --sign-in device-code");
    session.run("info me --sign-in device-code --client-id app --tenant a/b");
    session.run("info me --sign-in fingerprint");
    session.run("info me --sign-in azure-cli --token-file token");
    let asked = asked.join().unwrap();
    assert!(asked[0].starts_with("POST /organizations/oauth2/v2.0/devicecode "));
    assert!(asked[2].contains("device_code=sesame"), "{}", asked[2]);
    for secret in ["sesame", "from-entra"] {
        assert!(!session.transcript().contains(secret));
    }
    insta::assert_snapshot!(session.transcript());
}

#[test]
fn an_application_signs_in_by_its_secret() {
    let graph = graph();
    let (address, asked) = server(&[
        (200, r#"{"access_token":"from-entra","expires_in":3599}"#),
        (
            401,
            r#"{"error":"invalid_client","error_description":"AADSTS7000215: No.\nTrace"}"#,
        ),
    ]);
    let mut session = Session::new();
    session.hide(graph.base_url(), "URL");
    let authority = format!("http://{address}");
    let line = format!(
        "info me --sign-in client-secret --tenant contoso.com --client-id app --base-url {}",
        graph.base_url()
    );
    let variables = [
        ("AZURE_AUTHORITY_HOST", authority.as_str()),
        ("AZURE_CLIENT_SECRET", "sesame"),
    ];
    session.run_with(&line, &variables, None);
    session.run_with(&line, &variables, None);
    session.run_with(&line, &variables[..1], None);
    let asked = asked.join().unwrap();
    assert!(asked[0].starts_with("POST /contoso.com/oauth2/v2.0/token "));
    assert!(asked[0].contains("client_secret=sesame"), "{}", asked[0]);
    for secret in ["sesame", "from-entra"] {
        assert!(!session.transcript().contains(secret));
    }
    insta::assert_snapshot!(session.transcript());
}

/// The Azure CLI, as far as we ask it.
const AZ: &str = r#"#!/bin/sh
echo "$@" >"$ASKED"
if [ -n "$REFUSE" ]; then
    echo "Please run 'az login' to setup account." >&2
    exit 1
fi
echo '{"accessToken":"from-entra","expires_on":2147483647,"tokenType":"Bearer"}'
"#;

#[test]
#[cfg(feature = "azure")]
fn the_azure_cli_is_asked() {
    let graph = graph();
    let mut session = Session::new();
    session.hide(graph.base_url(), "URL");
    session.file("az", AZ);
    let directory = session.directory.path().to_owned();
    let az = directory.join("az");
    std::fs::set_permissions(&az, std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!(
        "{}:{}",
        directory.display(),
        std::env::var("PATH").unwrap_or_default()
    );
    let file = directory.join("asked");
    let line = format!(
        "info me --sign-in azure-cli --base-url {}",
        graph.base_url()
    );
    let mut variables = vec![("PATH", path.as_str()), ("ASKED", file.to_str().unwrap())];
    session.run_with(&line, &variables, None);
    let asked = std::fs::read_to_string(&file).unwrap();
    assert!(asked.contains("account get-access-token"), "{asked}");
    assert!(asked.contains("https://graph.microsoft.com"), "{asked}");
    variables.push(("REFUSE", "1"));
    session.run_with(&line, &variables, None);
    insta::assert_snapshot!(session.transcript());
}

#[test]
#[cfg(feature = "azure")]
fn a_machines_identity_is_asked() {
    let graph = graph();
    let (address, asked) = server(&[(
        200,
        r#"{"access_token":"from-entra","expires_on":"2147483647","token_type":"Bearer",
            "resource":"https://graph.microsoft.com"}"#,
    )]);
    let mut session = Session::new();
    session.hide(graph.base_url(), "URL");
    let endpoint = format!("http://{address}/msi/token");
    let variables = [
        ("IDENTITY_ENDPOINT", endpoint.as_str()),
        ("IDENTITY_HEADER", "sesame"),
    ];
    let line = format!(
        "info me --sign-in managed-identity --base-url {}",
        graph.base_url()
    );
    session.run_with(&line, &variables, None);
    let asked = asked.join().unwrap();
    assert!(asked[0].starts_with("GET /msi/token?"), "{}", asked[0]);
    assert!(asked[0].contains("graph.microsoft.com"), "{}", asked[0]);
    insta::assert_snapshot!(session.transcript());
}

#[test]
#[cfg(feature = "azure")]
fn what_an_application_lacks_is_named() {
    let mut session = Session::new();
    session.file("app.pem", "no certificate");
    for method in ["client-secret", "certificate"] {
        session.run(&format!("info me --sign-in {method}"));
    }
    let variables = [("AZURE_CLIENT_CERTIFICATE_PATH", "app.pem")];
    let line = "info me --sign-in certificate --tenant contoso.com --client-id app";
    session.run_with(line, &variables, None);
    insta::assert_snapshot!(session.transcript());
}
