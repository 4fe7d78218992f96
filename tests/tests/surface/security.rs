client!();

use std::sync::{Arc, Mutex};

use graph_photo_emulator::demo_jpeg;
use graph_photo_model::{Owner, Size};
use graph_photo_tests::scripted::{Scripted, Step, answer, error};

const SENTINEL: &str = "sentinel-4c1f-secret";

fn client_of(server: &Scripted) -> Client {
    configure!()
        .base_url(server.base_url())
        .bearer_token(SENTINEL)
        .retry(client::retry::Policy::NEVER)
        .build()
        .unwrap()
}

case!(no_redirect_carries_the_token_anywhere {
    for status in ["300 Multiple Choices", "301 Moved Permanently", "302 Found", "303 See Other", "307 Temporary Redirect", "308 Permanent Redirect"] {
        let elsewhere = Scripted::start([Step::Answer(answer("200 OK", &[], "{}"))]).unwrap();
        let target = format!("http://{}/v1.0/me/photo", elsewhere.address());
        let server = Scripted::start([Step::Answer(answer(status, &[("Location", &target)], ""))]).unwrap();
        let client = client_of(&server);
        let photo = demo_jpeg(96, 1, "R").unwrap();
        let errors = [
            wait!(client.me().photo().metadata()).unwrap_err(),
            wait!(client.me().photo().get()).unwrap_err(),
            wait!(client.me().photo().put(photo)).unwrap_err(),
            wait!(client.me().photo().delete()).unwrap_err(),
            wait!(client.batch().photos(&[Owner::Me])).pop().unwrap().unwrap_err(),
        ];
        for error in errors {
            assert_eq!(error.kind(), ErrorKind::UnexpectedResponse, "{status}");
            let source = std::error::Error::source(&error).unwrap().to_string();
            assert!(source.contains("127.0.0.1"), "{source}");
            assert!(!source.contains("/me/photo"), "{source}");
        }
        assert!(elsewhere.requests().is_empty(), "{status}");
        assert_eq!(server.requests().len(), 5, "{status}");
    }
});

case!(a_next_link_is_followed_below_the_base_url_only {
    let page = |next: &str, size: u32| {
        let echo = format!("Bearer {SENTINEL}");
        let head = [("Content-Type", "application/json"), ("request-id", "r-1"), ("client-request-id", SENTINEL), ("x-echo", &echo), ("x-size", "96")];
        let body = format!(r#"{{"value":[{{"id":"x","width":{size},"height":{size}}}],"@odata.nextLink":"{next}"}}"#);
        Step::Answer(answer("200 OK", &head, body))
    };
    let last = answer("200 OK", &[("Content-Type", "application/json")], r#"{"value":[{"width":48,"height":48}]}"#);
    let elsewhere = Scripted::start([Step::Answer(last.clone())]).unwrap();
    for next in [
        format!("http://{}/v1.0/me/photos?$skip=1", elsewhere.address()),
        "https://graph.microsoft.com/v1.0/me/photos".to_owned(),
        "//evil.example/v1.0/me/photos".to_owned(),
    ] {
        let server = Scripted::start([page(&next, 96), Step::Answer(last.clone())]).unwrap();
        let error = wait!(client_of(&server).me().photo().sizes()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnexpectedResponse);
        assert_eq!(error.operation().unwrap().name, "me_list_photos");
        assert_eq!(error.status(), Some(http::StatusCode::OK));
        assert_eq!(error.request_id(), Some("r-1"), "whoever asks Microsoft about it is asked for it");
        assert_eq!(error.headers()["x-size"], "96");
        assert!(error.to_string().contains("r-1"), "{error}");
        assert!(!format!("{error} {error:?} {:?} {:?}", error.headers(), error.client_request_id()).contains(SENTINEL));
        assert_eq!(server.requests().len(), 1);
    }
    // The second page's head is the second page's.
    let server = Scripted::start_with(|base_url| {
        vec![page(&format!("{base_url}/me/photos?$skip=1"), 96), Step::Answer(answer("200 OK", &[("request-id", "r-2")], r#"{"value":[],"@odata.nextLink":"https://graph.microsoft.com/v1.0/me/photos"}"#))]
    }).unwrap();
    assert_eq!(wait!(client_of(&server).me().photo().sizes()).unwrap_err().request_id(), Some("r-2"));
    assert!(elsewhere.requests().is_empty());

    let server = Scripted::start_with(|base_url| {
        let next = format!("{base_url}/me/photos?$skip=1");
        vec![page(&next, 96), Step::Answer(last.clone())]
    }).unwrap();
    let sizes = wait!(client_of(&server).me().photo().sizes()).unwrap();
    assert_eq!(sizes.len(), 2);
    assert_eq!(server.requests()[1].request_line(), "GET /v1.0/me/photos?$skip=1 HTTP/1.1");
});

case!(links_in_an_answer_are_not_gone_to {
    let elsewhere = Scripted::start([Step::Answer(answer("200 OK", &[], "{}"))]).unwrap();
    let link = format!("http://{}/v1.0/users/x/photo", elsewhere.address());
    let body = format!(
        r#"{{"@odata.context":"{link}","@odata.id":"{link}","@odata.readLink":"{link}","@odata.editLink":"{link}","@odata.mediaReadLink":"{link}/$value","@odata.mediaEditLink":"{link}/$value","@odata.nextLink":"{link}","@odata.mediaContentType":"image/jpeg","@odata.mediaEtag":"\"E\"","id":"default","width":96,"height":96}}"#
    );
    let photo = demo_jpeg(96, 1, "L").unwrap();
    let json = Step::Answer(answer("200 OK", &[("Content-Type", "application/json"), ("Content-Location", &link), ("Link", &format!("<{link}>"))], body));
    let image = Step::Answer(answer("200 OK", &[("Content-Type", "image/jpeg"), ("Content-Location", &link)], &photo));
    let server = Scripted::start([json, image.clone(), image]).unwrap();
    let client = client_of(&server);
    wait!(client.me().photo().get_if_changed(None)).unwrap();
    wait!(client.me().photo().get()).unwrap();
    wait!(client.me().photo().put(photo)).unwrap();
    assert_eq!(server.requests().len(), 4);
    assert!(elsewhere.requests().is_empty());
});

case!(what_is_compressed_unasked_is_not_unpacked {
    // A gzip of 10 MiB of zeros would be 10 KB; its start is enough.
    let gzip = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xec\xc1\x01\x01\x00\x00\x00\x80\x90\xfe\xaf\xee\x08\x0a";
    for (content_type, encoding) in [("application/json", "gzip"), ("image/jpeg", "gzip"), ("application/json", "br")] {
        let head = [("Content-Type", content_type), ("Content-Encoding", encoding)];
        let server = Scripted::start([Step::Answer(answer("200 OK", &head, gzip))]).unwrap();
        let client = client_of(&server);
        assert_eq!(wait!(client.me().photo().metadata()).unwrap_err().kind(), ErrorKind::UnexpectedResponse);
        match wait!(client.me().photo().get()) {
            Ok(photo) => assert_eq!(photo.unwrap().bytes(), &gzip[..], "as it came"),
            Err(error) => assert_eq!(error.kind(), ErrorKind::UnexpectedResponse),
        }
    }
});

case!(no_referer_no_cookies_no_compression_is_asked_for {
    let server = Scripted::start([Step::Answer(answer(
        "200 OK",
        &[("Content-Type", "application/json"), ("Set-Cookie", "session=1")],
        r#"{"width":48,"height":48}"#,
    ))]).unwrap();
    let client = client_of(&server);
    wait!(client.user("adele@contoso.com").photo().metadata()).unwrap();
    wait!(client.user("adele@contoso.com").photo().metadata()).unwrap();
    for request in server.requests() {
        for name in ["referer", "cookie", "accept-encoding"] {
            assert_eq!(request.header(name), None, "{name}");
        }
    }
});

case!(the_token_is_in_no_text {
    let shouted = format!("Bearer {SENTINEL}");
    let body = format!(r#"{{"error":{{"code":"{SENTINEL}","message":"you sent {SENTINEL}","innerError":{{"request-id":"{SENTINEL}"}}}}}}"#);
    let mut texts: Vec<String> = Vec::new();
    let observed = Arc::new(Mutex::new(Vec::new()));
    for (status, headers) in [
        ("400 Bad Request", vec![("request-id", SENTINEL), ("x-echo", shouted.as_str())]),
        ("401 Unauthorized", vec![("www-authenticate", shouted.as_str())]),
        ("302 Found", vec![("location", "http://sentinel-4c1f-secret/")]),
        ("500 Internal Server Error", vec![("client-request-id", SENTINEL)]),
        ("200 OK", vec![("content-type", "application/json"), ("request-id", SENTINEL)]),
    ] {
        let server = Scripted::start([Step::Answer(answer(status, &headers, &body))]).unwrap();
        let noted = Arc::clone(&observed);
        let builder = configure!()
            .base_url(server.base_url())
            .bearer_token(SENTINEL)
            .observer(move |exchange| noted.lock().unwrap().push(format!("{exchange:?}")));
        texts.push(format!("{builder:?} {builder:#?}"));
        let client = builder.build().unwrap();
        texts.push(format!("{client:?} {:?} {:?} {:?}", client.operations(), client.me().photo(), client.batch()));
        let errors: Vec<client::Error> = [
            wait!(client.me().photo().get()).err(),
            wait!(client.me().photo().stream()).err(),
            wait!(client.me().photo().metadata()).err(),
            wait!(client.me().photo().sizes()).err(),
            wait!(client.operations().me_get_photo(None)).err(),
            wait!(client.operations().me_list_photos(None, None, None, None, None, None)).err(),
            wait!(client.batch().photos(&[Owner::Me])).pop().unwrap().err(),
        ].into_iter().flatten().collect();
        // A 200 passes as metadata, but neither as a photo nor as a batch.
        assert!(errors.len() >= 3, "{status}: {errors:?}");
        for error in errors {
            let mut cause: Option<&dyn std::error::Error> = Some(&error);
            while let Some(error) = cause {
                texts.push(format!("{error} {error:?} {error:#?}"));
                cause = error.source();
            }
            texts.push(format!("{:?} {:?} {:?} {:?}", error.code(), error.message(), error.headers(), error.body_start()));
        }
    }
    for token in ["", "two words", "Bearer sentinel-4c1f-secret", "sentinel-4c1f-secret\n\0"] {
        let error = configure!().bearer_token(token).build().err();
        texts.push(format!("{error:?}"));
    }
    texts.append(&mut observed.lock().unwrap());
    for text in texts {
        assert!(!text.contains("sentinel-4c1f"), "{text}");
    }
});

case!(what_a_server_sends_is_bounded {
    // A head without an end.
    let mut head = b"HTTP/1.1 200 OK\r\n".to_vec();
    for n in 0..40_000 {
        head.extend_from_slice(format!("x-{n}: {}\r\n", "y".repeat(40)).as_bytes());
    }
    let server = Scripted::start([Step::Close(head)]).unwrap();
    assert_eq!(wait!(client_of(&server).me().photo().get()).unwrap_err().kind(), ErrorKind::Transport);

    // An answer that says it is larger than any photo.
    let large = format!("HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: {}\r\n\r\n", 1_u64 << 40);
    let server = Scripted::start([Step::Stall(large.into_bytes())]).unwrap();
    let error = wait!(client_of(&server).me().photo().get()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnexpectedResponse);

    // JSON that is nested without end, and one that is too long.
    let deep = "[".repeat(100_000);
    let server = Scripted::start([Step::Answer(answer("200 OK", &[("Content-Type", "application/json")], deep))]).unwrap();
    assert_eq!(wait!(client_of(&server).me().photo().metadata()).unwrap_err().kind(), ErrorKind::UnexpectedResponse);
    let long = vec![b' '; 17 * 1024 * 1024];
    let server = Scripted::start([Step::Answer(answer("200 OK", &[("Content-Type", "application/json")], long))]).unwrap();
    assert_eq!(wait!(client_of(&server).me().photo().metadata()).unwrap_err().kind(), ErrorKind::UnexpectedResponse);

    // The body of an error: its status and headers stay, its text is cut.
    let long = vec![b'x'; 3 * 1024 * 1024];
    let server = Scripted::start([Step::Close(answer("500 Internal Server Error", &[("request-id", "r")], long))]).unwrap();
    let error = wait!(client_of(&server).me().photo().metadata()).unwrap_err();
    assert_eq!((error.kind(), error.request_id()), (ErrorKind::Service, Some("r")));
    assert!(error.body_start().unwrap().len() <= 2048);
});

case!(plain_http_goes_to_this_machine_only {
    let error = configure!().base_url("http://graph.microsoft.com/v1.0").bearer_token(SENTINEL).build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(configure!().base_url("http://10.0.0.1/v1.0").allow_insecure(true).build().is_ok());
});

case!(an_id_cannot_change_the_path {
    let server = Scripted::start([Step::Answer(error("404 Not Found", "ImageNotFound"))]).unwrap();
    let client = client_of(&server);
    for id in ["", ".", ".."] {
        assert_eq!(wait!(client.user(id).photo().get()).unwrap_err().kind(), ErrorKind::InvalidInput);
        assert_eq!(wait!(client.user(id).exists()).unwrap_err().kind(), ErrorKind::InvalidInput);
    }
    assert!(server.requests().is_empty());
    wait!(client.user("a/../b?x#y").photo().size(Size::S48).get()).unwrap();
    assert_eq!(server.requests()[0].request_line(), "GET /v1.0/users/a%2F..%2Fb%3Fx%23y/photos/48x48/$value HTTP/1.1");
});
