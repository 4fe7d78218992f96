//! Signing in with a code on another device (RFC 8628), for machines without a browser.
//!
//! The prompt goes to stderr. The refresh token stays in memory, so that a long sync outlives the
//! first access token; nothing is written to disk.

use std::time::{Duration, Instant};

use graph_photo_model::Cloud;
use serde::Deserialize;

use super::oauth::{Answer, Authority, Granted};
use crate::exit::NotAuthorised;
use crate::output;

const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// The longest wait between two questions that a server can ask for.
const MAX_INTERVAL: u64 = 60;

/// Where to sign in, and as which application.
#[derive(Clone)]
pub(crate) struct DeviceCode {
    authority: Authority,
    client_id: String,
    scope: String,
}

/// What the server says first.
#[derive(Deserialize)]
struct Started {
    device_code: String,
    user_code: String,
    verification_uri: String,
    expires_in: u64,
    #[serde(default = "five")]
    interval: u64,
}

fn five() -> u64 {
    5
}

impl DeviceCode {
    /// For an application registration that allows public client flows.
    pub(crate) fn new(
        cloud: Cloud,
        authority_host: Option<&str>,
        tenant: &str,
        client_id: &str,
    ) -> anyhow::Result<DeviceCode> {
        Ok(DeviceCode {
            authority: Authority::new(cloud, authority_host, tenant)?,
            client_id: client_id.to_owned(),
            scope: format!("{} offline_access", cloud.default_scope()),
        })
    }

    /// Asks the person at the terminal to sign in, and waits until that is done.
    pub(crate) async fn sign_in(&self) -> anyhow::Result<Granted> {
        let form = [
            ("client_id", self.client_id.as_str()),
            ("scope", self.scope.as_str()),
        ];
        let started: Started = self.authority.post("devicecode", &form).await?;
        output::note(&format!(
            "To sign in, open {} and enter the code {}. The code is good for {} minutes.",
            output::printable(&started.verification_uri),
            output::printable(&started.user_code),
            started.expires_in / 60
        ));
        let began = Instant::now();
        let mut interval = started.interval;
        while began.elapsed() < Duration::from_secs(started.expires_in) {
            tokio::time::sleep(Duration::from_secs(interval.min(MAX_INTERVAL))).await;
            let form = [
                ("grant_type", GRANT),
                ("client_id", self.client_id.as_str()),
                ("device_code", started.device_code.as_str()),
            ];
            let answer: Answer = self.authority.post("token", &form).await?;
            match answer.error.as_deref() {
                Some("authorization_pending") => {}
                Some("slow_down") => interval += 5,
                _ => return answer.tokens(),
            }
        }
        Err(NotAuthorised("nobody signed in in time; run the command again".to_owned()).into())
    }

    /// New tokens for somebody who signed in before.
    pub(crate) async fn refresh(&self, refresh_token: &str) -> anyhow::Result<Granted> {
        let form = [
            ("grant_type", "refresh_token"),
            ("client_id", self.client_id.as_str()),
            ("refresh_token", refresh_token),
            ("scope", self.scope.as_str()),
        ];
        self.authority
            .post::<Answer>("token", &form)
            .await?
            .tokens()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    /// A login server that gives these answers in turn, and what it was sent.
    async fn server(answers: &'static [(u16, &'static str)]) -> (String, Arc<Mutex<Vec<String>>>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&seen);
        tokio::spawn(async move {
            for (status, body) in answers {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut request = Vec::new();
                let mut buffer = [0; 4096];
                loop {
                    let read = stream.read(&mut buffer).await.unwrap();
                    request.extend_from_slice(&buffer[..read]);
                    let text = String::from_utf8_lossy(&request);
                    let Some((head, body)) = text.split_once("\r\n\r\n") else {
                        continue;
                    };
                    let length: usize = head
                        .to_lowercase()
                        .split_once("content-length: ")
                        .map(|(_, rest)| rest.lines().next().unwrap().parse().unwrap())
                        .unwrap();
                    if body.len() >= length {
                        break;
                    }
                }
                log.lock()
                    .unwrap()
                    .push(String::from_utf8(request).unwrap());
                let answer = format!(
                    "HTTP/1.1 {status} X\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                    body.len()
                );
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        (url, seen)
    }

    const STARTED: &str = r#"{"device_code":"D","user_code":"ABCD","verification_uri":"https://x/y",
                              "expires_in":900,"interval":0}"#;

    #[tokio::test]
    async fn waits_until_somebody_signs_in_and_refreshes() {
        let (url, seen) = server(&[
            (200, STARTED),
            (400, r#"{"error":"authorization_pending"}"#),
            (
                200,
                r#"{"access_token":"sesame","refresh_token":"again","expires_in":3599}"#,
            ),
            (200, r#"{"access_token":"second","expires_in":10}"#),
        ])
        .await;
        let device = DeviceCode::new(Cloud::UsGovL4, Some(&url), "contoso.com", "app id").unwrap();
        let signed_in = device.sign_in().await.unwrap();
        assert_eq!(signed_in.access_token, "sesame");
        assert_eq!(signed_in.lifetime, Duration::from_secs(3599));
        let refreshed = device
            .refresh(&signed_in.refresh_token.unwrap())
            .await
            .unwrap();
        assert_eq!(refreshed.access_token, "second");
        let seen = seen.lock().unwrap();
        assert!(
            seen[0].starts_with("POST /contoso.com/oauth2/v2.0/devicecode "),
            "{}",
            seen[0]
        );
        assert!(seen[0].contains("client_id=app%20id"));
        assert!(
            seen[0].contains("graph%2Emicrosoft%2Eus%2F%2Edefault"),
            "{}",
            seen[0]
        );
        assert!(seen[3].contains("refresh_token=again"), "{}", seen[3]);
    }

    #[tokio::test]
    async fn a_refusal_says_why() {
        for (answers, why) in [
            (
                &[
                    (200, STARTED),
                    (400, r#"{"error":"authorization_declined"}"#),
                ][..],
                "signing in: it was declined",
            ),
            (
                &[(
                    400,
                    r#"{"error":"unauthorized_client","error_description":"AADSTS700016: No.\nTrace"}"#,
                )],
                "signing in: unauthorized_client: AADSTS700016: No.",
            ),
            (
                &[(502, "<html>")],
                "signing in: the server answered 502 Bad Gateway and no JSON that is known",
            ),
        ] {
            let (url, _) = server(answers).await;
            let device = DeviceCode::new(Cloud::Global, Some(&url), "t", "c").unwrap();
            assert_eq!(device.sign_in().await.err().unwrap().to_string(), why);
        }
    }

    #[test]
    fn the_token_goes_nowhere_else() {
        assert!(DeviceCode::new(Cloud::Global, Some("http://login.example"), "t", "c").is_err());
        assert!(DeviceCode::new(Cloud::Global, None, "a/b", "c").is_err());
    }
}
