use http::{HeaderName, HeaderValue};
use proptest::prelude::*;

use super::*;
use crate::operation::{Grant, Permissions};

static GET: Operation = Operation::new(
    "user_get_photo_content",
    "GET",
    "/users/{user-id}/photo/$value",
)
.with_permissions(Permissions {
    delegated_work: Some(Grant {
        least: &["ProfilePhoto.Read.All"],
        higher: &["User.Read.All"],
    }),
    delegated_personal: Some(Grant {
        least: &["User.Read"],
        higher: &[],
    }),
    application: Some(Grant {
        least: &["ProfilePhoto.Read.All"],
        higher: &[],
    }),
});
static PUT: Operation = Operation::new(
    "user_put_photo_content",
    "PUT",
    "/users/{user-id}/photo/$value",
);

fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
    pairs
        .iter()
        .map(|(name, value)| {
            (
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            )
        })
        .collect()
}

fn answer(operation: &'static Operation, status: u16, body: &[u8]) -> Error {
    Error::from_response(
        Some(operation),
        StatusCode::from_u16(status).unwrap(),
        headers(&[("content-type", "application/json")]),
        body,
        SystemTime::UNIX_EPOCH,
    )
}

#[test]
fn todays_body_is_read() {
    let error = answer(
        &GET,
        404,
        br#"{"error":{"code":"ImageNotFound","message":"Exception of type '...ImageNotFoundException' was thrown.",
            "innerError":{"date":"2022-09-08T10:27:18","request-id":"r","client-request-id":"c"}}}"#,
    );
    assert_eq!(error.kind(), ErrorKind::NoPhoto);
    assert_eq!(error.code(), Some("ImageNotFound"));
    assert_eq!(error.request_id(), Some("r"));
    assert_eq!(error.client_request_id(), Some("c"));
}

#[test]
fn bodies_are_read_whatever_their_shape() {
    let bodies = [
        r#"{"error":{"innererror":{"request-id":"r"},"message":"m","code":"c"}}"#,
        r#"{"error":{"InnerError":{"Request-Id":"r"},"Message":"m","Code":"c"}}"#,
        r#"{"odata.error":{"code":"c","message":{"lang":"en","value":"m"},"request-id":"r"}}"#,
        r#"{"error":{"code":"c","code":"other","message":"m","innerError":{"request-id":"r"},"details":[{"code":"x"}]}}"#,
        r#"{"error":{"code":"c","message":"m","innerError":{"request-id":"r"}}, "truncated": [1,"#,
        r#"{"code":"c","message":"m","request-id":"r"}"#,
        r#"{"error":"c","error_description":"m","request-id":"r"}"#,
    ];
    let utf16 = |unit: fn(u16) -> [u8; 2], mark: &[u8]| {
        let mut bytes = mark.to_vec();
        bytes.extend(bodies[0].encode_utf16().flat_map(unit));
        bytes
    };
    let encoded = [
        [b"\xEF\xBB\xBF", bodies[0].as_bytes()].concat(),
        utf16(u16::to_le_bytes, b"\xFF\xFE"),
        utf16(u16::to_be_bytes, b"\xFE\xFF"),
        utf16(u16::to_le_bytes, b""),
        utf16(u16::to_be_bytes, b""),
    ];
    for body in bodies
        .iter()
        .map(|body| body.as_bytes())
        .chain(encoded.iter().map(Vec::as_slice))
    {
        let error = answer(&GET, 400, body);
        let shown = String::from_utf8_lossy(body);
        assert_eq!(error.code(), Some("c"), "{shown}");
        assert_eq!(error.message(), Some("m"), "{shown}");
        assert_eq!(error.request_id(), Some("r"), "{shown}");
    }
    let numbers = answer(&GET, 400, br#"{"error":{"code":400,"message":true}}"#);
    assert_eq!(
        (numbers.code(), numbers.message()),
        (Some("400"), Some("true"))
    );
    let latin1 = answer(
        &GET,
        400,
        b"{\"error\":{\"code\":\"c\",\"message\":\"caf\xE9\"}}",
    );
    assert_eq!(latin1.message(), Some("caf\u{FFFD}"));
}

#[test]
fn the_most_detailed_code_that_is_understood_wins() {
    let error = answer(
        &GET,
        404,
        br#"{"error":{"code":"NotFound","innerError":{"code":"ImageNotFound","innerError":{"code":"Unheard"}}}}"#,
    );
    assert_eq!(error.code(), Some("ImageNotFound"));
    assert_eq!(error.kind(), ErrorKind::NoPhoto);
    let error = answer(
        &GET,
        404,
        br#"{"error":{"code":"ResourceNotFound","innerError":{"code":"ImageNotFound"}}}"#,
    );
    assert_eq!(error.code(), Some("ImageNotFound"));
    assert_eq!(error.kind(), ErrorKind::NoPhoto);
    let error = answer(
        &GET,
        400,
        br#"{"error":{"innerError":{"code":"Unheard"},"code":"Outer"}}"#,
    );
    assert_eq!(error.code(), Some("Outer"));
}

#[test]
fn the_headers_know_the_request_id_best() {
    let body = br#"{"error":{"innerError":{"request-id":"body","client-request-id":"body"}}}"#;
    let error = Error::from_response(
        Some(&GET),
        StatusCode::BAD_REQUEST,
        headers(&[("request-id", "header")]),
        body,
        SystemTime::UNIX_EPOCH,
    );
    assert_eq!(error.request_id(), Some("header"));
    assert_eq!(error.client_request_id(), Some("body"));
}

#[test]
fn hostile_bodies_keep_status_and_headers_and_stay_bounded() {
    let chain = format!(
        "{}{}",
        r#"{"error":{"code":"c","innerError":"#,
        r#"{"code":"d","innerError":"#.repeat(5_000)
    );
    let brackets = format!(r#"{{"error":{{"code":"c","x":{}"#, "[".repeat(50_000));
    let long = format!(
        r#"{{"error":{{"code":"{0}","message":"{0}"}}}}"#,
        "é".repeat(20_000)
    );
    let text = format!(r#"{{"error":"{}"}}"#, "x".repeat(20_000));
    let bodies: [&[u8]; 10] = [
        b"",
        b"\0\0\0\0",
        b"<html><body>502 Bad Gateway</body></html>",
        b"\xFF\xFE",
        b"{",
        b"null",
        chain.as_bytes(),
        brackets.as_bytes(),
        long.as_bytes(),
        text.as_bytes(),
    ];
    for body in bodies {
        let error = Error::from_response(
            Some(&GET),
            StatusCode::BAD_GATEWAY,
            headers(&[("request-id", "r"), ("retry-after", "7")]),
            body,
            SystemTime::UNIX_EPOCH,
        );
        assert_eq!(error.kind(), ErrorKind::Service);
        assert_eq!(error.status(), Some(StatusCode::BAD_GATEWAY));
        assert_eq!(error.request_id(), Some("r"));
        assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));
        assert_eq!(error.headers().len(), 2);
        assert!(error.body_start().unwrap().len() <= MAX_BODY_START);
        assert!(error.code().unwrap_or_default().len() <= 128);
        assert!(error.message().unwrap_or_default().len() <= 1024);
        assert!(error.to_string().len() < 800);
    }
    assert_eq!(answer(&GET, 400, chain.as_bytes()).code(), Some("c"));
    assert_eq!(envelope::read(chain.as_bytes()).codes.len(), 32);
    assert_eq!(answer(&GET, 400, brackets.as_bytes()).code(), Some("c"));
}

#[test]
fn one_line_says_what_to_do() {
    let lines: Vec<String> = [
        answer(
            &GET,
            403,
            br#"{"error":{"code":"ErrorAccessDenied","message":"Access is denied."}}"#,
        ),
        answer(
            &GET,
            404,
            br#"{"error":{"code":"ImageNotFound","innerError":{"request-id":"r-1"}}}"#,
        ),
        answer(
            &PUT,
            404,
            br#"{"error":{"code":"ErrorItemNotFound","message":"adele@contoso.com"}}"#,
        ),
        answer(
            &PUT,
            400,
            br#"{"error":{"code":"ValidationWidthTooSmall","message":"line\r\nbreak"}}"#,
        ),
        answer(&GET, 401, b""),
        answer(&GET, 500, b"<html>"),
        Error::from_response(
            Some(&GET),
            StatusCode::TOO_MANY_REQUESTS,
            headers(&[("retry-after", "1.5")]),
            b"",
            SystemTime::UNIX_EPOCH,
        ),
        Error::transport(ErrorKind::Connect, Some(&GET), "connection refused"),
        Error::invalid_input("user-id", "is empty; pass the id of an existing object"),
        Error::configuration("the base URL has no host"),
    ]
    .iter()
    .map(ToString::to_string)
    .collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn no_token_is_printed() {
    let error = Error::from_response(
        Some(&GET),
        StatusCode::BAD_REQUEST,
        headers(&[
            ("authorization", "Bearer sentinel-1"),
            ("set-cookie", "sentinel-1"),
            ("x-echo", "Bearer sentinel-1"),
            ("request-id", "sentinel-1"),
        ]),
        br#"{"error":{"code":"sentinel-1","message":"Authorization: Bearer sentinel-1 eyJhbGciOi.x.y"}}"#,
        SystemTime::UNIX_EPOCH,
    )
    .with_source("Bearer sentinel-1")
    .without_secret("sentinel-1");
    let source = StdError::source(&error).unwrap().to_string();
    for text in [
        error.to_string(),
        format!("{error:?} {error:#?}"),
        format!("{:?}", error.headers()),
        error.body_start().unwrap().to_owned(),
        source,
    ] {
        assert!(!text.contains("sentinel-1"), "{text}");
    }
    assert!(!error.to_string().contains("eyJ"), "{error}");

    // Without knowing the token: header values and what follows "Bearer" stay out by themselves.
    let error = Error::from_response(
        Some(&GET),
        StatusCode::BAD_REQUEST,
        headers(&[
            ("authorization", "Bearer sentinel-2"),
            ("www-authenticate", "sentinel-2"),
        ]),
        br#"{"error":{"code":"c","message":"got Bearer sentinel-2"}}"#,
        SystemTime::UNIX_EPOCH,
    );
    assert!(!error.to_string().contains("sentinel-2"), "{error}");
    assert!(!format!("{error:?}").contains("sentinel-2"));
}

#[test]
fn a_short_token_does_not_hide_the_cause() {
    let io = std::io::Error::other("connection reset by peer");
    let error = Error::transport(ErrorKind::Transport, Some(&GET), io).without_secret("t");
    let source = StdError::source(&error).unwrap();
    assert!(source.is::<std::io::Error>(), "{source:?}");

    let io = std::io::Error::other("the proxy answered: no Bearer t here");
    let error = Error::transport(ErrorKind::Transport, Some(&GET), io).without_secret("t");
    assert_eq!(
        StdError::source(&error).unwrap().to_string(),
        "the proxy answered: no Bearer [masked] here"
    );
}

#[test]
fn an_answer_that_breaks_off_keeps_its_head() {
    let head = headers(&[
        ("request-id", "r"),
        ("client-request-id", "c"),
        ("x-other", "o"),
    ]);
    let error =
        Error::transport(ErrorKind::Body, Some(&GET), "reset").with_head(StatusCode::OK, head);
    assert_eq!(error.kind(), ErrorKind::Body);
    assert_eq!(error.status(), Some(StatusCode::OK));
    assert_eq!(error.request_id(), Some("r"));
    assert_eq!(error.client_request_id(), Some("c"));
    assert_eq!(error.headers().len(), 3);
    assert_eq!(error.body_start(), None);
    assert_eq!(
        error.to_string(),
        "user_get_photo_content: a body broke off (HTTP 200); try again; request-id r"
    );
}

#[test]
fn a_shared_failure_is_each_ones_own() {
    static OTHER: Operation = Operation::new("team_get_photo", "GET", "/teams/{team-id}/photo");
    let shared = Error::from_response(
        Some(&GET),
        StatusCode::TOO_MANY_REQUESTS,
        headers(&[("retry-after", "2"), ("request-id", "r")]),
        br#"{"error":{"code":"c","message":"m"}}"#,
        SystemTime::UNIX_EPOCH,
    )
    .with_source(std::io::Error::other("cause"));
    let own = shared.of_operation(&OTHER);
    assert_eq!(own.operation().unwrap().name, "team_get_photo");
    assert_eq!(
        (own.kind(), own.status(), own.code(), own.message()),
        (
            shared.kind(),
            shared.status(),
            shared.code(),
            shared.message()
        )
    );
    assert_eq!(
        (own.request_id(), own.retry_after(), own.body_start()),
        (
            shared.request_id(),
            shared.retry_after(),
            shared.body_start()
        )
    );
    assert_eq!(own.headers(), shared.headers());
    assert_eq!(StdError::source(&own).unwrap().to_string(), "cause");
}

#[test]
fn a_forbidden_call_names_the_least_privileged_permissions() {
    let error = answer(&GET, 403, b"");
    assert_eq!(
        error.missing_permissions(),
        ["ProfilePhoto.Read.All", "User.Read"]
    );
    assert!(answer(&GET, 401, b"").missing_permissions().is_empty());
}

#[test]
fn an_error_is_one_pointer_and_can_cross_threads() {
    fn crosses<T: Send + Sync + 'static>() {}
    crosses::<Error>();
    assert_eq!(size_of::<Result<(), Error>>(), size_of::<usize>());
}

proptest! {
    #[test]
    fn no_bytes_panic_or_lose_the_status(
        body in proptest::collection::vec(any::<u8>(), 0..600),
        status in 100_u16..1000,
    ) {
        let status = StatusCode::from_u16(status).unwrap();
        let error = Error::from_response(
            Some(&GET), status, headers(&[("request-id", "r")]), &body, SystemTime::UNIX_EPOCH,
        );
        prop_assert_eq!(error.status(), Some(status));
        prop_assert_eq!(error.request_id(), Some("r"));
        prop_assert!(!error.to_string().contains('\n'));
        let _ = format!("{error:?}");
    }

    #[test]
    fn any_cut_of_a_real_body_is_read_as_far_as_it_goes(cut in 0_usize..120) {
        let body = r#"{"error":{"code":"ImageNotFound","message":"m","innerError":{"request-id":"r"}}}"#;
        let cut = cut.min(body.len());
        let error = answer(&GET, 404, &body.as_bytes()[..cut]);
        let code_complete = cut >= r#"{"error":{"code":"ImageNotFound""#.len();
        prop_assert_eq!(error.code().is_some(), code_complete);
    }

    #[test]
    fn any_code_and_message_come_back(code in "[A-Za-z_]{1,40}", message in any::<String>()) {
        let body = serde_json::json!({"error": {"code": code, "message": message}}).to_string();
        let error = answer(&GET, 400, body.as_bytes());
        prop_assert_eq!(error.code(), Some(code.as_str()));
        prop_assert!(message.starts_with(error.message().unwrap_or_default()));
    }
}
