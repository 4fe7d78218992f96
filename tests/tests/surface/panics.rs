client!();

use std::fmt::Debug;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use bytes::Bytes;
use client::{BearerToken, Body};
use graph_photo_emulator::demo_jpeg;
use graph_photo_tests::scripted::{Scripted, Step, answer};

use crate::panic_texts;

/// A token that no other test has: what all of them say when they panic is looked through for it.
const SENTINEL: &str = concat!("sentinel-", module_path!());

/// Tells the panics of the two clients apart.
const HERE: &str = module_path!();

/// An answer that repeats the token wherever a service could.
fn echo(status: &str) -> Vec<u8> {
    let bearer = format!("Bearer {SENTINEL}");
    let head = [
        ("Content-Type", "application/json"),
        ("request-id", SENTINEL),
        ("client-request-id", SENTINEL),
        ("x-echo", bearer.as_str()),
    ];
    let error = format!(r#""error":{{"code":"{SENTINEL}","message":"you sent {bearer}"}}"#);
    answer(
        status,
        &head,
        format!(r#"{{"width":48,"height":48,{error}}}"#),
    )
}

fn cut(mut answer: Vec<u8>) -> Vec<u8> {
    answer.truncate(answer.len() - 4);
    answer
}

fn client_of(server: &Scripted) -> client::ClientBuilder {
    configure!()
        .base_url(server.base_url())
        .bearer_token(SENTINEL)
        .retry(client::retry::Policy::NEVER)
}

/// Asserts that panics with each of these words were heard, and that none tells the token.
#[track_caller]
fn assert_heard(words: &[&str]) {
    let heard = panic_texts::heard();
    for word in words {
        let wanted = format!("{HERE}: {word}");
        assert!(heard.iter().any(|text| text.contains(&wanted)), "{wanted}");
    }
    if let Some(text) = heard.iter().find(|text| text.contains(SENTINEL)) {
        // This panic is heard too, and is to blame no other test.
        panic!("{}", text.replace(SENTINEL, "THE-TOKEN"));
    }
}

/// Panics as a caller does who did not expect this.
fn fail(word: &str, what: &impl Debug) {
    panic!("{HERE}: {word}: {what:?} {what:#?}");
}

case!(a_token_callback_that_panics_tells_no_token_and_spoils_nothing {
    panic_texts::listen();
    let server = Scripted::start([Step::Answer(echo("401 Unauthorized")), Step::Answer(echo("200 OK"))]).unwrap();
    let calls = Arc::new(AtomicUsize::new(0));
    let client = configure!()
        .base_url(server.base_url())
        .token_callback(move |_| {
            let first = calls.fetch_add(1, SeqCst) == 0;
            assert!(first, "{HERE}: no second token");
            answer!(Ok(BearerToken::new(SENTINEL).unwrap()))
        })
        .build()
        .unwrap();
    assert!(caught!(wait!(client.me().photo().metadata())).is_err(), "the first token is not accepted");
    assert!(wait!(client.me().photo().metadata()).unwrap().is_some(), "the client can be used as before");
    assert_heard(&["no second token"]);
});

case!(an_observer_that_panics_with_all_it_was_told_tells_no_token {
    panic_texts::listen();
    for (word, step) in [
        ("answered", Step::Answer(echo("200 OK"))),
        ("refused", Step::Answer(echo("400 Bad Request"))),
        ("redirected", Step::Answer(echo("302 Found"))),
        ("broken off", Step::Close(cut(echo("200 OK")))),
        ("gone", Step::Reset(Vec::new())),
    ] {
        let server = Scripted::start([step]).unwrap();
        let client = client_of(&server).observer(move |exchange| fail(word, exchange)).build().unwrap();
        assert!(caught!(wait!(client.me().photo().metadata())).is_err(), "{word}");
    }
    assert_heard(&["answered", "refused", "redirected", "broken off", "gone"]);
});

case!(an_upload_that_panics_tells_no_token {
    panic_texts::listen();
    // Longer than what is looked at before sending.
    let mut start = demo_jpeg(96, 1, "P").unwrap().to_vec();
    start.resize(512 * 1024, 0);
    let length = start.len() as u64 + 1;
    let server = Scripted::start([Step::Answer(echo("400 Bad Request"))]).unwrap();
    let client = client_of(&server).build().unwrap();
    for (word, start) in [("before sending", Bytes::new()), ("while sending", Bytes::from(start))] {
        let reader = Body::from_reader(io::panicking_reader(start.clone(), format!("{HERE}: reader {word}")), length);
        let stream = Body::from_stream(io::panicking_stream(start, format!("{HERE}: stream {word}")), length);
        for (kind, body) in [("reader", reader), ("stream", stream)] {
            // reqwest sends on a task of its own, whose panic is a failed connection here.
            if let Ok(put) = caught!(wait!(client.me().photo().put(body))) {
                let error = put.expect_err(kind);
                assert!(!format!("{error} {error:?}").contains(SENTINEL), "{error:?}");
            }
        }
    }
    assert_heard(&["reader before sending", "reader while sending", "stream before sending", "stream while sending"]);
});

case!(a_caller_who_panics_with_what_it_got_tells_no_token {
    panic_texts::listen();
    let tell = |word: &'static str, what: &dyn Debug| {
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| fail(word, &what)));
        assert!(panicked.is_err());
    };
    for (word, step) in [("400", Step::Answer(echo("400 Bad Request"))), ("cut", Step::Close(cut(echo("200 OK")))), ("200", Step::Answer(echo("200 OK")))] {
        let server = Scripted::start([step]).unwrap();
        let builder = client_of(&server);
        tell(word, &builder);
        let client = builder.build().unwrap();
        tell(word, &client);
        tell(word, &client.operations());
        tell(word, &wait!(client.operations().me_get_photo(None)));
        tell(word, &wait!(client.operations().me_get_photo_content()));
        tell(word, &wait!(client.me().photo().get()));
        tell(word, &wait!(client.me().photo().sizes()));
        tell(word, &wait!(client.batch().photos(&[client::Owner::Me])));
    }
    tell("token", &BearerToken::new(SENTINEL));
    tell("token", &BearerToken::new(format!("Bearer {SENTINEL}")));
    tell("token", &configure!().bearer_token(format!("{SENTINEL} ")).build());
    assert_heard(&["400", "cut", "200", "token"]);
});
