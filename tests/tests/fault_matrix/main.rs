//! What becomes of each call under each kind of trouble, in both clients.
//!
//! `matrix.rs` is written once and run against both. Their tables must be equal, and equal to
//! `crates/model/docs/fault-matrix.md`, which the crates' documentation shows. To write that file
//! anew, run this test with the environment variable `WRITE_FAULT_MATRIX` set and review the change.

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

const SHOWN: &str = include_str!("../../../crates/model/docs/fault-matrix.md");

#[tokio::test(flavor = "multi_thread")]
async fn both_clients_make_the_same_of_every_fault() {
    let of_async = asynchronous::table().await;
    let of_blocking = tokio::task::spawn_blocking(blocking::table).await.unwrap();
    assert_eq!(of_async, of_blocking);
    if std::env::var_os("WRITE_FAULT_MATRIX").is_some() {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../crates/model/docs/fault-matrix.md"
        );
        std::fs::write(path, &of_async).unwrap();
        return;
    }
    assert_eq!(
        of_async, SHOWN,
        "see the head of this file for how to write it anew"
    );
}
