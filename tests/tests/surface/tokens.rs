client!();

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::{Duration, SystemTime};

use client::BearerToken;
use client::wire::RequestBuilder;
use graph_photo_model::{ApiVersion, Cloud};
use graph_photo_tests::scripted::{Scripted, Step, answer, error};

fn found() -> Step {
    Step::Answer(answer(
        "200 OK",
        &[("Content-Type", "application/json")],
        r#"{"id":"default","width":48,"height":48}"#,
    ))
}

fn refused() -> Step {
    Step::Answer(error("401 Unauthorized", "InvalidAuthenticationToken"))
}

/// A client whose callback gives `token-1`, `token-2` and so on, and how often it was called.
fn counting(server: &Scripted, life: Option<Duration>) -> (Client, Arc<AtomicUsize>) {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let client = configure!()
        .base_url(server.base_url())
        .token_callback(move |_| {
            let token =
                BearerToken::new(format!("token-{}", counted.fetch_add(1, SeqCst) + 1)).unwrap();
            answer!(Ok(match life {
                Some(life) => token.with_expiry(SystemTime::now() + life),
                None => token,
            }))
        })
        .build()
        .unwrap();
    (client, calls)
}

fn tokens_sent(server: &Scripted) -> Vec<String> {
    server
        .requests()
        .iter()
        .map(|request| request.header("authorization").unwrap_or("none").to_owned())
        .collect()
}

case!(one_token_serves_many_calls {
    let server = Scripted::start([found()]).unwrap();
    let (client, calls) = counting(&server, Some(Duration::from_secs(3600)));
    for _ in 0..5 {
        wait!(client.clone().me().photo().metadata()).unwrap();
    }
    assert_eq!(calls.load(SeqCst), 1);
});

case!(another_caller_brings_another_token {
    let server = Scripted::start([found(), refused()]).unwrap();
    let (client, calls) = counting(&server, None);
    let other = client.with_bearer_token("of-another").unwrap();
    wait!(other.me().photo().metadata()).unwrap();
    // It is the other's to renew.
    let error = wait!(other.me().photo().metadata()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unauthorized);
    assert_eq!(calls.load(SeqCst), 0);
    assert_eq!(tokens_sent(&server), ["Bearer of-another", "Bearer of-another"]);
    assert!(client.with_bearer_token("a b").is_err());
    assert!(!format!("{other:?}").contains("of-another"));
});

case!(a_request_of_ones_own_is_sent_as_every_other {
    let server = Scripted::start([Step::Answer(error("503 Service Unavailable", "busy")), found()]).unwrap();
    let (client, _) = counting(&server, None);
    let request = RequestBuilder::new(http::Method::GET, "/me/photo".to_owned())
        .accept("application/json")
        .header("client-request-id", Some("an-id"))
        .build()
        .unwrap();
    let answer = wait!(client.operations().exec(request)).unwrap().stream();
    let bytes = wait!(answer.into_inner().bytes()).unwrap();
    assert_eq!(bytes, r#"{"id":"default","width":48,"height":48}"#);
    let requests = server.requests();
    assert_eq!(requests.len(), 2, "it is tried again");
    assert_eq!(requests[1].header("client-request-id"), Some("an-id"));
    assert_eq!(requests[1].header("authorization"), Some("Bearer token-1"));
});

case!(a_token_is_renewed_before_it_expires {
    let server = Scripted::start([found()]).unwrap();
    // Expired as it comes: half of no time is none left.
    let (client, calls) = counting(&server, Some(Duration::ZERO));
    wait!(client.me().photo().metadata()).unwrap();
    wait!(client.me().photo().metadata()).unwrap();
    assert_eq!(calls.load(SeqCst), 2);
    assert_eq!(tokens_sent(&server), ["Bearer token-1", "Bearer token-2"]);
});

case!(a_401_renews_the_token_once {
    let server = Scripted::start([refused(), found()]).unwrap();
    let (client, calls) = counting(&server, None);
    assert!(wait!(client.me().photo().metadata()).unwrap().is_some());
    assert_eq!(tokens_sent(&server), ["Bearer token-1", "Bearer token-2"]);

    let server = Scripted::start([refused()]).unwrap();
    let (client, _) = counting(&server, None);
    let error = wait!(client.me().photo().metadata()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unauthorized);
    assert_eq!(tokens_sent(&server), ["Bearer token-1", "Bearer token-2"]);
    assert_eq!(calls.load(SeqCst), 2);
});

case!(a_static_token_is_not_tried_twice {
    let server = Scripted::start([refused()]).unwrap();
    let client = configure!().base_url(server.base_url()).bearer_token("token").build().unwrap();
    assert_eq!(wait!(client.me().photo().metadata()).unwrap_err().kind(), ErrorKind::Unauthorized);
    assert_eq!(server.requests().len(), 1);
});

case!(an_upload_survives_an_expired_token_if_it_can_be_repeated {
    let server = Scripted::start([refused(), Step::Answer(answer("204 No Content", &[], ""))]).unwrap();
    let (client, _) = counting(&server, None);
    let photo = graph_photo_emulator::demo_jpeg(96, 3, "T").unwrap();
    wait!(client.me().photo().put(photo.clone())).unwrap();
    assert_eq!(server.requests()[1].body, photo);

    let server = Scripted::start([refused()]).unwrap();
    let (client, _) = counting(&server, None);
    let once = client::Body::from_reader(io::reader(photo.clone()), photo.len() as u64);
    assert_eq!(wait!(client.me().photo().put(once)).unwrap_err().kind(), ErrorKind::Unauthorized);
    assert_eq!(server.requests().len(), 1);
});

case!(a_callback_that_fails_says_why_and_nothing_is_sent {
    let server = Scripted::start([found()]).unwrap();
    let client = configure!()
        .base_url(server.base_url())
        .token_callback(|_| answer!(Err("the vault is closed".into())))
        .build()
        .unwrap();
    let error = wait!(client.me().photo().metadata()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unauthorized);
    assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "the vault is closed");
    assert_eq!(error.operation().unwrap().name, "me_get_photo");
    assert!(server.requests().is_empty());
});

case!(the_callback_is_told_the_scope_of_the_cloud {
    for cloud in Cloud::ALL {
        let server = Scripted::start([found()]).unwrap();
        let asked = Arc::new(std::sync::Mutex::new(Vec::new()));
        let noted = Arc::clone(&asked);
        let client = configure!()
            .cloud(cloud)
            .api_version(ApiVersion::Beta)
            .base_url(server.base_url())
            .token_callback(move |scope| {
                noted.lock().unwrap().push(scope);
                answer!(Ok(BearerToken::new("token").unwrap()))
            })
            .build()
            .unwrap();
        wait!(client.me().photo().metadata()).unwrap();
        assert_eq!(*asked.lock().unwrap(), [cloud.default_scope()]);
    }
});
