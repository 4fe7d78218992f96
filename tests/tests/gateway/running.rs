//! TLS, the gateway's own pages, its log, and how it stops.

use std::time::Duration;

use graph_photo_compat::gateway::{Tls, TlsError};
use graph_photo_emulator::Emulator;
use graph_photo_tests::http_client;
use http::Method;
use serde_json::Value;

use crate::support::{Running, Written, demo, start, to};

#[tokio::test]
async fn callers_that_insist_on_https_get_it() {
    let rcgen::CertifiedKey { cert, signing_key } =
        rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let (chain, key) = (cert.pem(), signing_key.serialize_pem());
    let tls = Tls::from_pem(chain.as_bytes(), key.as_bytes()).unwrap();
    let emulator = Emulator::start().await.unwrap();
    let mut gateway = start(to(&emulator.root_url()).tls(tls));
    assert!(gateway.url.starts_with("https://"), "{}", gateway.url);
    let stranger = gateway
        .client
        .get(format!("{}/healthz", gateway.url))
        .send()
        .await;
    assert!(
        stranger.is_err(),
        "a certificate that nobody vouches for was taken"
    );
    gateway.client = http_client::client(Some(cert.der().clone())).unwrap();
    let seen = gateway.get("/api/v2.0/me/photo").await;
    assert_eq!((seen.status, &seen.json()["Width"]), (200, &648.into()));
    let plain = gateway
        .raw("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        .await;
    assert!(!plain.contains("200"), "{plain}");
}

#[test]
fn what_is_wrong_with_a_certificate_is_said() {
    let pair = || rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let (one, other) = (pair(), pair());
    let (chain, key) = (one.cert.pem(), one.signing_key.serialize_pem());
    let wrong_key = other.signing_key.serialize_pem();
    let refused =
        |chain: &str, key: &str| Tls::from_pem(chain.as_bytes(), key.as_bytes()).unwrap_err();
    assert!(matches!(refused("", &key), TlsError::Certificate(None)));
    assert!(matches!(refused(&key, &key), TlsError::Certificate(_)));
    assert!(matches!(refused(&chain, &chain), TlsError::Key(_)));
    let error = refused(&chain, &wrong_key);
    assert!(matches!(error, TlsError::Mismatch(_)), "{error:?}");
    assert!(!format!("{error:?}").contains(wrong_key.lines().nth(1).unwrap()));
}

#[tokio::test]
async fn who_still_calls_is_counted() {
    let (_emulator, gateway) = demo().await;
    assert_eq!(gateway.get("/healthz").await.body, "ok\n");
    let call = async |agent: &str, method: Method, path: &str| {
        let headers = [("authorization", "Bearer any"), ("user-agent", agent)];
        gateway.send(method, path, &headers, None).await
    };
    for _ in 0..3 {
        call(
            "node-outlook/2.0",
            Method::GET,
            "/api/v2.0/Users('alex@contoso.com')/photo",
        )
        .await;
    }
    call(
        "O365/2.0 (adele@contoso.com)",
        Method::GET,
        "/api/beta/me/photos('48x48')/$value",
    )
    .await;
    call("\"}evil 1{", Method::GET, "/api/v2.0/me/messages").await;
    call("", Method::DELETE, "/api/v2.0/me/photo/$value").await;
    let page = gateway.get("/metrics").await;
    assert!(
        page.header("content-type")
            .starts_with("text/plain; version=0.0.4")
    );
    let text = String::from_utf8(page.body.to_vec()).unwrap();
    for line in [
        r#"graph_photo_gateway_requests_total{client="node-outlook",version="v2.0",path="/users/{user}/photo",method="GET",status="200"} 3"#,
        r#"graph_photo_gateway_requests_total{client="O365",version="beta",path="/me/photos/{size}/$value",method="GET",status="200"} 1"#,
        r#"graph_photo_gateway_requests_total{client="unnamed",version="none",path="other",method="GET",status="404"} 1"#,
        r#"graph_photo_gateway_requests_total{client="unnamed",version="v2.0",path="/me/photo/$value",method="DELETE",status="405"} 1"#,
        "# TYPE graph_photo_gateway_requests_total counter",
        "graph_photo_gateway_running 0",
    ] {
        assert!(text.lines().any(|found| found == line), "{line}\n{text}");
    }
    assert!(!text.contains("contoso"), "{text}");
}

#[tokio::test]
async fn the_log_names_no_person() {
    let emulator = Emulator::start().await.unwrap();
    let log = Written::default();
    let mut gateway = start(to(&emulator.root_url()).access_log(log.clone()));
    let headers = [
        ("authorization", "Bearer sesame"),
        ("user-agent", "O365/2.0 (of adele)"),
        ("x-anchormailbox", "adele@contoso.com"),
        ("client-request-id", "adele-1"),
    ];
    for path in [
        "/api/v2.0/Users('adele@contoso.com')/photo?x=adele",
        "/adele",
    ] {
        gateway.send(Method::GET, path, &headers, None).await;
    }
    drop(gateway.stop.take());
    gateway.ended.await.unwrap().unwrap();
    let text = log.text();
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 2, "{text}");
    assert_eq!(lines[0]["client"], "O365");
    assert_eq!(lines[0]["version"], "v2.0");
    assert_eq!(lines[0]["path"], "/users/{user}/photo");
    assert_eq!(
        (&lines[0]["status"], &lines[1]["status"]),
        (&200.into(), &404.into())
    );
    assert!(lines[0]["bytes"].as_u64().unwrap() > 0);
    assert!(lines[0]["requestId"].is_string());
    assert!(
        !text.contains("adele") && !text.contains("sesame"),
        "{text}"
    );
}

/// Waits until the gateway says that a request is being answered.
async fn until_it_runs(gateway: &Running) {
    loop {
        let page = gateway.get("/metrics").await.body;
        if String::from_utf8_lossy(&page).contains("graph_photo_gateway_running 1") {
            return;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn running_requests_come_to_their_end() {
    let slow = "kind=slow,delay=400ms,path=/me/photo".parse().unwrap();
    let emulator = Emulator::builder().fault(slow).start().await.unwrap();
    let mut gateway = start(to(&emulator.root_url()));
    let request = gateway
        .client
        .get(format!("{}/api/v2.0/me/photo", gateway.url))
        .header("authorization", "Bearer any");
    let running = tokio::spawn(request.send());
    until_it_runs(&gateway).await;
    gateway.stop.take().unwrap().send(()).unwrap();
    let answer = running.await.unwrap().unwrap();
    assert_eq!(answer.status(), 200);
    gateway.ended.await.unwrap().unwrap();
    let late = gateway
        .client
        .get(format!("{}/healthz", gateway.url))
        .send()
        .await;
    assert!(late.is_err(), "it still listens");
}

#[tokio::test]
async fn a_request_without_an_end_does_not_hold_it_up_for_ever() {
    let slow = "kind=slow,delay=1h".parse().unwrap();
    let emulator = Emulator::builder().fault(slow).start().await.unwrap();
    let mut gateway = start(to(&emulator.root_url()).grace(Duration::from_millis(50)));
    let request = gateway
        .client
        .get(format!("{}/api/v2.0/me/photo", gateway.url))
        .header("authorization", "Bearer any");
    let _running = tokio::spawn(request.send());
    until_it_runs(&gateway).await;
    gateway.stop.take().unwrap().send(()).unwrap();
    gateway.ended.await.unwrap().unwrap();
}
