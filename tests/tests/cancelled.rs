//! A call of the async client that is no longer wanted: dropping its future stops it at once,
//! whatever it is waiting for, and leaves nothing running. The blocking client's calls end by a
//! deadline instead, see `surface/settings.rs`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop at the first surprise, in its helpers too"
)]

use std::future::Future;
use std::sync::Arc;

use graph_photo::{Body, Client, ClientBuilder};
use graph_photo_emulator::demo_jpeg;
use graph_photo_tests::scripted::{Scripted, Step, answer};
use tokio::io::{AsyncWriteExt, DuplexStream};
use tokio::sync::Notify;

/// Polls a call until `reached`, and drops it.
async fn drop_at<T>(call: impl Future<Output = T>, reached: impl Future) {
    tokio::select! {
        biased;
        _ = call => panic!("it was to be dropped on its way"),
        _ = reached => {}
    }
}

/// Over reqwest and over hyper.
fn both() -> [ClientBuilder; 2] {
    [Client::builder(), Client::builder().over_hyper()]
}

/// A client, and what is notified of each attempt that has ended.
fn client_of(server: &Scripted, builder: ClientBuilder) -> (Client, Arc<Notify>) {
    let attempt = Arc::new(Notify::new());
    let ended = Arc::clone(&attempt);
    let client = builder
        .base_url(server.base_url())
        .no_proxy()
        .bearer_token("token")
        .observer(move |_| ended.notify_one())
        .build()
        .unwrap();
    (client, attempt)
}

/// When the server has a request.
async fn asked(server: &Scripted) {
    while server.requests().is_empty() {
        tokio::task::yield_now().await;
    }
}

/// Whether writing to a reader that is gone fails, before its buffer is full.
async fn writer_fails(writer: &mut DuplexStream) -> bool {
    for _ in 0..100_000 {
        if writer.write_all(b"m").await.is_err() {
            return true;
        }
        tokio::task::yield_now().await;
    }
    false
}

async fn connections_end(server: &Scripted, number: usize) -> bool {
    let server = server.clone();
    tokio::task::spawn_blocking(move || server.connections_end(number))
        .await
        .unwrap()
}

#[tokio::test]
async fn while_it_waits_to_try_again() {
    for builder in both() {
        let busy = answer("503 Service Unavailable", &[("Retry-After", "1")], "");
        let server = Scripted::start([Step::Answer(busy)]).unwrap();
        let (client, attempt) = client_of(&server, builder);
        drop_at(client.me().photo().get(), attempt.notified()).await;
        drop(client);
        // With the client gone nothing holds the connection, unless something still runs.
        assert!(connections_end(&server, 1).await);
        assert_eq!(server.requests().len(), 1);
    }
}

#[tokio::test]
async fn while_it_waits_for_an_answer() {
    for builder in both() {
        let server = Scripted::start([Step::Stall(Vec::new())]).unwrap();
        let (client, _) = client_of(&server, builder);
        drop_at(client.me().photo().get(), asked(&server)).await;
        // The client lives on; the connection, of which an answer is still due, does not.
        assert!(connections_end(&server, 1).await);
        assert_eq!(server.requests().len(), 1);
    }
}

#[tokio::test]
async fn while_an_answer_arrives() {
    for builder in both() {
        let whole = answer(
            "200 OK",
            &[("Content-Type", "image/jpeg")],
            demo_jpeg(240, 1, "C").unwrap(),
        );
        let half = whole[..whole.len() / 2].to_vec();
        let server = Scripted::start([Step::Stall(half)]).unwrap();
        let (client, _) = client_of(&server, builder);
        drop_at(client.me().photo().get(), asked(&server)).await;
        assert!(connections_end(&server, 1).await);
        assert_eq!(server.requests().len(), 1);
    }
}

#[tokio::test]
async fn while_it_uploads_what_does_not_come() {
    for builder in both() {
        let server = Scripted::start([Step::Stall(Vec::new())]).unwrap();
        let (client, _) = client_of(&server, builder);
        // A megabyte, of which more comes than is looked at before it is sent, and then nothing.
        let mut jpeg = demo_jpeg(240, 1, "C").unwrap().to_vec();
        jpeg.resize(1 << 20, 0);
        let length = jpeg.len() as u64;
        let (reader, mut writer) = tokio::io::duplex(jpeg.len());
        writer.write_all(&jpeg[..jpeg.len() / 2]).await.unwrap();
        let upload = Arc::new(Notify::new());
        let started = Arc::clone(&upload);
        let call = async {
            started.notify_one();
            client
                .me()
                .photo()
                .put(Body::from_reader(reader, length))
                .await
        };
        let written = async {
            upload.notified().await;
            tokio::task::yield_now().await;
        };
        drop_at(call, written).await;
        // The reader goes with the call, or with the connection that it was handed to.
        assert!(writer_fails(&mut writer).await);
        assert!(
            server.requests().is_empty(),
            "a request without its body is none"
        );
    }
}
