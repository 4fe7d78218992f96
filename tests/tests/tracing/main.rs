//! What both clients tell through `tracing`: a span per operation, one per attempt in it, and
//! nothing about whose photo it was.
//!
//! `calls.rs` is written once and run against both. One test, for there is one subscriber in a
//! process.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test may stop at the first surprise, in its helpers too"
)]

mod asynchronous {
    macro_rules! function {
        ($visibility:vis fn $name:ident($($argument:ident: $kind:ty),*) $body:block) => {
            $visibility async fn $name($($argument: $kind),*) $body
        };
    }
    macro_rules! wait {
        ($call:expr) => {
            $call.await
        };
    }
    use graph_photo as client;

    include!("calls.rs");
}

mod blocking {
    macro_rules! function {
        ($visibility:vis fn $name:ident($($argument:ident: $kind:ty),*) $body:block) => {
            $visibility fn $name($($argument: $kind),*) $body
        };
    }
    macro_rules! wait {
        ($call:expr) => {
            $call
        };
    }
    use graph_photo_blocking as client;

    include!("calls.rs");
}
mod record;

use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

#[test]
fn operations_and_attempts_are_told_and_people_are_not() {
    let record = record::Record::default();
    // Debug is the level of the clients; ureq logs URLs at trace.
    tracing_subscriber::registry()
        .with(LevelFilter::DEBUG)
        .with(record.clone())
        .init();

    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(asynchronous::calls());
    let of_async = record.take();
    blocking::calls();
    let of_blocking = record.take();

    for line in of_async.iter().chain(&of_blocking) {
        for private in [
            "adele", "contoso", "sentinel", "group-1", "/users", "/photo", "folder-1",
        ] {
            assert!(!line.text.contains(private), "{private}: {line:?}");
        }
    }
    let own = |lines: &[record::Line]| -> String {
        let own = lines
            .iter()
            .filter(|line| line.target.starts_with("graph_photo"));
        own.map(|line| line.text.clone() + "\n").collect()
    };
    insta::assert_snapshot!(own(&of_async));
    assert_eq!(own(&of_async), own(&of_blocking));
    // What lies below was listened to as well.
    assert!(
        of_blocking
            .iter()
            .any(|line| line.target.starts_with("ureq"))
    );
}
