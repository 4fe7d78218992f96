//! The long series of sync, run by `cargo xtask soak sync`. CI runs small slices of the same in
//! `sync.rs`.
//!
//! Photos go below the temporary directory: some 4 GB at the most, all of it removed.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod support;

use std::collections::BTreeMap;
use std::path::Path;

use graph_photo_emulator::blocking::Emulator;
use sha2::{Digest as _, Sha256};
use support::{Session, list, start, summary};

/// How many users there are, unless USERS in the environment says otherwise.
const USERS: u64 = 20_000;

fn users() -> u64 {
    let number = std::env::var("USERS").ok();
    number.map_or(USERS, |number| number.parse().unwrap())
}

/// What Graph is like on a bad day: one request in twenty goes wrong.
const FAULTS: [&str; 5] = [
    "kind=status,status=503,retry-after=0,rate=0.01,seed=1",
    "kind=status,status=429,retry-after=0,rate=0.01,seed=2",
    "kind=truncate,rate=0.01,seed=3",
    "kind=reset,rate=0.01,seed=4",
    "kind=html,status=502,rate=0.01,seed=5",
];

/// Photos as large as those of people.
const PHOTO_BYTES: usize = 60_000;

fn emulator(users: u64, photo_bytes: usize) -> Emulator {
    let builder = graph_photo_emulator::Emulator::builder()
        .synthetic_users(users, 30)
        .synthetic_photo_bytes(photo_bytes)
        .log_capacity(1);
    Emulator::start_with(builder).unwrap()
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

/// Runs a line of `sync --json`, and expects it to end well for everybody.
fn run(session: &mut Session, line: &str) -> serde_json::Value {
    let output = session.run(line);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    let summary = summary(&output.stdout);
    println!("$ {line}\n{summary}");
    assert_eq!(
        (&summary["users"], &summary["failed"], &summary["complete"]),
        (&users().into(), &0.into(), &true.into())
    );
    summary
}

#[test]
#[ignore = "minutes; run by cargo xtask soak"]
fn faults_and_twenty_kills_end_like_an_undisturbed_run() {
    let users = users();
    let emulator = emulator(users, PHOTO_BYTES);
    let mut session = Session::new();
    session.file("users.txt", list(users));
    let at = format!("--quiet --json --base-url {}", emulator.base_url());
    let directory = session.directory.path().to_owned();
    run(
        &mut session,
        &format!("sync --users users.txt --to calm {at}"),
    );
    let expected = tree(&directory.join("calm"));
    assert_eq!(expected.len() as u64, users * 7 / 10);
    std::fs::remove_dir_all(directory.join("calm")).unwrap();

    emulator.set_faults(FAULTS.map(|fault| fault.parse().unwrap()));
    let line = format!("sync --users users.txt --to stormy {at}");
    let stormy = run(&mut session, &line);
    assert!(stormy["retries"].as_u64().unwrap() > 0, "{stormy}");
    assert!(tree(&directory.join("stormy")) == expected);
    let again = run(&mut session, &line);
    assert_eq!(again["bytes"], 0, "{again}");
    std::fs::remove_dir_all(directory.join("stormy")).unwrap();

    for shard in ["1/2", "2/2"] {
        let line = format!("sync --users users.txt --to parts --shard {shard} {at}");
        assert_eq!(session.run(&line).status.code(), Some(0), "{shard}");
    }
    assert!(tree(&directory.join("parts")) == expected);
    std::fs::remove_dir_all(directory.join("parts")).unwrap();

    let line = format!("sync --users users.txt --to killed {at}");
    let killed = directory.join("killed");
    // Moments that differ from run to run on purpose; printed, so that they can be repeated.
    let mut seed = std::time::SystemTime::UNIX_EPOCH
        .elapsed()
        .unwrap()
        .as_nanos() as u64;
    println!("seed {seed}");
    let mut in_the_middle = 0;
    for kill in 1..=20 {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let mut child = start(&session, &line);
        std::thread::sleep(std::time::Duration::from_millis((seed >> 33) % 700));
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
        in_the_middle += u32::from(ended.is_none() && now.len() < expected.len());
        for (name, hash) in &now {
            assert_eq!(expected.get(name), Some(hash), "{name} is torn");
        }
    }
    println!("{in_the_middle} kills met a run that had photos left to get");
    assert!(
        in_the_middle > 0,
        "the kills came too late to show anything"
    );
    run(&mut session, &line);
    assert!(tree(&killed) == expected);
    let again = run(&mut session, &line);
    assert_eq!(again["bytes"], 0, "{again}");
}

/// Photos as they are drawn, some 20,000 bytes: it is the number of users that could show.
#[test]
#[cfg(target_os = "linux")]
#[ignore = "minutes; run by cargo xtask soak"]
fn memory_is_flat_from_20_000_to_200_000_users() {
    let emulator = emulator(10 * users(), 0);
    let session = Session::new();
    let peak = |users: u64| {
        session.file("users.txt", list(users));
        let at = emulator.base_url();
        let line = format!("sync --users users.txt --to photos --quiet --base-url {at}");
        let mut peaks = Vec::new();
        // A run that gets everything, and one that finds everything.
        for _ in 0..2 {
            let (code, peak) = support::peak::wait(&mut start(&session, &line));
            assert!(code.success(), "{code}");
            peaks.push(peak);
        }
        println!("{users} users: {peaks:?} KB");
        std::fs::remove_dir_all(session.directory.path().join("photos")).unwrap();
        peaks.into_iter().max().unwrap()
    };
    let (few, many) = (peak(users()), peak(10 * users()));
    assert!(many < 64 * 1024, "{many} KB");
    assert!(many < few + few / 4, "{few} KB, {many} KB");
}
