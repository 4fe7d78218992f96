use std::time::Duration;

use http::Method;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::error::ErrorKind;
use crate::wire::RequestBuilder;

static CONTENT: Operation = Operation::new("me_get_photo_content", "GET", "/me/photo/$value");
static METADATA: Operation = Operation::new("me_get_photo", "GET", "/me/photo");
static PUT: Operation = Operation::new("me_put_photo_content", "PUT", "/me/photo/$value");

const JPEG: &[u8] = b"\xFF\xD8\xFF\xE0\xFB\xF0 a photo?>";

fn get(path: &str) -> Request<Vec<u8>> {
    RequestBuilder::new(Method::GET, path.to_owned())
        .build()
        .unwrap()
}

fn put(length: usize) -> Request<Vec<u8>> {
    RequestBuilder::new(Method::PUT, "/me/photo/$value".to_owned())
        .operation(&PUT)
        .body("image/jpeg", vec![0; length])
        .build()
        .unwrap()
}

fn answered(
    operations: &[&'static Operation],
    body: &Value,
) -> Vec<Result<Response<Bytes>, Error>> {
    let mut outer = HeaderMap::new();
    outer.insert("request-id", HeaderValue::from_static("outer"));
    let body = body.to_string();
    split(
        operations,
        StatusCode::OK,
        &outer,
        body.as_bytes(),
        SystemTime::UNIX_EPOCH,
    )
    .unwrap()
}

#[test]
fn a_batch_on_the_wire() {
    let mut upload = RequestBuilder::new(Method::PUT, "/users/a%40b.c/photo/$value".to_owned())
        .body("image/jpeg", JPEG.to_vec())
        .build()
        .unwrap();
    upload
        .headers
        .insert(AUTHORIZATION, HeaderValue::from_static("Bearer sentinel"));
    let mut secret = HeaderValue::from_static("sentinel");
    secret.set_sensitive(true);
    upload.headers.insert("x-secret", secret);
    let requests = [
        get("/me/photo?$select=id,width"),
        upload,
        RequestBuilder::new(Method::POST, "/x".to_owned())
            .accept("application/json")
            .body("application/json; charset=utf-8", b"{\"a\": 1}".to_vec())
            .build()
            .unwrap(),
    ];
    let sent = encode(&requests).unwrap();
    insta::assert_snapshot!(String::from_utf8(sent).unwrap());
}

#[test]
fn batches_hold_twenty_requests_and_four_megabytes() {
    let many = vec![get("/me/photo"); 41];
    assert_eq!(chunks(&many), [0..20, 20..40, 40..41]);
    assert_eq!(chunks::<Vec<u8>>(&[]), Vec::<Range<usize>>::new());
    // 2 MB are 2.7 MB in base64, and 4 MB are too much even alone.
    let large = [
        put(2_000_000),
        put(2_000_000),
        put(4_194_304),
        put(1),
        put(1),
    ];
    assert_eq!(chunks(&large), [0..1, 1..2, 2..3, 3..5]);
    for group in chunks(&large) {
        let sent = encode(&large[group.clone()]).unwrap();
        assert!(sent.len() <= MAX_PAYLOAD_BYTES || group.len() == 1);
    }
    for wrong in [encode::<Vec<u8>>(&[]), encode(&many)] {
        assert_eq!(wrong.unwrap_err().kind(), ErrorKind::InvalidInput);
    }
    let no_json = RequestBuilder::new(Method::POST, "/x".to_owned())
        .body("application/json", b"{".to_vec())
        .build()
        .unwrap();
    assert_eq!(
        encode(&[no_json]).unwrap_err().kind(),
        ErrorKind::InvalidInput
    );
}

#[test]
fn results_come_in_request_order_as_single_calls_would_give_them() {
    let standard = base64_text::encode(JPEG);
    let url_safe = standard.replace('+', "-").replace('/', "_");
    let operations = [
        &CONTENT, &METADATA, &CONTENT, &CONTENT, &PUT, &CONTENT, &CONTENT,
    ];
    let results = answered(
        &operations,
        &json!({"responses": [
            {"id": "6", "status": 200, "headers": {"Content-Type": "application/json"}, "body": url_safe.trim_end_matches('=')},
            {"id": "5", "status": 204},
            {"id": "7", "status": 200, "headers": {"Content-Type": "image/pjpeg"}, "body": standard},
            {"id": "4", "status": "429", "headers": {"retry-after": 7, "request-id": "inner"}, "body": {"error": {"code": "TooManyRequests"}}},
            {"id": 3, "status": 404, "body": {"error": {"code": "ImageNotFound"}}},
            {"id": "2", "status": 200, "body": {"width": 240, "@odata.mediaEtag": "\"BA09D118\""}},
            {"id": "1", "status": 200, "headers": {"Content-Type": "image/jpeg", "bad name": "x", "X": null}, "body": standard},
            {"id": "99", "status": 200}, "nonsense", {"no": "id"},
        ]}),
    );
    assert_eq!(results.len(), operations.len());

    let photo = results[0].as_ref().unwrap();
    assert_eq!(photo.as_ref(), JPEG);
    assert_eq!(photo.headers()["content-type"], "image/jpeg");
    assert_eq!(photo.request_id(), Some("outer"));

    let metadata = results[1].as_ref().unwrap();
    let metadata: Value = serde_json::from_slice(metadata).unwrap();
    assert_eq!(metadata["@odata.mediaEtag"], "\"BA09D118\"");

    let missing = results[2].as_ref().unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::NoPhoto);
    assert_eq!(missing.operation(), Some(&CONTENT));

    let throttled = results[3].as_ref().unwrap_err();
    assert_eq!(throttled.kind(), ErrorKind::Throttled);
    assert_eq!(throttled.retry_after(), Some(Duration::from_secs(7)));
    assert_eq!(throttled.request_id(), Some("inner"));

    let uploaded = results[4].as_ref().unwrap();
    assert_eq!((uploaded.status().as_u16(), uploaded.len()), (204, 0));

    let progressive = results[6].as_ref().unwrap();
    assert_eq!(progressive.headers()["content-type"], "image/pjpeg");

    let mislabelled = results[5].as_ref().unwrap();
    assert_eq!(mislabelled.as_ref(), JPEG);
    assert_eq!(mislabelled.headers()["content-type"], "image/jpeg");
}

#[test]
fn odd_answers_are_errors_of_their_own_item() {
    let results = answered(
        &[&CONTENT, &CONTENT, &CONTENT, &CONTENT, &CONTENT, &METADATA],
        &json!({"responses": [
            {"id": "1", "status": 200, "body": "AAAA"}, {"id": "1", "status": 200, "body": "BBBB"},
            {"id": "3", "body": "AAAA"},
            {"id": "4", "status": 200, "body": "not base64!"},
            {"id": "5", "status": 200, "body": {"error": {}}},
            {"id": "6", "status": 200, "body": "eyJ3aWR0aCI6MX0"},
        ]}),
    );
    let said: Vec<String> = results
        .iter()
        .take(5)
        .map(|result| {
            let error = result.as_ref().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::UnexpectedResponse);
            assert_eq!(error.request_id(), Some("outer"));
            std::error::Error::source(error).unwrap().to_string()
        })
        .collect();
    assert_eq!(
        said,
        [
            "the batch answers this request more than once",
            "the batch has no answer to this request",
            "the batch's answer to this request has no status",
            "the photo in the batch is not base64",
            "the photo in the batch is not a base64 string",
        ]
    );
    assert_eq!(
        results[5].as_ref().unwrap().as_ref(),
        b"{\"width\":1}".as_slice()
    );
}

#[test]
fn one_item_nested_too_deep_spoils_no_other() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let body = format!(
        r#"{{"responses":[{{"id":"1","status":200,"headers":{deep},"body":{deep}}},{{"id":"2","status":200,"body":"AAAA"}}]}}"#
    );
    let results = split(
        &[&CONTENT, &CONTENT],
        StatusCode::OK,
        &HeaderMap::new(),
        body.as_bytes(),
        SystemTime::UNIX_EPOCH,
    )
    .unwrap();
    assert!(results[0].is_err());
    assert_eq!(results[1].as_ref().unwrap().as_ref(), [0, 0, 0].as_slice());
}

#[test]
fn what_is_no_batch_answer_is_one_error() {
    for body in ["", "<html>", "{}", "[]", "{\"responses\":{}}", "null"] {
        let error = split(
            &[&CONTENT],
            StatusCode::OK,
            &HeaderMap::new(),
            body.as_bytes(),
            SystemTime::UNIX_EPOCH,
        )
        .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnexpectedResponse);
        assert_eq!(error.operation(), Some(&BATCH));
        assert_eq!(error.body_start(), Some(body));
    }
}

fn json_values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (0_u16..1100).prop_map(Value::from),
        "[A-Za-z0-9+/=_-]{0,12}".prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map("[a-z-]{0,8}", inner, 0..5)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_answer_gives_one_result_per_request(
        items in prop::collection::vec(
            (json_values(), json_values(), json_values(), json_values(), 0_usize..5), 0..6,
        ),
    ) {
        let responses: Vec<Value> = items
            .into_iter()
            .map(|(id, status, headers, body, known)| {
                let id = if known > 0 { json!(known.to_string()) } else { id };
                json!({"id": id, "status": status, "headers": headers, "body": body})
            })
            .collect();
        let results = answered(&[&CONTENT, &METADATA, &PUT, &CONTENT], &json!({"responses": responses}));
        prop_assert_eq!(results.len(), 4);
        for error in results.into_iter().filter_map(Result::err) {
            prop_assert!(error.status().is_some() && error.operation().is_some());
        }
    }

    #[test]
    fn no_bytes_panic(body in prop::collection::vec(any::<u8>(), 0..200), json in json_values()) {
        for body in [body, json.to_string().into_bytes(), json!({"responses": json}).to_string().into_bytes()] {
            if let Ok(results) = split(
                &[&CONTENT], StatusCode::OK, &HeaderMap::new(), &body, SystemTime::UNIX_EPOCH,
            ) {
                prop_assert_eq!(results.len(), 1);
            }
        }
    }

    #[test]
    fn photos_survive_the_way_through_a_batch(
        photos in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..100), 1..20),
    ) {
        let requests: Vec<Request<Vec<u8>>> = photos
            .iter()
            .map(|photo| {
                RequestBuilder::new(Method::PUT, "/me/photo/$value".to_owned())
                    .body("image/jpeg", photo.clone())
                    .build()
                    .unwrap()
            })
            .collect();
        let sent: Value = serde_json::from_slice(&encode(&requests).unwrap()).unwrap();
        // A service that gives back what it was given, last first.
        let responses: Vec<Value> = sent["requests"].as_array().unwrap().iter().rev()
            .map(|item| json!({"id": item["id"], "status": 200, "body": item["body"]}))
            .collect();
        let results = answered(&vec![&CONTENT; photos.len()], &json!({"responses": responses}));
        for (photo, result) in photos.iter().zip(results) {
            prop_assert_eq!(photo, &result.unwrap().into_inner());
        }
    }
}
