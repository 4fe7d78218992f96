//! The connections of the async client over hyper: kept for the next call, and not missed when the
//! server has closed them. What is said over them is tested with both clients, in `wire.rs`,
//! `surface` and `fault_matrix`.

#![allow(
    clippy::unwrap_used,
    reason = "a test may stop at the first surprise, in its helpers too"
)]

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use graph_photo::Client;
use graph_photo_tests::scripted::answer;

/// Answers so many requests of each connection with metadata and closes it then; counts connections.
fn server(requests: usize) -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap();
    let connections = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&connections);
    thread::spawn(move || {
        let json = [("Content-Type", "application/json")];
        let photo = answer("200 OK", &json, r#"{"id":"default","width":2,"height":3}"#);
        for mut stream in listener.incoming().flatten() {
            counted.fetch_add(1, Ordering::SeqCst);
            let photo = photo.clone();
            thread::spawn(move || {
                let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
                for _ in 0..requests {
                    while lines.next().is_some_and(|line| !line.unwrap().is_empty()) {}
                    stream.write_all(&photo).unwrap();
                }
            });
        }
    });
    (address, connections)
}

fn client(address: SocketAddr) -> Client {
    Client::builder()
        .base_url(format!("http://{address}/v1.0"))
        .no_proxy()
        .over_hyper()
        .build()
        .unwrap()
}

async fn width(client: &Client) -> Option<u32> {
    let photo = client.me().photo().metadata().await.unwrap().unwrap();
    photo.size().map(|size| size.width())
}

#[tokio::test]
async fn a_connection_is_kept_for_the_next_call() {
    let (address, connections) = server(10);
    let client = client(address);
    for _ in 0..10 {
        assert_eq!(width(&client).await, Some(2));
    }
    assert_eq!(connections.load(Ordering::SeqCst), 1);
    // Two at once need two.
    let (left, right) = tokio::join!(width(&client), width(&client));
    assert_eq!((left, right), (Some(2), Some(2)));
    assert!(connections.load(Ordering::SeqCst) >= 2);
}

#[tokio::test]
async fn a_connection_that_the_server_closed_is_not_missed() {
    let (address, connections) = server(1);
    let client = client(address);
    for _ in 0..5 {
        assert_eq!(width(&client).await, Some(2));
    }
    assert_eq!(connections.load(Ordering::SeqCst), 5);
}
