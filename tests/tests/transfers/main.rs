//! Uploads and downloads while one request in ten goes wrong: every photo arrives as it was sent or
//! its error is reported, and no photo changes behind anybody's back.
//!
//! `lanes.rs` is written once and run against both clients, 32 lanes at a time; `lane.rs` says what
//! each does and what may come of it. The small slice runs with the other tests, the full size by
//! `cargo xtask soak transfers`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop at the first surprise, in its helpers too"
)]

mod lane;

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
    use graph_photo as client;

    include!("lanes.rs");
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
    use graph_photo_blocking as client;

    include!("lanes.rs");
}

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use graph_photo_emulator::blocking::Emulator;
use graph_photo_emulator::{Builder, Owner};

use lane::{LANES, Lane, OWNERS};

/// What Graph is like on a bad day: one request in ten goes wrong.
const FAULTS: [&str; 10] = [
    "kind=status,status=429,retry-after=0,rate=0.015,seed=1",
    "kind=status,status=503,rate=0.015,seed=2",
    "kind=status,status=504,rate=0.01,seed=3",
    "kind=status,status=500,rate=0.01,seed=4",
    "kind=html,status=502,rate=0.01,seed=5",
    "kind=drop,rate=0.01,seed=6",
    "kind=reset,rate=0.01,seed=7",
    "kind=truncate,rate=0.01,seed=8",
    "kind=empty,status=200,method=GET,rate=0.016,seed=9",
    "kind=slow,delay=10s,rate=0.002,seed=10",
];

fn emulator() -> Emulator {
    let mut builder = Builder::default().without_demo_tenant().log_capacity(1);
    for lane in 0..LANES {
        for owner in 0..OWNERS {
            builder = builder.user(lane::owner(lane, owner));
        }
    }
    let emulator = Emulator::start_with(builder).unwrap();
    emulator.set_faults(FAULTS.map(|fault| fault.parse().unwrap()));
    emulator
}

/// What came of all lanes of a client; every broken promise stops the test.
fn account(
    client: &str,
    transfers: usize,
    attempts: &AtomicUsize,
    lanes: Vec<Lane>,
    emulator: &Emulator,
) {
    emulator.set_faults([]);
    let mut total = lane::Tally::default();
    for lane in lanes {
        for (owner, possible) in lane.owners() {
            let stored = emulator.photo(&Owner::user(owner.as_str())).unwrap();
            possible.check(stored.as_deref(), &owner);
        }
        total.add(lane.tally());
    }
    assert_eq!(
        total.transfers(),
        transfers,
        "{client}: each is accounted for"
    );
    let attempts = attempts.load(Ordering::Relaxed);
    assert!(
        attempts > transfers,
        "{client}: there was nothing to try again"
    );
    println!("{client}: {transfers} transfers in {attempts} attempts: {total}");
}

/// Runs so many transfers through each client.
fn run(transfers: usize) {
    let each = transfers / LANES;
    assert_eq!(each * LANES, transfers);

    let emulator_of_async = emulator();
    let attempts = Arc::new(AtomicUsize::new(0));
    let client = asynchronous::client(emulator_of_async.base_url(), Arc::clone(&attempts));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let lanes = runtime.block_on(async {
        let started: Vec<_> = (0..LANES)
            .map(|lane| {
                tokio::spawn(asynchronous::transfer(
                    client.clone(),
                    Lane::new(lane),
                    each,
                ))
            })
            .collect();
        let mut ended = Vec::new();
        for lane in started {
            ended.push(lane.await.unwrap());
        }
        ended
    });
    account("async", transfers, &attempts, lanes, &emulator_of_async);

    let emulator_of_blocking = emulator();
    let attempts = Arc::new(AtomicUsize::new(0));
    let client = blocking::client(emulator_of_blocking.base_url(), Arc::clone(&attempts));
    let lanes = std::thread::scope(|scope| {
        let started: Vec<_> = (0..LANES)
            .map(|lane| {
                let client = client.clone();
                scope.spawn(move || blocking::transfer(client, Lane::new(lane), each))
            })
            .collect();
        started
            .into_iter()
            .map(|lane| lane.join().unwrap())
            .collect()
    });
    account(
        "blocking",
        transfers,
        &attempts,
        lanes,
        &emulator_of_blocking,
    );
}

#[test]
fn a_small_slice_arrives_or_is_reported() {
    run(640);
}

#[test]
#[ignore = "10,016 transfers through each client; cargo xtask soak transfers"]
fn ten_thousand_arrive_or_are_reported() {
    run(313 * LANES);
}
