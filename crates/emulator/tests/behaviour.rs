//! What can be chosen about the service: versions, placeholders, permissions,
//! limits, faults, disk, numbers of users.

mod support;

use graph_photo_emulator::{Emulator as Async, demo_jpeg};
use graph_photo_emulator::{Fault, NoPhoto, Owner, PhotoId, Throttle, Tokens, blocking::Emulator};
use serde_json::json;
use support::{get, pixels, put, send, try_send};

#[allow(clippy::unwrap_used, reason = "a test's own text")]
fn fault(text: &str) -> Fault {
    text.parse().unwrap()
}

#[test]
fn placeholders_where_asked_for() {
    let emulator = Emulator::start_with(Async::builder().no_photo(NoPhoto::Placeholder)).unwrap();
    let lidia = format!("{}/users/lidia@contoso.com/photo", emulator.base_url());
    let json = get(&lidia).json();
    assert_eq!(json["id"], "1x1");
    assert_eq!(json["@odata.mediaContentType"], "image/gif");
    assert_eq!(json["@odata.mediaEtag"], "");
    let gif = get(&format!("{lidia}/$value"));
    assert_eq!(gif.header("content-type"), "image/gif");
    assert_eq!(pixels(&gif.body), (1, 1));
}

#[test]
fn ids_of_the_documented_kind_where_asked_for() {
    let emulator = Emulator::start_with(Async::builder().photo_id(PhotoId::Size)).unwrap();
    let json = get(&format!("{}/me/photo", emulator.base_url())).json();
    assert_eq!(json["id"], "648x648");
}

#[test]
fn beta_falls_back_to_the_directory() {
    let picture = demo_jpeg(256, 10, "D").unwrap();
    let emulator = Emulator::start_with(
        Async::builder()
            .directory_photo("alex@contoso.com", picture.clone())
            .directory_photo("nomailbox@contoso.com", picture.clone()),
    )
    .unwrap();
    let v1 = |path: &str| get(&format!("{}/users/{path}", emulator.base_url()));
    let beta = |path: &str| get(&format!("{}/users/{path}", emulator.beta_url()));

    // The mailbox has no 256x256, the directory has.
    let path = "alex@contoso.com/photos/256x256/$value";
    assert_eq!(v1(path).refusal(), "404 ImageNotFound");
    assert_eq!(beta(path).body, picture);
    // Neither has 648x648.
    let path = "alex@contoso.com/photos/648x648";
    assert_eq!(v1(path).refusal(), "404 ImageNotFound");
    let missing = beta(path).json();
    assert_eq!(
        (&missing["id"], &missing["width"]),
        (&json!("1x1"), &json!(1))
    );
    assert_eq!(
        beta(&format!("{path}/$value")).refusal(),
        "404 ImageNotFound"
    );
    // Without a mailbox only beta looks further.
    let path = "nomailbox@contoso.com/photo";
    assert_eq!(v1(path).refusal(), "404 MailboxNotEnabledForRESTAPI");
    assert_eq!(beta(path).json()["width"], 256);
    // A user with a directory photo alone has its one size, in both.
    for answer in [
        v1("megan@contoso.com/photos"),
        beta("megan@contoso.com/photos"),
    ] {
        assert_eq!(answer.json()["value"][0]["id"], "256x256");
        assert_eq!(answer.json()["value"].as_array().unwrap().len(), 1);
    }
}

#[test]
fn other_formats_come_back_as_they_are_and_as_jpeg_in_sizes() {
    let emulator = Emulator::start().unwrap();
    let photo = format!("{}/me/photo", emulator.base_url());
    let content = format!("{photo}/$value");
    // Half transparent: sizes show it on white.
    let image = image::RgbaImage::from_pixel(300, 200, image::Rgba([200, 0, 0, 0]));
    let mut png = std::io::Cursor::new(Vec::new());
    image.write_to(&mut png, image::ImageFormat::Png).unwrap();
    let png = png.into_inner();
    assert_eq!(put(&content, "application/octet-stream", &png).status, 200);
    let back = get(&content);
    assert_eq!(
        (back.header("content-type"), &back.body),
        ("image/png", &png)
    );
    let json = get(&photo).json();
    assert_eq!(
        (&json["width"], &json["height"]),
        (&json!(300), &json!(200))
    );
    // The longest side that fits is 120.
    let sizes = get(&format!("{photo}s")).json();
    assert_eq!(sizes["value"].as_array().unwrap().len(), 4);
    let small = get(&format!("{photo}s/48x48/$value"));
    assert_eq!(small.header("content-type"), "image/jpeg");
    let decoded = image::load_from_memory(&small.body).unwrap().into_rgb8();
    assert_eq!(decoded.dimensions(), (48, 48));
    assert!(decoded.get_pixel(24, 24).0.iter().all(|c| *c > 250));

    let mut gif = std::io::Cursor::new(Vec::new());
    image::DynamicImage::ImageRgba8(image)
        .write_to(&mut gif, image::ImageFormat::Gif)
        .unwrap();
    assert_eq!(put(&content, "image/gif", gif.get_ref()).status, 200);
    assert_eq!(get(&photo).json()["@odata.mediaContentType"], "image/gif");

    let jpeg = demo_jpeg(96, 0, "P").unwrap();
    assert_eq!(put(&content, "image/pjpeg", &jpeg).status, 200);
    assert_eq!(get(&photo).json()["@odata.mediaContentType"], "image/pjpeg");
}

#[test]
fn content_types_count_only_when_strict() {
    let emulator = Emulator::start_with(Async::builder().strict_content_type(true)).unwrap();
    let content = format!("{}/me/photo/$value", emulator.base_url());
    let jpeg = demo_jpeg(96, 0, "S").unwrap();
    assert_eq!(
        put(&content, "application/octet-stream", &jpeg).refusal(),
        "500 ErrorInternalServerError"
    );
    assert_eq!(put(&content, "image/jpeg; q=1", &jpeg).status, 200);
}

#[test]
fn a_token_of_a_user_whom_the_tenant_lacks_is_a_mistake() {
    let tokens = Tokens::parse("stray work user=nobody@contoso.com User.Read\n").unwrap();
    let refused = Emulator::start_with(Async::builder().tokens(tokens)).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the tenant has no \"nobody@contoso.com\""
    );
}

#[test]
fn tokens_are_a_closed_list_with_permissions() {
    let tokens = Tokens::parse(
        "reader work ProfilePhoto.Read.All\n\
         alex work user=alex@contoso.com User.ReadWrite\n\
         daemon application ProfilePhoto.ReadWrite.All Group.Read.All\n",
    )
    .unwrap();
    let emulator = Emulator::start_with(Async::builder().tokens(tokens)).unwrap();
    let ask = |token: &str, method: &str, path: &str| {
        let url = format!("{}/{path}", emulator.base_url());
        let authorization = format!("Bearer {token}");
        let jpeg = demo_jpeg(96, 0, "T").unwrap();
        let body = (method == "PUT").then_some(&jpeg[..]);
        let answer = try_send(method, &url, &[("authorization", &authorization)], body).unwrap();
        match answer.status {
            200 | 204 => answer.status.to_string(),
            _ => answer.refusal(),
        }
    };
    let value = "photo/$value";
    assert_eq!(
        ask("stranger", "GET", "me/photo"),
        "401 InvalidAuthenticationToken"
    );
    assert_eq!(ask("reader", "GET", "users/alex@contoso.com/photo"), "200");
    assert_eq!(
        ask("reader", "PUT", &format!("me/{value}")),
        "403 ErrorAccessDenied"
    );
    assert_eq!(
        ask("reader", "GET", "me/contacts/contact-1/photo"),
        "403 ErrorAccessDenied"
    );
    // The own photo under any name, and nobody else's.
    assert_eq!(ask("alex", "PUT", &format!("me/{value}")), "200");
    assert_eq!(
        ask("alex", "PUT", &format!("users/ALEX@contoso.com/{value}")),
        "200"
    );
    assert_eq!(
        ask("alex", "PUT", &format!("users/adele@contoso.com/{value}")),
        "403 ErrorAccessDenied"
    );
    assert_eq!(
        ask("daemon", "PUT", &format!("users/adele@contoso.com/{value}")),
        "200"
    );
    assert_eq!(ask("daemon", "GET", "me/photo"), "400 BadRequest");
    assert_eq!(
        emulator
            .photo(&Owner::user("alex@contoso.com"))
            .unwrap()
            .unwrap(),
        demo_jpeg(96, 0, "T").unwrap(),
        "alex is who the token says"
    );
    // Refused calls changed nothing else.
    assert_eq!(
        get_with(
            "reader",
            &format!("{}/users/lidia@contoso.com/photo", emulator.base_url())
        ),
        "404 ImageNotFound"
    );
}

#[test]
fn a_jwt_is_taken_at_its_word() {
    use base64::Engine as _;
    let emulator = Emulator::start().unwrap();
    let ask = |claims: &str, path: &str| {
        let part = |text: &str| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text);
        let token = format!("{}.{}.x", part("{}"), part(claims));
        get_with(&token, &format!("{}/{path}", emulator.base_url()))
    };
    let outlook = r#"{"aud":"https://outlook.office.com","scp":"User.Read"}"#;
    assert_eq!(ask(outlook, "me/photo"), "401 InvalidAuthenticationToken");
    let lidia =
        r#"{"aud":"https://graph.microsoft.com","scp":"User.Read","upn":"lidia@contoso.com"}"#;
    assert_eq!(ask(lidia, "me/photo"), "404 ImageNotFound");
    assert_eq!(
        ask(lidia, "users/alex@contoso.com/photo"),
        "403 ErrorAccessDenied"
    );
    let daemon = r#"{"roles":["User.Read.All"]}"#;
    assert_eq!(
        ask(daemon, "users/lidia@contoso.com/photo"),
        "404 ImageNotFound"
    );
    assert_eq!(
        ask(daemon, "groups/22222222-0000-4000-8000-000000000002/photo"),
        "403 ErrorAccessDenied"
    );
}

#[allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
fn get_with(token: &str, url: &str) -> String {
    let authorization = format!("Bearer {token}");
    try_send("GET", url, &[("authorization", &authorization)], None)
        .unwrap()
        .refusal()
}

#[test]
fn batches_run_in_order_with_photos_as_base64() {
    use base64::Engine as _;
    let base64 = base64::engine::general_purpose::STANDARD;
    let emulator = Emulator::start().unwrap();
    let url = format!("{}/$batch", emulator.base_url());
    let picture = demo_jpeg(120, 10, "B").unwrap();
    let lidia = "/users/lidia@contoso.com/photo";
    let batch = json!({"requests": [
        {"id": "Down", "method": "GET", "url": format!("{lidia}/$value"), "dependsOn": ["UP"]},
        {"id": "up", "method": "PUT", "url": format!("{lidia}/$value"),
         "headers": {"Content-Type": "image/jpeg"}, "body": base64.encode(&picture)},
        {"id": "meta", "method": "get", "url": "me/photo?$select=width"},
        {"id": "none", "method": "GET", "url": "/users/nophoto@contoso.com/photo"},
        {"id": "after", "method": "GET", "url": "/me", "dependsOn": ["none"]},
        {"id": "unknown", "method": "GET", "url": "/me/messages"},
        {"id": "untyped", "method": "PUT", "url": "/me/photo/$value", "body": "AAAA"},
        {"id": "nested", "method": "POST", "url": "/$batch",
         "headers": {"Content-Type": "application/json"}, "body": {"requests": []}},
    ]});
    let answer = send(
        "POST",
        &url,
        &[("content-type", "application/json")],
        Some(batch.to_string().as_bytes()),
    );
    assert_eq!(answer.status, 200);
    let json = answer.json();
    let by_id = |id: &str| {
        let responses = json["responses"].as_array().unwrap();
        responses.iter().find(|r| r["id"] == id).unwrap().clone()
    };
    assert_eq!(by_id("up")["status"], 200);
    assert_eq!(by_id("Down")["headers"]["Content-Type"], "image/jpeg");
    assert_eq!(by_id("Down")["body"], base64.encode(&picture));
    assert_eq!(by_id("meta")["body"]["width"], 648);
    assert_eq!(by_id("none")["body"]["error"]["code"], "ImageNotFound");
    assert_eq!(by_id("after")["status"], 424);
    assert_eq!(by_id("unknown")["status"], 501);
    assert_eq!(by_id("untyped")["status"], 400);
    assert_eq!(by_id("nested")["status"], 400);

    let refused = |body: &str| {
        send(
            "POST",
            &url,
            &[("content-type", "application/json")],
            Some(body.as_bytes()),
        )
        .refusal()
    };
    assert_eq!(refused("{"), "400 BadRequest");
    assert_eq!(
        refused(r#"{"requests":[{"id":"a","method":"GET"}]}"#),
        "400 BadRequest"
    );
    assert_eq!(
        refused(
            r#"{"requests":[{"id":"a","method":"GET","url":"/me"},{"id":"A","method":"GET","url":"/me"}]}"#
        ),
        "400 BadRequest"
    );
    assert_eq!(get(&url).refusal(), "405 Request_BadRequest");
    // Items stand in the log before their batch.
    let items = emulator.requests_of("user_put_photo_content");
    assert_eq!(items[0].batch_id, "up");
}

#[test]
fn limits_answer_429_and_say_how_long() {
    let limits: Throttle = "requests=3,window=10m".parse().unwrap();
    let emulator = Emulator::start_with(Async::builder().throttle(limits)).unwrap();
    let me = format!("{}/me/photo", emulator.base_url());
    for _ in 0..3 {
        assert_eq!(get(&me).status, 200);
    }
    let refused = get(&me);
    assert_eq!(refused.refusal(), "429 TooManyRequests");
    let seconds: u64 = refused.header("retry-after").parse().unwrap();
    assert!((590..=600).contains(&seconds), "{seconds}");
    let alex = format!("{}/users/alex@contoso.com/photo", emulator.base_url());
    assert_eq!(get(&alex).status, 200, "another mailbox");
    // Each item of a batch is weighed by itself.
    let batch = r#"{"requests":[{"id":"1","method":"GET","url":"/me/photo"},
        {"id":"2","method":"GET","url":"/users/alex@contoso.com/photo"}]}"#;
    let answer = send(
        "POST",
        &format!("{}/$batch", emulator.base_url()),
        &[],
        Some(batch.as_bytes()),
    );
    let json = answer.json();
    assert_eq!(json["responses"][0]["status"], 429);
    assert!(json["responses"][0]["headers"]["Retry-After"].is_string());
    assert_eq!(json["responses"][1]["status"], 200);
}

#[test]
fn a_fifth_request_at_once_is_refused() {
    // Bodies at this pace take two seconds; meanwhile a fifth comes.
    let emulator = Emulator::start_with(Async::builder().throttle(Throttle::graph()).fault(fault(
        "kind=slow,delay=0s,pace=20000,path=/me/photo/$value,times=4",
    )))
    .unwrap();
    let url = format!("{}/me/photo/$value", emulator.base_url());
    let running: Vec<_> = (0..4)
        .map(|_| {
            let url = url.clone();
            std::thread::spawn(move || get(&url).status)
        })
        .collect();
    while emulator.requests().len() < 4 {
        std::thread::yield_now();
    }
    let fifth = get(&url);
    assert_eq!(fifth.refusal(), "429 ApplicationThrottled");
    assert_eq!(fifth.header("retry-after"), "1");
    for thread in running {
        assert_eq!(thread.join().unwrap(), 200);
    }
    assert_eq!(get(&url).status, 200);
}

#[test]
fn every_kind_of_fault_does_what_it_says() {
    let emulator = Emulator::start().unwrap();
    let url = format!("{}/me/photo/$value", emulator.base_url());
    let whole = get(&url).body;
    let once = |text: &str| {
        emulator.set_faults([fault(&format!("{text},times=1"))]);
        let result = try_send("GET", &url, &[("authorization", "Bearer x")], None);
        assert_eq!(get(&url).body, whole, "only once");
        result
    };
    let status = once("kind=status,status=429,retry-after=7").unwrap();
    assert_eq!(status.refusal(), "429 TooManyRequests");
    assert_eq!(status.header("retry-after"), "7");
    let html = once("kind=html,status=502").unwrap();
    assert_eq!(
        (
            html.status,
            html.header("content-type").starts_with("text/html")
        ),
        (502, true)
    );
    let empty = once("kind=empty,status=404").unwrap();
    assert_eq!((empty.status, empty.body.len()), (404, 0));
    assert_eq!(empty.header("content-type"), "text/plain");
    for text in ["kind=drop", "kind=reset", "kind=truncate"] {
        assert!(once(text).is_err(), "{text}");
    }
    assert_eq!(once("kind=slow,delay=1ms").unwrap().body, whole);
    let faults: Vec<_> = emulator.requests().into_iter().map(|r| r.fault).collect();
    for kind in [
        "status", "html", "empty", "drop", "reset", "truncate", "slow",
    ] {
        assert!(faults.iter().any(|f| f == kind), "{kind}: {faults:?}");
    }
}

#[test]
fn a_reset_is_a_reset_and_a_drop_is_not() {
    use std::io::{Read as _, Write as _};
    let emulator = Emulator::start().unwrap();
    let ask = |text: &str| {
        emulator.set_faults([fault(text)]);
        let mut stream = std::net::TcpStream::connect(emulator.address()).unwrap();
        let request = "GET /v1.0/me/photo HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer x\r\n\r\n";
        stream.write_all(request.as_bytes()).unwrap();
        stream.read_to_end(&mut Vec::new())
    };
    assert_eq!(ask("kind=drop").unwrap(), 0);
    let error = ask("kind=reset").unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
}

#[test]
fn faults_are_set_and_read_over_http() {
    let emulator = Emulator::start().unwrap();
    let url = format!("{}/_emulator/faults", emulator.root_url());
    let set = send(
        "PUT",
        &url,
        &[],
        Some(br#"[{"kind":"status","status":503,"rate":0.5,"seed":7}, "kind=drop,path=/me/*"]"#),
    );
    assert_eq!(set.status, 200);
    let listed = get(&url).json();
    assert_eq!(
        listed["faults"][0]["text"],
        "kind=status,status=503,rate=0.5,seed=7"
    );
    assert_eq!(listed["faults"][1]["text"], "kind=drop,path=/me/*");
    let wrong = send("PUT", &url, &[], Some(br#"{"kind":"fire"}"#));
    assert_eq!(wrong.status, 400);
    assert!(
        wrong.json()["error"]["message"]
            .as_str()
            .unwrap()
            .contains("kind must be one of")
    );
    assert_eq!(
        get(&url).json()["faults"].as_array().unwrap().len(),
        2,
        "kept"
    );
    assert_eq!(send("DELETE", &url, &[], None).status, 204);
    assert_eq!(get(&url).json()["faults"].as_array().unwrap().len(), 0);
}

#[test]
fn the_same_seed_gives_the_same_answers() {
    let statuses = || {
        let emulator = Emulator::start_with(
            Async::builder().fault(fault("kind=status,status=503,rate=0.3,seed=7")),
        )
        .unwrap();
        (0..40)
            .map(|n| {
                let user = ["adele", "alex", "lidia"][n % 3];
                get(&format!(
                    "{}/users/{user}@contoso.com/photo",
                    emulator.base_url()
                ))
                .status
            })
            .collect::<Vec<_>>()
    };
    let first = statuses();
    assert!(first.contains(&503) && first.contains(&200), "{first:?}");
    assert_eq!(first, statuses());
}

#[test]
fn the_log_is_read_over_http_from_where_one_left_off() {
    let emulator = Emulator::start_with(Async::builder().log_capacity(2)).unwrap();
    for path in ["me", "me/photo", "users"] {
        get(&format!("{}/{path}", emulator.base_url()));
    }
    let url = format!("{}/_emulator/requests", emulator.root_url());
    let log = get(&url).json();
    assert_eq!(log["count"], 3);
    let operations = |log: &serde_json::Value| {
        let requests = log["requests"].as_array().unwrap();
        requests
            .iter()
            .map(|r| r["operation"].to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(operations(&log), ["\"me_get_photo\"", "\"list_users\""]);
    assert_eq!(
        operations(&get(&format!("{url}?after=2")).json()),
        ["\"list_users\""]
    );
    assert_eq!(send("DELETE", &url, &[], None).status, 204);
    assert_eq!(operations(&get(&url).json()).len(), 0);
}

#[test]
fn photos_outlive_the_emulator() {
    let directory = tempfile::tempdir().unwrap();
    let start = || Emulator::start_with(Async::builder().data(directory.path())).unwrap();
    let picture = demo_jpeg(240, 77, "K").unwrap();
    let emulator = start();
    let base = emulator.base_url();
    assert_eq!(
        put(
            &format!("{base}/users/lidia@contoso.com/photo/$value"),
            "image/pjpeg",
            &picture
        )
        .status,
        200
    );
    assert_eq!(
        send("DELETE", &format!("{base}/me/photo/$value"), &[], None).status,
        200
    );
    drop(emulator);

    let emulator = start();
    let base = emulator.base_url();
    let lidia = get(&format!("{base}/users/lidia@contoso.com/photo/$value"));
    assert_eq!(
        (lidia.header("content-type"), &lidia.body[..]),
        ("image/pjpeg", &picture[..])
    );
    assert_eq!(
        get(&format!("{base}/me/photo")).refusal(),
        "404 ImageNotFound"
    );
    let reset = send(
        "DELETE",
        &format!("{}/_emulator/photos", emulator.root_url()),
        &[],
        None,
    );
    assert_eq!(reset.status, 204);
    assert_eq!(get(&format!("{base}/me/photo")).status, 200);
    drop(emulator);

    let emulator = start();
    let base = emulator.base_url();
    assert_eq!(get(&format!("{base}/me/photo")).status, 200);
    assert_eq!(
        get(&format!("{base}/users/lidia@contoso.com/photo")).refusal(),
        "404 ImageNotFound"
    );
}

#[test]
fn synthetic_users_are_walked_and_looked_at() {
    let emulator = Emulator::start_with(Async::builder().synthetic_users(250, 20)).unwrap();
    let base = emulator.base_url();
    let mut next = Some(format!("{base}/users?$top=100&$select=id"));
    let mut ids = Vec::new();
    while let Some(url) = next {
        let page = get(&url).json();
        ids.extend(
            page["value"]
                .as_array()
                .unwrap()
                .iter()
                .map(|u| u["id"].as_str().unwrap().to_owned()),
        );
        next = page["@odata.nextLink"].as_str().map(str::to_owned);
    }
    assert_eq!(ids.len(), 6 + 250);
    let synthetic: Vec<_> = ids[6..].iter().collect();
    let without = synthetic
        .iter()
        .filter(|id| get(&format!("{base}/users/{id}/photo")).status == 404)
        .count();
    assert_eq!(without, 50);
    let first = get(&format!(
        "{base}/users/user0000000@synthetic.contoso.com/photos/48x48/$value"
    ));
    let same_colour = get(&format!(
        "{base}/users/user0000096@synthetic.contoso.com/photos/48x48/$value"
    ));
    assert_eq!(pixels(&first.body), (48, 48));
    assert_ne!(
        first.body, same_colour.body,
        "each user has bytes of its own"
    );
    assert_eq!(emulator.renders(), 1, "the picture itself is shared");
}

#[test]
fn a_tenant_of_ones_own() {
    let picture = demo_jpeg(120, 5, "Z").unwrap();
    let emulator = Emulator::start_with(
        Async::builder()
            .without_demo_tenant()
            .user("zoe@example.com")
            .user_without_mailbox("room@example.com")
            .group("g-1")
            .contact("zoe@example.com", Some("f"), "c-1")
            .photo(Owner::me(), picture.clone())
            .photo(Owner::contact("zoe@example.com", "c-1"), picture.clone()),
    )
    .unwrap();
    let base = emulator.base_url();
    assert_eq!(
        get(&format!("{base}/me")).json()["userPrincipalName"],
        "zoe@example.com"
    );
    assert_eq!(
        get(&format!("{base}/me/contactFolders/f/contacts/c-1/photo")).json()["width"],
        120
    );
    assert_eq!(
        get(&format!("{base}/users")).json()["value"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    assert_eq!(
        get(&format!("{base}/groups/g-1/photo")).refusal(),
        "404 ImageNotFound"
    );
    emulator
        .set_photo(&Owner::group("g-1"), picture.clone())
        .unwrap();
    assert_eq!(get(&format!("{base}/teams/g-1/photo/$value")).body, picture);
    emulator.remove_photo(&Owner::group("g-1")).unwrap();
    assert_eq!(emulator.photo(&Owner::group("g-1")).unwrap(), None);
    assert!(emulator.photo(&Owner::user("nobody")).is_err());
}

#[test]
fn a_media_etag_guards_a_deletion() {
    let emulator = Emulator::start().unwrap();
    let url = format!("{}/me/photo/$value", emulator.base_url());
    let delete = |etag: &str| send("DELETE", &url, &[("if-match", etag)], None);
    assert_eq!(delete("\"00000000\"").status, 412);
    let etag = get(&format!("{}/me/photo", emulator.base_url())).json()["@odata.mediaEtag"].clone();
    assert_eq!(delete(etag.as_str().unwrap()).status, 200);
}

#[test]
fn pages_of_other_origins_may_call_graph_but_not_the_emulator() {
    let emulator = Emulator::start().unwrap();
    let headers = [
        ("origin", "http://localhost:3000"),
        ("access-control-request-method", "PUT"),
        (
            "access-control-request-headers",
            "authorization,content-type",
        ),
    ];
    let preflight = try_send(
        "OPTIONS",
        &format!("{}/me/photo/$value", emulator.base_url()),
        &headers,
        None,
    )
    .unwrap();
    assert_eq!(preflight.status, 200);
    assert_eq!(preflight.header("access-control-allow-origin"), "*");
    assert_eq!(
        preflight.header("access-control-allow-headers"),
        "authorization,content-type"
    );
    let actual = send(
        "GET",
        &format!("{}/me/photo", emulator.base_url()),
        &headers[..1],
        None,
    );
    assert_eq!(actual.header("access-control-allow-origin"), "*");
    let own = send(
        "GET",
        &format!("{}/_emulator/requests", emulator.root_url()),
        &headers[..1],
        None,
    );
    assert_eq!(own.header("access-control-allow-origin"), "");
}

#[test]
fn assertions_say_what_happened_instead() {
    let emulator = Emulator::start().unwrap();
    get(&format!("{}/me/photo", emulator.base_url()));
    emulator.assert_operations(&["me_get_photo"]);
    emulator.assert_called("me_get_photo", 1);
    emulator.assert_header("authorization", "Bearer ***");
    let message = |check: &dyn Fn()| {
        let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(check)).unwrap_err();
        panic.downcast_ref::<String>().unwrap().clone()
    };
    let said = message(&|| emulator.assert_operations(&["me_put_photo_content"]));
    assert!(
        said.contains("GET /v1.0/me/photo me_get_photo 200"),
        "{said}"
    );
    let said = message(&|| emulator.assert_called("me_get_photo", 2));
    assert!(said.contains("got 1"), "{said}");
    emulator.clear_requests();
    let said = message(&|| emulator.assert_called("me_get_photo", 1));
    assert!(said.contains("no requests"), "{said}");
}
