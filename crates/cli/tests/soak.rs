//! The long series of sync, run by `cargo xtask soak`: `cargo test -p graph-photo-cli --release
//! --test soak -- --ignored`. CI runs small slices of the same in `sync.rs`.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod support;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Child, Stdio};

use graph_photo_emulator::blocking::Emulator;
use sha2::{Digest as _, Sha256};
use support::{Session, command};

const USERS: u64 = 20_000;

/// What Graph is like on a bad day: one request in twenty goes wrong.
const FAULTS: [&str; 5] = [
    "kind=status,status=503,retry-after=0,rate=0.01,seed=1",
    "kind=status,status=429,retry-after=0,rate=0.01,seed=2",
    "kind=truncate,rate=0.01,seed=3",
    "kind=reset,rate=0.01,seed=4",
    "kind=html,status=502,rate=0.01,seed=5",
];

fn emulator() -> Emulator {
    let builder = graph_photo_emulator::Emulator::builder();
    let emulator =
        Emulator::start_with(builder.synthetic_users(USERS, 30).log_capacity(1)).unwrap();
    emulator.set_faults(FAULTS.map(|fault| fault.parse().unwrap()));
    emulator
}

/// The photos' names and hashes, without what is ours.
fn tree(directory: &Path) -> BTreeMap<String, [u8; 32]> {
    std::fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_name() != ".graph-photo")
        .map(|entry| {
            let hash = Sha256::digest(std::fs::read(entry.path()).unwrap());
            (entry.file_name().into_string().unwrap(), hash.into())
        })
        .collect()
}

fn start(session: &Session, line: &str) -> Child {
    command(session.directory.path())
        .args(line.split_whitespace())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

fn summary(stdout: &[u8]) -> serde_json::Value {
    let text = std::str::from_utf8(stdout).unwrap();
    let last: serde_json::Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
    last["summary"].clone()
}

#[test]
#[ignore = "minutes; run by cargo xtask soak"]
fn twenty_kills_end_like_an_undisturbed_run() {
    let emulator = emulator();
    let mut session = Session::new();
    let list: String = (0..USERS)
        .map(|n| format!("user{n:07}@synthetic.contoso.com\n"))
        .collect();
    session.file("users.txt", list);
    let at = format!("--quiet --json --base-url {}", emulator.base_url());
    let calm = summary(
        &session
            .run(&format!("sync --users users.txt --to calm {at}"))
            .stdout,
    );
    assert_eq!(
        (&calm["users"], &calm["failed"]),
        (&USERS.into(), &0.into()),
        "{calm}"
    );
    let directory = session.directory.path().to_owned();
    let expected = tree(&directory.join("calm"));
    assert_eq!(expected.len() as u64, USERS * 7 / 10);

    let line = format!("sync --users users.txt --to killed {at}");
    let killed = directory.join("killed");
    // Moments that differ from run to run on purpose; printed, so that they can be repeated.
    let mut seed = std::time::SystemTime::UNIX_EPOCH
        .elapsed()
        .unwrap()
        .as_nanos() as u64;
    println!("seed {seed}");
    for kill in 1..=20 {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let mut child = start(&session, &line);
        std::thread::sleep(std::time::Duration::from_millis((seed >> 33) % 1500));
        let ended = child.try_wait().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        if !killed.exists() {
            continue;
        }
        let now = tree(&killed);
        println!(
            "kill {kill}: {} photos, ended before: {}",
            now.len(),
            ended.is_some()
        );
        for (name, hash) in &now {
            assert_eq!(expected.get(name), Some(hash), "{name} is torn");
        }
    }
    let output = session.run(&line);
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(summary(&output.stdout)["users"], USERS);
    assert!(tree(&killed) == expected);

    let again = summary(&session.run(&line).stdout);
    assert_eq!(again["bytes"], 0, "{again}");
}
