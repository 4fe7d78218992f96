//! Ids that try to be something else: one path segment on the wire, the same in both clients, or
//! refused before anything is sent.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may stop at the first surprise, in its helpers too"
)]

use graph_photo_model::ErrorKind;
use graph_photo_tests::wire::Recorder;

const NO_PHOTO: &[u8] = b"HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nContent-Length: 51\r\nConnection: close\r\n\r\n{\"error\":{\"code\":\"ImageNotFound\",\"message\":\"none\"}}";

const HOSTILE: [&str; 24] = [
    "plain",
    "adele@contoso.com",
    "a/b",
    "a#b",
    "a?b",
    "a'b",
    "a''b",
    "a%b",
    "a%2Fb",
    "a%2fb/../c",
    "a+b",
    "a b",
    " a ",
    "a;b,c:d=e",
    "a&b",
    "(a)",
    "a\\b",
    "a\tb\u{1}",
    "\u{e9}\u{4e2d}\u{1f600}",
    "...",
    ".a",
    "-",
    "adele_adatum.com#EXT#@contoso.com",
    "~a_b-c.d!*",
];

/// The request lines that both clients send for `id`, asserted to be equal.
fn request_line(id: &str) -> String {
    let recorder = Recorder::answering(NO_PHOTO).unwrap();
    let client = graph_photo::Client::builder()
        .base_url(recorder.base_url())
        .build()
        .unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let left = runtime.block_on(client.operations().user_contact_get_photo(id, id, None));
    let client = graph_photo_blocking::Client::builder()
        .base_url(recorder.base_url())
        .build()
        .unwrap();
    let right = client.operations().user_contact_get_photo(id, id, None);
    assert_eq!(left.unwrap_err().kind(), ErrorKind::NoPhoto, "{id:?}");
    assert_eq!(right.unwrap_err().kind(), ErrorKind::NoPhoto, "{id:?}");
    let requests = recorder.requests();
    assert_eq!(requests.len(), 2, "{id:?}");
    assert_eq!(requests[0].comparable(), requests[1].comparable(), "{id:?}");
    requests[0].request_line().to_owned()
}

#[test]
fn a_hostile_id_stays_one_segment() {
    for id in HOSTILE {
        let line = request_line(id);
        let path = line
            .strip_prefix("GET /v1.0/")
            .and_then(|line| line.strip_suffix(" HTTP/1.1"))
            .unwrap_or_else(|| panic!("{id:?} went out as {line:?}"));
        let segments: Vec<&str> = path.split('/').collect();
        assert_eq!(segments.len(), 5, "{id:?} went out as {line:?}");
        assert_eq!(
            (segments[0], segments[2], segments[4]),
            ("users", "contacts", "photo")
        );
        for segment in [segments[1], segments[3]] {
            let decoded = percent_encoding::percent_decode_str(segment)
                .decode_utf8()
                .unwrap();
            assert_eq!(decoded, id, "as sent: {segment:?}");
            let safe = segment
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-._~%".contains(&b));
            assert!(safe, "as sent: {segment:?}");
        }
    }
}

#[test]
fn a_leading_dollar_takes_the_key_form() {
    let line = request_line("$adele@contoso.com");
    assert!(
        line.contains("/v1.0/users('%24adele%40contoso.com')/"),
        "{line}"
    );
}

#[test]
fn what_is_no_segment_is_refused_before_sending() {
    let recorder = Recorder::answering(NO_PHOTO).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    for id in ["", ".", ".."] {
        let client = graph_photo::Client::builder()
            .base_url(recorder.base_url())
            .build()
            .unwrap();
        let left = runtime
            .block_on(client.operations().user_get_photo(id, None))
            .unwrap_err();
        let client = graph_photo_blocking::Client::builder()
            .base_url(recorder.base_url())
            .build()
            .unwrap();
        let right = client.operations().user_get_photo(id, None).unwrap_err();
        for error in [left, right] {
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{id:?}");
            assert!(error.to_string().contains("user-id"), "{error}");
        }
    }
    assert_eq!(recorder.requests(), []);
}
