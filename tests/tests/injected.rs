//! HTTP clients that users bring along: reqwest's for the async client, ureq's for the blocking
//! one. What holds for our own holds for these: no redirect is followed, the token stays at Graph.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may stop at the first surprise, in its helpers too"
)]

use graph_photo_emulator::{blocking::Emulator, demo_jpeg};
use graph_photo_model::{Error, ErrorKind, Owner};
use graph_photo_tests::scripted::{Scripted, Step, answer};

const REDIRECTS: [&str; 6] = [
    "300 Multiple Choices",
    "301 Moved Permanently",
    "302 Found",
    "303 See Other",
    "307 Temporary Redirect",
    "308 Permanent Redirect",
];

/// Follows redirects, and sends a header of its own.
fn reqwest() -> reqwest::Client {
    // It is built without naming a provider. One that is installed already is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut headers = reqwest::header::HeaderMap::new();
    headers.insert("x-brought", "along".parse().unwrap());
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::limited(10))
        .default_headers(headers)
        .no_proxy()
        .build()
        .unwrap()
}

/// Follows redirects, takes the token along, and makes errors of statuses.
fn agent() -> ureq::Agent {
    ureq::Agent::config_builder()
        .max_redirects(10)
        .redirect_auth_headers(ureq::config::RedirectAuthHeaders::SameHost)
        .user_agent("brought along")
        .proxy(None)
        .build()
        .into()
}

fn asynchronous(server: &str) -> graph_photo::Client {
    graph_photo::Client::builder()
        .base_url(server)
        .bearer_token("sentinel-token")
        .http_client(reqwest())
        .build()
        .unwrap()
}

fn blocking(server: &str) -> graph_photo_blocking::Client {
    graph_photo_blocking::Client::builder()
        .base_url(server)
        .bearer_token("sentinel-token")
        .agent(agent())
        .build()
        .unwrap()
}

fn jpeg() -> bytes::Bytes {
    demo_jpeg(96, 1, "I").unwrap()
}

/// A server that redirects to `target`, or to itself.
fn redirecting(status: &str, target: Option<&Scripted>) -> Scripted {
    Scripted::start_with(|own| {
        let base_url = target.map_or_else(|| own.to_owned(), Scripted::base_url);
        let location = format!("{base_url}/elsewhere");
        vec![Step::Answer(answer(status, &[("Location", &location)], ""))]
    })
    .unwrap()
}

#[track_caller]
fn stayed(errors: Vec<Error>, server: &Scripted, status: &str) {
    let sent = server.requests();
    assert_eq!(sent.len(), errors.len(), "{status}: each was sent once");
    for error in errors {
        assert_eq!(
            error.kind(),
            ErrorKind::UnexpectedResponse,
            "{status}: {error:?}"
        );
        assert!(
            error.status().is_some_and(|status| status.is_redirection()),
            "{status}: {error:?}"
        );
    }
    for request in sent {
        assert!(!request.request_line().contains("elsewhere"), "{status}");
        assert_eq!(request.header("referer"), None);
        assert_eq!(request.header("transfer-encoding"), None);
    }
}

#[tokio::test]
async fn a_reqwest_client_follows_no_redirect() {
    for status in REDIRECTS
        .into_iter()
        .filter(|status| !status.starts_with("303"))
    {
        let elsewhere = Scripted::start([Step::Answer(answer("200 OK", &[], "{}"))]).unwrap();
        for target in [Some(&elsewhere), None] {
            let server = redirecting(status, target);
            let client = asynchronous(&server.base_url());
            let photo = client.user("adele@contoso.com").photo();
            let mut errors = vec![
                photo.get().await.unwrap_err(),
                photo.metadata().await.unwrap_err(),
                photo.stream().await.unwrap_err(),
                photo.put(jpeg()).await.unwrap_err(),
                photo.delete().await.unwrap_err(),
            ];
            if !becomes_a_get(status) {
                let mut photos = client.batch().photos(&[Owner::Me]).await;
                errors.push(photos.remove(0).unwrap_err());
            }
            stayed(errors, &server, status);
        }
        assert!(elsewhere.requests().is_empty(), "{status}");
    }
}

/// Whether reqwest makes a GET without a body of a POST, which it then can repeat.
fn becomes_a_get(status: &str) -> bool {
    status.starts_with("301") || status.starts_with("302")
}

/// What its documentation warns of: reqwest gives us no say in these.
#[tokio::test]
async fn where_reqwest_follows_all_the_same_token_and_photo_stay() {
    let elsewhere = Scripted::start([Step::Answer(answer("200 OK", &[], "{}"))]).unwrap();
    let mut errors = Vec::new();
    for status in ["301 Moved Permanently", "302 Found", "303 See Other"] {
        let server = redirecting(status, Some(&elsewhere));
        let client = asynchronous(&server.base_url());
        errors.push(
            client
                .batch()
                .photos(&[Owner::Me])
                .await
                .remove(0)
                .unwrap_err(),
        );
        if status.starts_with("303") {
            errors.push(client.me().photo().get().await.unwrap_err());
            errors.push(client.me().photo().put(jpeg()).await.unwrap_err());
        }
    }
    let sent = elsewhere.requests();
    assert_eq!(sent.len(), errors.len());
    for (request, error) in sent.iter().zip(errors) {
        assert_eq!(error.kind(), ErrorKind::UnexpectedResponse, "{error:?}");
        assert_eq!(request.request_line(), "GET /v1.0/elsewhere HTTP/1.1");
        assert_eq!(request.header("authorization"), None);
        assert!(request.body.is_empty());
    }
}

#[test]
fn a_ureq_agent_follows_no_redirect() {
    for status in REDIRECTS {
        let elsewhere = Scripted::start([Step::Answer(answer("200 OK", &[], "{}"))]).unwrap();
        for target in [Some(&elsewhere), None] {
            let server = redirecting(status, target);
            let client = blocking(&server.base_url());
            let photo = client.user("adele@contoso.com").photo();
            let errors = vec![
                photo.get().unwrap_err(),
                photo.metadata().unwrap_err(),
                photo.stream().unwrap_err(),
                photo.put(jpeg()).unwrap_err(),
                photo.delete().unwrap_err(),
                client.batch().photos(&[Owner::Me]).remove(0).unwrap_err(),
            ];
            stayed(errors, &server, status);
        }
        assert!(elsewhere.requests().is_empty(), "{status}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_else_works_through_a_reqwest_client() {
    let emulator = Emulator::start().unwrap();
    let client = asynchronous(&emulator.base_url());
    let photo = client.user("adele@contoso.com").photo();
    let jpeg = jpeg();
    photo.put(jpeg.clone()).await.unwrap();
    assert_eq!(photo.get().await.unwrap().unwrap().bytes(), &jpeg);
    photo.delete().await.unwrap();
    assert!(photo.metadata().await.unwrap().is_none());
    let sent = emulator.requests();
    for request in &sent {
        assert_eq!(request.header("x-brought"), Some("along"));
        assert_eq!(request.header("transfer-encoding"), None);
    }
    assert_eq!(
        sent[0].header("content-length"),
        Some(jpeg.len().to_string().as_str())
    );
    assert_eq!(sent[1].header("content-length"), None);
}

#[test]
fn everything_else_works_through_a_ureq_agent() {
    let emulator = Emulator::start().unwrap();
    let client = blocking(&emulator.base_url());
    let photo = client.user("adele@contoso.com").photo();
    let jpeg = jpeg();
    photo.put(jpeg.clone()).unwrap();
    assert_eq!(photo.get().unwrap().unwrap().bytes(), &jpeg);
    photo.delete().unwrap();
    // An agent that makes an error of a 404 still gives its body.
    assert!(photo.metadata().unwrap().is_none());
    let sent = emulator.requests();
    for request in &sent {
        assert_eq!(request.header("user-agent"), Some("brought along"));
        assert_eq!(request.header("transfer-encoding"), None);
    }
    assert_eq!(
        sent[0].header("content-length"),
        Some(jpeg.len().to_string().as_str())
    );
}
