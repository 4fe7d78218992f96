//! What is sent to do harm, from either side.

use std::time::Duration;

use bytes::Bytes;
use graph_photo_emulator::{Emulator, demo_jpeg};
use graph_photo_tests::scripted::{Scripted, Step, answer, error};
use http::Method;

use crate::support::{demo, start, to};

#[tokio::test]
async fn nothing_but_photos_is_served() {
    let (emulator, gateway) = demo().await;
    for path in [
        "/",
        "/api/v2.0/me",
        "/api/v2.0/me/messages",
        "/api/v2.0/Users('alex@contoso.com')",
        "/api/v2.0/me/photo/$value/more",
        "/api/v2.0/me/photo/../messages",
        "/api/v2.0/me/%2e%2e/messages",
        "/api/v3.0/me/photo",
        "/graph.microsoft.com/v1.0/me/photo",
        "//evil.example/api/v2.0/me/photo/x",
        "/api/v2.0/me/contacts('1')/photo",
        "/api/v2.0/Users('x')/Messages('y')/AttachmentSessions('z')?authtoken=secret",
        "/%",
        "/%ff%fe",
        "/metrics/x",
    ] {
        let answer = gateway
            .raw(format!("GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer any\r\nConnection: close\r\n\r\n"))
            .await;
        let status = answer.get(9..12).unwrap_or_default();
        assert!(matches!(status, "404" | "400"), "{path}: {answer}");
        assert!(answer.contains(r#"{"error":{"code":"#), "{path}: {answer}");
        assert!(!answer.contains("secret"), "{answer}");
    }
    assert_eq!(emulator.requests().len(), 0);
}

#[tokio::test]
async fn a_user_is_one_segment_whatever_it_holds() {
    let (emulator, gateway) = demo().await;
    for (user, segment) in [
        ("..%2Fgroups%2Fg", "..%2Fgroups%2Fg"),
        ("a%2F..%2F..%2Fme", "a%2F..%2F..%2Fme"),
        ("x?$expand=all", "x%3F%24expand%3Dall"),
        (
            "anne_adatum.com%23EXT%23@contoso.com",
            "anne_adatum.com%23EXT%23%40contoso.com",
        ),
    ] {
        emulator.clear_requests();
        let user = user.replace('?', "%3F");
        gateway
            .get(&format!("/api/v2.0/Users('{user}')/photo/$value"))
            .await;
        let requests = emulator.requests();
        assert_eq!(requests.len(), 1, "{user}");
        assert_eq!(
            requests[0].target,
            format!("/v1.0/users/{segment}/photo/$value")
        );
    }
}

#[tokio::test]
async fn it_is_no_proxy() {
    let (emulator, gateway) = demo().await;
    let elsewhere = Scripted::start([Step::Close(answer("200 OK", &[], "caught"))]).unwrap();
    let address = elsewhere.address();
    for request in [
        format!(
            "GET http://{address}/secret HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
        ),
        format!("CONNECT {address} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"),
        "OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".to_owned(),
    ] {
        let seen = gateway.raw(request).await;
        assert!(
            seen.starts_with("HTTP/1.1 404") || seen.starts_with("HTTP/1.1 400"),
            "{seen}"
        );
        assert!(!seen.contains("caught"));
    }
    // A photo of another host is a photo of Graph here.
    let seen = gateway
        .raw(format!("GET http://{address}/api/v2.0/me/photo HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer any\r\nConnection: close\r\n\r\n"))
        .await;
    assert!(seen.starts_with("HTTP/1.1 200"), "{seen}");
    assert_eq!(emulator.requests().len(), 1);
    assert_eq!(elsewhere.requests().len(), 0);
}

#[tokio::test]
async fn a_redirect_takes_the_token_nowhere() {
    let thief = Scripted::start([Step::Close(answer("200 OK", &[], "{}"))]).unwrap();
    let location = format!("http://{}/v1.0/me/photo", thief.address());
    for status in [
        "302 Found",
        "307 Temporary Redirect",
        "308 Permanent Redirect",
    ] {
        let redirect = answer(status, &[("Location", &location)], "");
        let graph = Scripted::start([Step::Answer(redirect)]).unwrap();
        let gateway = start(to(&format!("http://{}", graph.address())));
        for path in ["/api/v2.0/me/photo", "/api/v2.0/me/photo/$value"] {
            let seen = gateway.get(path).await;
            assert_eq!(seen.status, 502, "{status}");
            assert!(!seen.headers.contains_key("location"));
            assert!(!seen.message().contains(&location), "{}", seen.message());
        }
        let photo = demo_jpeg(96, 1, "R").unwrap();
        assert_eq!(
            gateway
                .put("/api/v2.0/me/photo/$value", &photo)
                .await
                .status,
            502
        );
    }
    assert_eq!(thief.requests().len(), 0);
}

#[tokio::test]
async fn what_is_no_document_of_graph_is_an_error() {
    let json = [("Content-Type", "application/json")];
    for body in [
        &b"<html>"[..],
        b"",
        b"{\"id\":",
        b"{\"id\":1} trailing",
        b"\xff\xfe",
    ] {
        let graph = Scripted::start([Step::Answer(answer("200 OK", &json, body))]).unwrap();
        let gateway = start(to(&format!("http://{}", graph.address())));
        let seen = gateway.get("/api/v2.0/me/photo").await;
        assert_eq!(
            (seen.status, seen.code().as_str()),
            (502, "ErrorInternalServerError"),
            "{body:?}"
        );
    }
    // Headers of Graph are handed on one by one, not all.
    let headers = [
        ("Content-Type", "application/json"),
        ("Set-Cookie", "a=b"),
        ("Location", "http://x"),
        ("request-id", "r"),
    ];
    let graph = Scripted::start([Step::Answer(answer("200 OK", &headers, "{}"))]).unwrap();
    let gateway = start(to(&format!("http://{}", graph.address())));
    let seen = gateway.get("/api/v2.0/me/photo").await;
    assert_eq!((seen.status, seen.header("request-id")), (200, "r"));
    assert!(!seen.headers.contains_key("set-cookie") && !seen.headers.contains_key("location"));
}

#[tokio::test]
async fn a_photo_that_breaks_off_is_not_taken_for_whole() {
    let mut broken = answer(
        "200 OK",
        &[("Content-Type", "image/jpeg")],
        vec![7; 100_000],
    );
    broken.truncate(50_000);
    let graph = Scripted::start([Step::Close(broken)]).unwrap();
    let gateway = start(to(&format!("http://{}", graph.address())));
    let request = gateway
        .client
        .get(format!("{}/api/v2.0/me/photo/$value", gateway.url))
        .header("authorization", "Bearer any");
    let response = request.send().await.unwrap();
    assert_eq!(response.content_length(), Some(100_000));
    assert!(response.bytes().await.is_err());
}

#[tokio::test]
async fn uploads_have_a_length_and_a_limit() {
    let (emulator, gateway) = demo().await;
    let path = "/api/v2.0/me/photo/$value";
    let large = Bytes::from(vec![0xFF; 4_194_305]);
    let seen = gateway.put(path, &large).await;
    assert_eq!(
        (seen.status, seen.code().as_str()),
        (413, "ErrorMessageSizeExceeded")
    );
    let chunked = "PUT /api/v2.0/me/photo/$value HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer any\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
    let answer = gateway.raw(chunked).await;
    assert!(answer.starts_with("HTTP/1.1 411"), "{answer}");
    assert!(answer.contains("Content-Length"), "{answer}");
    assert_eq!(emulator.requests().len(), 0);
    // What is no photo is for Graph to refuse.
    let seen = gateway
        .put(path, &Bytes::from_static(b"no photo at all"))
        .await;
    assert!(seen.status >= 400, "{}", seen.status);
    seen.code();
    assert_eq!(emulator.requests().len(), 1);
}

#[tokio::test]
async fn a_refusal_is_read_before_the_photo_is_sent() {
    // Graph refuses at once and closes, with most of the photo still to come.
    let graph = Scripted::start([Step::Answer(error(
        "401 Unauthorized",
        "InvalidAuthenticationToken",
    ))])
    .unwrap();
    let gateway = start(to(&format!("http://{}", graph.address())));
    let photo = Bytes::from(vec![0xFF; 4_000_000]);
    let seen = gateway.put("/api/v2.0/me/photo/$value", &photo).await;
    assert_eq!(
        (seen.status, seen.code().as_str()),
        (401, "InvalidAuthenticationToken")
    );
    // And so does the gateway.
    let headers = [("content-type", "image/jpeg")];
    let seen = gateway
        .send(
            Method::PUT,
            "/api/v2.0/me/photo/$value",
            &headers,
            Some(photo),
        )
        .await;
    assert_eq!(
        (seen.status, seen.code().as_str()),
        (401, "InvalidAuthenticationToken")
    );
}

#[tokio::test]
async fn who_does_not_go_on_is_given_up() {
    let emulator = Emulator::start().await.unwrap();
    let gateway = start(to(&emulator.root_url()).patience(Duration::from_millis(200)));
    let body = "PUT /api/v2.0/me/photo/$value HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer any\r\nContent-Type: image/jpeg\r\nContent-Length: 1000\r\n\r\nabc";
    let answer = gateway.raw(body).await;
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    let head = gateway
        .raw("GET /api/v2.0/me/photo HTTP/1.1\r\nHost: x\r\nX-")
        .await;
    assert!(
        head.is_empty() || head.starts_with("HTTP/1.1 408"),
        "{head}"
    );
    // Others are served all the same.
    assert_eq!(gateway.get("/api/v2.0/me/photo").await.status, 200);
}

#[tokio::test]
async fn a_flood_of_headers_is_cut_off() {
    let (emulator, gateway) = demo().await;
    let mut flood = "GET /api/v2.0/me/photo HTTP/1.1\r\nHost: x\r\n".to_owned();
    flood += &format!("x-flood: {}\r\n", "y".repeat(500)).repeat(2_000);
    let answer = gateway.raw(flood).await;
    assert!(
        answer.is_empty() || answer.starts_with("HTTP/1.1 431"),
        "{answer}"
    );
    let many = format!(
        "GET /api/v2.0/me/photo HTTP/1.1\r\nHost: x\r\n{}\r\n",
        "a: b\r\n".repeat(500)
    );
    let answer = gateway.raw(many).await;
    assert!(
        answer.is_empty() || answer.starts_with("HTTP/1.1 431"),
        "{answer}"
    );
    for nonsense in [
        "nonsense\r\n\r\n",
        "GET\r\n\r\n",
        "\x16\x03\x01\x02\x00\x01",
    ] {
        let answer = gateway.raw(nonsense).await;
        assert!(
            answer.is_empty() || answer.starts_with("HTTP/1.1 400"),
            "{answer}"
        );
    }
    assert_eq!(emulator.requests().len(), 0);
}
