client!();

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use client::{CacheSettings, ExchangeOutcome};
use graph_photo_emulator::{Owner, blocking::Emulator, demo_jpeg};
use graph_photo_model::Size;
use graph_photo_tests::scripted::{Scripted, Step, answer, error};

fn found() -> Step {
    Step::Answer(answer(
        "200 OK",
        &[("Content-Type", "application/json")],
        r#"{"width":48,"height":48}"#,
    ))
}

case!(a_client_is_clone_send_and_sync {
    fn check<T: Clone + Send + Sync + 'static>(_: &T) {}
    check(&configure!().build().unwrap());
});

case!(the_observer_sees_every_attempt {
    let busy = answer("503 Service Unavailable", &[("Retry-After", "0"), ("request-id", "one")], "");
    let server = Scripted::start([Step::Answer(busy), found()]).unwrap();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&seen);
    let client = configure!()
        .base_url(server.base_url())
        .bearer_token("token")
        .observer(move |exchange| {
            let outcome = match exchange.outcome {
                ExchangeOutcome::Answered { status, headers } => format!("{} {:?}", status.as_u16(), headers.get("request-id")),
                ExchangeOutcome::BrokenOff { status, headers, kind } => format!("{} {:?} {kind:?}", status.as_u16(), headers.get("request-id")),
                ExchangeOutcome::Failed(kind) => format!("{kind:?}"),
                other => format!("{other:?}"),
            };
            let again = exchange.retry_in.is_some();
            noted.lock().unwrap().push(format!("{} {} {} {outcome} {again}", exchange.operation.name, exchange.attempt, exchange.path_and_query));
        })
        .build()
        .unwrap();
    wait!(client.me().photo().metadata()).unwrap();
    assert_eq!(*seen.lock().unwrap(), [
        r#"me_get_photo 1 /me/photo 503 Some("one") true"#,
        "me_get_photo 2 /me/photo 200 None false",
    ]);
});

case!(the_observer_is_told_of_an_answer_that_breaks_off {
    let whole = |id: &str| {
        answer("200 OK", &[("Content-Type", "application/json"), ("request-id", id)], r#"{"width":48,"height":48}"#)
    };
    let cut = |id: &str| {
        let mut bytes = whole(id);
        bytes.truncate(bytes.len() - 4);
        bytes
    };
    let refused = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
    let server = Scripted::start([
        Step::Close(cut("one")),
        Step::Reset(Vec::new()),
        Step::Stall(cut("three")),
        Step::Answer(whole("four")),
    ]).unwrap();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let client_of = |base_url: String| {
        let noted = Arc::clone(&seen);
        configure!()
            .base_url(base_url)
            .timeout(Duration::from_millis(500))
            .retry(client::retry::Policy::DEFAULT.with_base_delay(Duration::from_millis(1)).with_max_attempts(2))
            .observer(move |exchange| {
                let id = |headers: &http::HeaderMap| format!("{:?}", headers.get("request-id"));
                let outcome = match exchange.outcome {
                    ExchangeOutcome::Answered { status, headers } => format!("answered {} {}", status.as_u16(), id(headers)),
                    ExchangeOutcome::BrokenOff { status, headers, kind } => format!("broken off {} {} {kind:?}", status.as_u16(), id(headers)),
                    ExchangeOutcome::Failed(ErrorKind::Connect) => "no connection".to_owned(),
                    ExchangeOutcome::Failed(_) => "failed".to_owned(),
                    other => format!("{other:?}"),
                };
                noted.lock().unwrap().push(format!("{} {outcome} {}", exchange.attempt, exchange.retry_in.is_some()));
            })
            .build()
            .unwrap()
    };
    let client = client_of(server.base_url());
    assert_eq!(wait!(client.me().photo().metadata()).unwrap_err().kind(), ErrorKind::Transport);
    assert_eq!(wait!(client.me().photo().metadata()).unwrap_err().kind(), ErrorKind::Timeout);
    assert!(wait!(client.me().photo().metadata()).unwrap().is_some());
    wait!(client_of(format!("http://{refused}/v1.0")).me().photo().metadata()).unwrap_err();
    assert_eq!(*seen.lock().unwrap(), [
        r#"1 broken off 200 Some("one") Body true"#,
        "2 failed false",
        r#"1 broken off 200 Some("three") Timeout false"#,
        r#"1 answered 200 Some("four") false"#,
        "1 no connection true",
        "2 no connection false",
    ]);
});

case!(a_deadline_ends_the_attempt_and_the_waits {
    let server = Scripted::start([Step::Stall(Vec::new())]).unwrap();
    let client = configure!().base_url(server.base_url()).build().unwrap();
    let started = Instant::now();
    let soon = client.with_deadline(Instant::now() + Duration::from_millis(200));
    assert_eq!(wait!(soon.me().photo().get()).unwrap_err().kind(), ErrorKind::Timeout);
    assert!(started.elapsed() < Duration::from_secs(20));
    let past = client.with_deadline(Instant::now());
    assert_eq!(wait!(past.me().photo().get()).unwrap_err().kind(), ErrorKind::Timeout);
    assert_eq!(server.requests().len(), 1, "nothing is sent after the deadline");

    let busy = answer("429 Too Many Requests", &[("Retry-After", "60")], "");
    let server = Scripted::start([Step::Answer(busy)]).unwrap();
    let client = configure!().base_url(server.base_url()).build().unwrap();
    let soon = client.with_deadline(Instant::now() + Duration::from_secs(10));
    let batch = wait!(soon.batch().photos(&[client::Owner::Me])).pop().unwrap().unwrap_err();
    assert_eq!(batch.kind(), ErrorKind::Throttled);
    let error = wait!(soon.me().photo().get()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Throttled);
    assert_eq!(error.retry_after(), Some(Duration::from_secs(60)));
    assert!(started.elapsed() < Duration::from_secs(20));
});

case!(connecting_has_a_timeout_of_its_own {
    // Who takes the connection and never shakes hands.
    let silent = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let client = configure!()
        .base_url(format!("https://{}/v1.0", silent.local_addr().unwrap()))
        .no_proxy()
        .connect_timeout(Duration::from_millis(200))
        .timeout(Duration::from_secs(60))
        .build()
        .unwrap();
    let started = Instant::now();
    assert_eq!(wait!(client.me().photo().get()).unwrap_err().kind(), ErrorKind::Timeout);
    assert!(started.elapsed() < Duration::from_secs(30), "it was not the other timeout");
});

case!(a_timeout_is_told_from_other_failures {
    let server = Scripted::start([Step::Stall(answer("200 OK", &[("Content-Type", "image/jpeg")], "x")[..40].to_vec())]).unwrap();
    let client = configure!().base_url(server.base_url()).timeout(Duration::from_millis(200)).build().unwrap();
    assert_eq!(wait!(client.me().photo().get()).unwrap_err().kind(), ErrorKind::Timeout);
});

case!(the_cache_asks_once_and_forgets_what_was_written {
    let emulator = Emulator::start().unwrap();
    let cached = |fresh: u64, absent: u64| {
        let mut settings = CacheSettings::default();
        settings.fresh = Duration::from_secs(fresh);
        settings.absent = Duration::from_secs(absent);
        configure!().base_url(emulator.base_url()).bearer_token("token").cache(settings).build().unwrap()
    };
    let client = cached(3600, 3600);
    for _ in 0..3 {
        assert!(wait!(client.user("adele@contoso.com").photo().get_cached()).unwrap().is_some());
        assert!(wait!(client.clone().user("lidia@contoso.com").photo().get_cached()).unwrap().is_none());
        assert!(wait!(client.user("alex@contoso.com").photo().size(Size::S648).get_cached()).unwrap().is_none());
    }
    emulator.assert_operations(&["user_get_photo", "user_get_photo_content", "user_get_photo", "user_get_photo_by_size"]);

    let photo = demo_jpeg(96, 7, "N").unwrap();
    wait!(client.user("lidia@contoso.com").photo().put(photo.clone())).unwrap();
    let now = wait!(client.user("lidia@contoso.com").photo().get_cached()).unwrap().unwrap();
    assert_eq!(now.bytes(), &photo);
    wait!(client.user("lidia@contoso.com").photo().delete()).unwrap();
    assert!(wait!(client.user("lidia@contoso.com").photo().get_cached()).unwrap().is_none());

    // What one caller may see is not shown to another.
    emulator.clear_requests();
    let other = client.with_bearer_token("another").unwrap();
    assert!(wait!(other.user("adele@contoso.com").photo().get_cached()).unwrap().is_some());
    emulator.assert_called("user_get_photo_content", 1);

    // Never fresh: only the metadata is read while the photo is the same.
    let client = cached(0, 0);
    assert!(wait!(client.user("adele@contoso.com").photo().get_cached()).unwrap().is_some());
    emulator.clear_requests();
    assert!(wait!(client.user("adele@contoso.com").photo().get_cached()).unwrap().is_some());
    emulator.assert_operations(&["user_get_photo"]);
    let other = demo_jpeg(96, 8, "O").unwrap();
    emulator.set_photo(&Owner::user("adele@contoso.com"), other.clone()).unwrap();
    assert_eq!(wait!(client.user("adele@contoso.com").photo().get_cached()).unwrap().unwrap().bytes(), &other);
});

case!(the_cache_keeps_no_more_than_it_may {
    const USERS: u64 = 60;
    const PHOTO: usize = 20_000;
    let user = |n: u64| format!("user{n:07}@synthetic.contoso.com");
    // How many of the users, asked for one after the other, are known without the service; and the
    // bytes of their photos.
    for (without_photo, max_bytes, most) in [
        (0, 400_000, 20),
        (100, 4_000, 30),
        // All fit: what the others lack was there, and left.
        (0, 16_000_000, USERS),
        (100, 4_000_000, USERS),
    ] {
        let builder = graph_photo_emulator::Emulator::builder().synthetic_users(USERS, without_photo).synthetic_photo_bytes(PHOTO);
        let emulator = Emulator::start_with(builder).unwrap();
        let mut settings = CacheSettings::default();
        settings.max_bytes = max_bytes;
        let client = configure!()
            .base_url(emulator.base_url())
            .bearer_token("token")
            .retry(client::retry::Policy::NEVER)
            .cache(settings)
            .build()
            .unwrap();
        for n in 0..USERS {
            let photo = wait!(client.user(&user(n)).photo().get_cached()).unwrap();
            assert_eq!(photo.is_some(), without_photo == 0);
        }
        // From here on only the cache answers, and what fails is not kept.
        emulator.set_faults(["kind=status,status=500".parse().unwrap()]);
        let mut kept = Vec::new();
        for n in 0..USERS {
            if let Ok(photo) = wait!(client.user(&user(n)).photo().get_cached()) {
                kept.push(photo.map_or(0, |photo| photo.bytes().len() as u64));
            }
        }
        let known = kept.len() as u64;
        assert!(known > 0 && known <= most, "{known} of {USERS} with {max_bytes} bytes");
        assert!(kept.iter().sum::<u64>() <= max_bytes, "{kept:?}");
        assert!(most < USERS || known == USERS, "{known} of {USERS} with {max_bytes} bytes");
    }
});

case!(a_certificate_that_is_none_is_refused {
    for pem in ["", "not PEM", "-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n"] {
        assert_eq!(configure!().root_certificate(pem).unwrap_err().kind(), ErrorKind::Configuration);
    }
});

case!(a_proxy_that_cannot_be_used_is_refused {
    for url in ["socks5://localhost:1", "", "http://"] {
        assert_eq!(configure!().proxy(url).build().unwrap_err().kind(), ErrorKind::Configuration, "{url}");
    }
});

case!(a_refused_connection_is_tried_again_and_told {
    let port = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    let attempts = Arc::new(Mutex::new(0));
    let counted = Arc::clone(&attempts);
    let client = configure!()
        .base_url(format!("http://127.0.0.1:{port}/v1.0"))
        .retry(client::retry::Policy::DEFAULT.with_base_delay(Duration::from_millis(1)))
        .observer(move |_| *counted.lock().unwrap() += 1)
        .build()
        .unwrap();
    let error = wait!(client.user("adele@contoso.com").photo().get()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect);
    assert_eq!(*attempts.lock().unwrap(), 4);
    assert!(!format!("{error} {error:?}").contains("adele"), "{error:?}");
});

case!(errors_of_the_service_are_kept_when_the_retries_are_used_up {
    let server = Scripted::start([Step::Answer(error("503 Service Unavailable", "ServiceUnavailable"))]).unwrap();
    let client = configure!()
        .base_url(server.base_url())
        .retry(client::retry::Policy::DEFAULT.with_base_delay(Duration::from_millis(1)))
        .build()
        .unwrap();
    let error = wait!(client.me().photo().get()).unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Service, Some("ServiceUnavailable")));
    assert_eq!(server.requests().len(), 4);
});
