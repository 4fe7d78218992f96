//! Where tokens come from without a callback: what only one client offers.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop at the first surprise, in its helpers too"
)]

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use graph_photo_blocking::{Client, ClientCredentials, DeviceCode, ErrorKind};
use graph_photo_tests::scripted::{Scripted, Step, answer};

fn json(status: &str, body: &str) -> Step {
    Step::Answer(answer(
        status,
        &[("Content-Type", "application/json")],
        body,
    ))
}

fn photo() -> Step {
    json("200 OK", r#"{"width":48,"height":48}"#)
}

fn form(body: &[u8]) -> Vec<String> {
    let mut pairs: Vec<String> = String::from_utf8_lossy(body)
        .split('&')
        .map(str::to_owned)
        .collect();
    pairs.sort();
    pairs
}

#[test]
fn an_application_signs_in_by_its_secret() {
    let entra = Scripted::start([json(
        "200 OK",
        r#"{"token_type":"Bearer","expires_in":3599,"access_token":"from-entra"}"#,
    )])
    .unwrap();
    let graph = Scripted::start([photo()]).unwrap();
    let root = format!("http://{}", entra.address());
    let credentials =
        ClientCredentials::new("contoso.onmicrosoft.com", "app", "sentinel-secret").authority(root);
    assert!(!format!("{credentials:?}").contains("sentinel"));
    let client = Client::builder()
        .base_url(graph.base_url())
        .client_credentials(credentials)
        .build()
        .unwrap();
    for _ in 0..2 {
        assert!(client.me().photo().metadata().unwrap().is_some());
    }
    assert_eq!(
        graph.requests()[1].header("authorization"),
        Some("Bearer from-entra")
    );
    let asked = entra.requests();
    assert_eq!(asked.len(), 1, "the token is kept");
    assert_eq!(
        asked[0].request_line(),
        "POST /contoso.onmicrosoft.com/oauth2/v2.0/token HTTP/1.1"
    );
    assert_eq!(
        form(&asked[0].body),
        [
            "client_id=app",
            "client_secret=sentinel-secret",
            "grant_type=client_credentials",
            "scope=https%3A%2F%2Fgraph.microsoft.com%2F.default",
        ]
    );
}

#[test]
fn a_refused_sign_in_says_why_without_the_secret() {
    let entra = Scripted::start([json(
        "401 Unauthorized",
        r#"{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret provided."}"#,
    )])
    .unwrap();
    let graph = Scripted::start([photo()]).unwrap();
    let root = format!("http://{}", entra.address());
    let credentials = ClientCredentials::new("t", "app", "sentinel-secret").authority(root);
    let client = Client::builder()
        .base_url(graph.base_url())
        .client_credentials(credentials)
        .build()
        .unwrap();
    let error = client.me().photo().metadata().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unauthorized);
    let shown = format!(
        "{error} {error:?} {:?}",
        std::error::Error::source(&error).map(ToString::to_string)
    );
    assert!(shown.contains("AADSTS7000215"), "{shown}");
    assert!(!shown.contains("sentinel"), "{shown}");
    assert!(graph.requests().is_empty());
}

#[test]
fn a_person_signs_in_by_a_code_and_stays_signed_in() {
    let entra = Scripted::start([
        json(
            "200 OK",
            r#"{"device_code":"device","user_code":"ABC123","verification_uri":"https://microsoft.com/devicelogin","expires_in":900,"interval":0}"#,
        ),
        json("400 Bad Request", r#"{"error":"authorization_pending"}"#),
        json("200 OK", r#"{"token_type":"Bearer","expires_in":0,"access_token":"first","refresh_token":"again"}"#),
        json("200 OK", r#"{"token_type":"Bearer","expires_in":3599,"access_token":"second"}"#),
    ])
    .unwrap();
    let graph = Scripted::start([photo()]).unwrap();
    let told = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&told);
    let device = DeviceCode::new("organizations", "app", move |prompt| {
        noted
            .lock()
            .unwrap()
            .push(format!("{} {}", prompt.page, prompt.code));
    })
    .authority(format!("http://{}", entra.address()));
    let client = Client::builder()
        .base_url(graph.base_url())
        .device_code(device)
        .build()
        .unwrap();
    client.me().photo().metadata().unwrap();
    client.me().photo().metadata().unwrap();
    client.me().photo().metadata().unwrap();
    assert_eq!(
        *told.lock().unwrap(),
        ["https://microsoft.com/devicelogin ABC123"],
        "asked once"
    );
    let sent: Vec<_> = graph
        .requests()
        .iter()
        .map(|request| {
            request
                .header("authorization")
                .unwrap_or_default()
                .to_owned()
        })
        .collect();
    assert_eq!(sent, ["Bearer first", "Bearer second", "Bearer second"]);
    let asked = entra.requests();
    assert_eq!(asked.len(), 4);
    assert!(form(&asked[3].body).contains(&"refresh_token=again".to_owned()));
}

/// Stands in for a credential of azure_identity.
#[derive(Debug)]
struct Credential(Mutex<Vec<String>>);

#[async_trait::async_trait]
impl azure_core::credentials::TokenCredential for Credential {
    async fn get_token(
        &self,
        scopes: &[&str],
        _: Option<azure_core::credentials::TokenRequestOptions<'_>>,
    ) -> azure_core::Result<azure_core::credentials::AccessToken> {
        self.0.lock().unwrap().push(scopes.join(" "));
        let expiry = SystemTime::now() + Duration::from_secs(3600);
        Ok(azure_core::credentials::AccessToken::new(
            "from-azure",
            expiry.into(),
        ))
    }
}

#[tokio::test]
async fn a_credential_of_azure_gives_tokens_for_the_cloud() {
    let graph = Scripted::start([photo()]).unwrap();
    let credential = Arc::new(Credential(Mutex::default()));
    let client = graph_photo::Client::builder()
        .cloud(graph_photo::Cloud::UsGovL4)
        .base_url(graph.base_url())
        .credential(Arc::clone(&credential) as _)
        .build()
        .unwrap();
    for _ in 0..2 {
        assert!(client.me().photo().metadata().await.unwrap().is_some());
    }
    assert_eq!(
        *credential.0.lock().unwrap(),
        ["https://graph.microsoft.us/.default"]
    );
    assert_eq!(
        graph.requests()[0].header("authorization"),
        Some("Bearer from-azure")
    );
}
