//! Answers that are not what was promised: an error of the right kind with status, headers and the
//! start of the body, alike in both clients; and metadata in all its spellings.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may stop at the first surprise, in its helpers too"
)]

use graph_photo_model::retry::Policy;
use graph_photo_model::types::ProfilePhoto;
use graph_photo_model::{Error, ErrorKind, Response};
use graph_photo_tests::wire::Recorder;

/// A raw answer.
fn answer(status: &str, content_type: &str, body: &[u8]) -> Vec<u8> {
    let mut answer = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nrequest-id: r-1\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    )
    .into_bytes();
    answer.extend_from_slice(body);
    answer
}

/// What each client makes of a raw answer to a metadata call: async first.
fn both(answer: Vec<u8>) -> [Result<Response<ProfilePhoto>, Error>; 2] {
    let recorder = Recorder::answering(answer).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let client = graph_photo::Client::builder()
        .base_url(recorder.base_url())
        .retry(Policy::NEVER)
        .build()
        .unwrap();
    let left = runtime.block_on(client.operations().me_get_photo(None));
    let client = graph_photo_blocking::Client::builder()
        .base_url(recorder.base_url())
        .retry(Policy::NEVER)
        .build()
        .unwrap();
    [left, client.operations().me_get_photo(None)]
}

#[track_caller]
fn fails(answer: Vec<u8>, kind: ErrorKind, status: u16, start: &str) {
    for (client, result) in ["async", "blocking"].iter().zip(both(answer)) {
        let error = result.unwrap_err();
        assert_eq!(error.kind(), kind, "{client}: {error:?}");
        assert_eq!(error.status().map(|s| s.as_u16()), Some(status), "{client}");
        assert_eq!(error.request_id(), Some("r-1"), "{client}");
        let found = error.body_start().unwrap_or_default();
        assert!(found.starts_with(start), "{client}: {found:?}");
    }
}

#[test]
fn html_instead_of_json() {
    fails(
        answer("200 OK", "text/html", b"<html>gateway</html>"),
        ErrorKind::UnexpectedResponse,
        200,
        "<html>",
    );
    fails(
        answer("502 Bad Gateway", "text/html", b"<html>gateway</html>"),
        ErrorKind::Service,
        502,
        "<html>",
    );
}

#[test]
fn an_empty_success() {
    fails(
        answer("200 OK", "application/json", b""),
        ErrorKind::UnexpectedResponse,
        200,
        "",
    );
}

#[test]
fn truncated_json() {
    fails(
        answer("200 OK", "application/json", b"{\"id\": \"24"),
        ErrorKind::UnexpectedResponse,
        200,
        "{\"id\"",
    );
}

#[test]
fn a_field_of_the_wrong_type_is_named() {
    let body = br#"{"id": "x", "height": "tall"}"#;
    for result in both(answer("200 OK", "application/json", body)) {
        let error = result.unwrap_err();
        let source = std::error::Error::source(&error).unwrap().to_string();
        assert!(source.contains("height"), "{source}");
    }
}

#[test]
fn a_redirect_is_reported_and_not_followed() {
    let recorder = Recorder::answering(answer("200 OK", "application/json", b"{}")).unwrap();
    let elsewhere = format!(
        "HTTP/1.1 302 Found\r\nLocation: {}/me/photo\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        recorder.base_url()
    );
    for result in both(elsewhere.into_bytes()) {
        let error = result.unwrap_err();
        assert_eq!(error.status().map(|s| s.as_u16()), Some(302));
    }
    assert_eq!(recorder.requests(), [], "the redirect was followed");
}

#[test]
fn a_body_shorter_than_announced_is_a_broken_transfer() {
    let cut = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nrequest-id: r-1\r\nContent-Length: 100\r\nConnection: close\r\n\r\n{\"id\":".to_vec();
    for (client, result) in ["async", "blocking"].iter().zip(both(cut)) {
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Body, "{client}");
        assert_eq!(error.status().map(|s| s.as_u16()), Some(200), "{client}");
        assert_eq!(error.request_id(), Some("r-1"), "{client}");
    }
}

#[test]
fn metadata_parses_in_all_its_spellings() {
    for (body, width) in [
        (&br#"{"id":"default","width":256,"height":256}"#[..], Some(256)),
        (br#"{"id":"240X240","width":240,"height":240}"#, Some(240)),
        (br##"{"@odata.type":"#microsoft.graph.profilePhoto","id":"240x240","width":240,"height":240}"##, Some(240)),
        (br#"{"id":"default","width":null,"height":null}"#, None),
        (br#"{"id":"default","width":1,"height":1,"new":{"deep":[1]},"@odata.mediaReadLink":"x"}"#, Some(1)),
        (b"{}", None),
    ] {
        for result in both(answer("200 OK", "application/json; odata.metadata=minimal", body)) {
            assert_eq!(result.unwrap().width, width, "{}", String::from_utf8_lossy(body));
        }
    }
}
