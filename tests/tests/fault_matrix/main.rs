//! What becomes of each call under each kind of trouble, in both clients, and in the async one over
//! hyper.
//!
//! `matrix.rs` is written once and run against both. Their tables must be equal, and equal to
//! `src/fault-matrix.md` of both crates, which their documentation shows. To write that file
//! anew, run this test with the environment variable `WRITE_FAULT_MATRIX` set and review the change.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop at the first surprise, in its helpers too"
)]

mod asynchronous {
    macro_rules! function {
        ($visibility:vis fn $name:ident($($argument:ident: $kind:ty),*) -> $result:ty $body:block) => {
            $visibility async fn $name($($argument: $kind),*) -> $result $body
        };
    }
    macro_rules! wait {
        ($call:expr) => {
            $call.await
        };
    }
    macro_rules! answer {
        ($value:expr) => {
            std::future::ready($value)
        };
    }
    use graph_photo as client;

    include!("matrix.rs");
}

mod blocking {
    macro_rules! function {
        ($visibility:vis fn $name:ident($($argument:ident: $kind:ty),*) -> $result:ty $body:block) => {
            $visibility fn $name($($argument: $kind),*) -> $result $body
        };
    }
    macro_rules! wait {
        ($call:expr) => {
            $call
        };
    }
    macro_rules! answer {
        ($value:expr) => {
            $value
        };
    }
    use graph_photo_blocking as client;

    include!("matrix.rs");
}

const SHOWN: [&str; 2] = [
    include_str!("../../../crates/async/src/fault-matrix.md"),
    include_str!("../../../crates/blocking/src/fault-matrix.md"),
];

#[tokio::test(flavor = "multi_thread")]
async fn both_clients_make_the_same_of_every_fault() {
    let of_async = asynchronous::table(graph_photo::Client::builder).await;
    let of_hyper = asynchronous::table(|| graph_photo::Client::builder().over_hyper()).await;
    assert_eq!(of_async, of_hyper);
    let of_blocking = || blocking::table(graph_photo_blocking::Client::builder);
    let of_blocking = tokio::task::spawn_blocking(of_blocking).await.unwrap();
    assert_eq!(of_async, of_blocking);
    if std::env::var_os("WRITE_FAULT_MATRIX").is_some() {
        for client in ["async", "blocking"] {
            let path = format!(
                "{}/../crates/{client}/src/fault-matrix.md",
                env!("CARGO_MANIFEST_DIR")
            );
            std::fs::write(path, &of_async).unwrap();
        }
        return;
    }
    for shown in SHOWN {
        assert_eq!(
            of_async, shown,
            "see the head of this file for how to write it anew"
        );
    }
}
