//! Every operation of both clients on the wire: against the emulator, through a recording proxy,
//! the two recordings compared byte for byte but for Host and User-Agent.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may stop at the first surprise, in its helpers too"
)]

use graph_photo_emulator::{Emulator, blocking, demo_jpeg};
use graph_photo_tests::every_operation;
use graph_photo_tests::wire::{Recorded, Recorder};

type Outcomes = Vec<(&'static str, String)>;

async fn through_async(builder: graph_photo::ClientBuilder) -> (Outcomes, Vec<Recorded>) {
    let emulator = Emulator::start().await.unwrap();
    let recorder = Recorder::in_front_of(emulator.address()).unwrap();
    let client = builder
        .base_url(recorder.base_url())
        .bearer_token("token")
        .build()
        .unwrap();
    let jpeg = demo_jpeg(648, 10, "W").unwrap();
    let outcomes = every_operation!(client, jpeg, [.await]);
    (outcomes, recorder.requests())
}

fn through_blocking() -> (Outcomes, Vec<Recorded>) {
    let emulator = blocking::Emulator::start().unwrap();
    let recorder = Recorder::in_front_of(emulator.address()).unwrap();
    let client = graph_photo_blocking::Client::builder()
        .base_url(recorder.base_url())
        .bearer_token("token")
        .build()
        .unwrap();
    let jpeg = demo_jpeg(648, 10, "W").unwrap();
    let outcomes = every_operation!(client, jpeg, []);
    (outcomes, recorder.requests())
}

#[tokio::test(flavor = "multi_thread")]
async fn both_clients_send_the_same_bytes_and_read_the_same_answers() {
    let (async_outcomes, async_requests) = through_async(graph_photo::Client::builder()).await;
    let (blocking_outcomes, blocking_requests) =
        tokio::task::spawn_blocking(through_blocking).await.unwrap();

    assert_eq!(async_outcomes.len(), 43);
    assert_eq!(async_outcomes, blocking_outcomes);
    for (name, outcome) in &async_outcomes {
        assert!(outcome.starts_with('2'), "{name}: {outcome}");
    }

    assert_eq!(async_requests.len(), 43, "no call was repeated");
    assert_eq!(blocking_requests.len(), 43, "no call was repeated");
    for ((name, _), (left, right)) in async_outcomes
        .iter()
        .zip(async_requests.iter().zip(&blocking_requests))
    {
        let ((left_head, left_body), (right_head, right_body)) =
            (left.comparable(), right.comparable());
        assert_eq!(left_head, right_head, "{name}");
        assert_eq!(left_body, right_body, "{name}");
    }
    let lines: Vec<String> = async_outcomes
        .iter()
        .zip(&async_requests)
        .map(|((name, _), request)| format!("{name}: {}", request.request_line()))
        .collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn over_hyper_the_same_bytes_go_out() {
    let builder = graph_photo::Client::builder();
    let (outcomes, requests) = through_async(builder.clone()).await;
    let (over_hyper, requests_over_hyper) = through_async(builder.over_hyper()).await;
    assert_eq!(outcomes, over_hyper);
    assert_eq!(requests_over_hyper.len(), 43, "no call was repeated");
    for (left, right) in requests.iter().zip(&requests_over_hyper) {
        assert_eq!(left.comparable(), right.comparable());
    }
}
