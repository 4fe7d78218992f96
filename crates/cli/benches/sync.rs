//! `cargo bench -p graph-photo-cli --bench sync`: how fast `sync` is, as a share of a bare
//! concurrent loop of the async client's generated calls, on the same emulator in the same run; and
//! how much memory it takes at its peak.
//!
//! USERS (20,000 by default) and ROUNDS (3) can be set in the environment. Linux only: the peak is
//! read from /proc.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a measurement stops at a surprise"
)]

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use graph_photo::{Client, ErrorKind};

const CONCURRENCY: usize = 16;

fn main() {
    // `cargo test --benches` only wants to know that it builds.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let number = |name: &str, default: u64| {
        std::env::var(name)
            .ok()
            .and_then(|text| text.parse().ok())
            .unwrap_or(default)
    };
    let (users, rounds) = (number("USERS", 20_000), number("ROUNDS", 3));
    let (mut emulator, base_url) = emulator(users);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let directory = tempfile::tempdir().unwrap();
    let list = directory.path().join("users.txt");
    std::fs::write(&list, ids(users).map(|id| id + "\n").collect::<String>()).unwrap();

    println!("{users} users, {CONCURRENCY} requests at a time");
    println!("round   bare loop        sync       share        peak     again");
    let mut shares = Vec::new();
    for round in 1..=rounds {
        // Taking turns to go first, so that neither profits from a warm server.
        let mut bare = Duration::ZERO;
        let mut first = (Duration::ZERO, 0);
        let target = directory.path().join(format!("photos-{round}"));
        for turn in 0..2 {
            if turn == round % 2 {
                bare = runtime.block_on(bare_loop(&base_url, users));
            } else {
                first = sync(&base_url, &list, &target);
            }
        }
        let again = sync(&base_url, &list, &target);
        let share = bare.as_secs_f64() / first.0.as_secs_f64();
        shares.push(share);
        println!(
            "{round:>5}{:>10.2} s{:>10.2} s{:>10.0} %{:>9.1} MB{:>8.2} s",
            bare.as_secs_f64(),
            first.0.as_secs_f64(),
            share * 100.0,
            first.1.max(again.1) as f64 / 1024.0,
            again.0.as_secs_f64()
        );
    }
    emulator.kill().unwrap();
    emulator.wait().unwrap();
    shares.sort_by(f64::total_cmp);
    println!(
        "median share: {:.0} %, at least 80 % is wanted",
        shares[shares.len() / 2] * 100.0
    );
}

fn ids(users: u64) -> impl Iterator<Item = String> {
    (0..users).map(|n| format!("user{n:07}@synthetic.contoso.com"))
}

/// An emulator in a process of its own, as Graph would be elsewhere.
fn emulator(users: u64) -> (Child, String) {
    let users = users.to_string();
    let mut child = Command::new(env!("CARGO_BIN_EXE_graph-photo"))
        .args(["emulator", "--listen", "127.0.0.1:0", "--log-capacity", "1"])
        .args(["--without-photo", "30", "--synthetic-users", &users])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let ready: serde_json::Value = serde_json::from_str(&line).unwrap();
    (child, ready["v1"].as_str().unwrap().to_owned())
}

/// Metadata and bytes of every photo, thrown away.
async fn bare_loop(base_url: &str, users: u64) -> Duration {
    let client = Client::builder()
        .base_url(base_url)
        .bearer_token("any")
        .build()
        .unwrap();
    let started = Instant::now();
    futures_util::stream::iter(ids(users))
        .for_each_concurrent(CONCURRENCY, |id| {
            let client = client.clone();
            async move {
                match client.operations().user_get_photo(&id, None).await {
                    Ok(_) => {
                        let content = client.operations().user_get_photo_content(&id).await;
                        content.unwrap().into_inner().bytes().await.unwrap();
                    }
                    Err(error) => assert_eq!(error.kind(), ErrorKind::NoPhoto, "{error}"),
                }
            }
        })
        .await;
    started.elapsed()
}

/// A run of the command: how long it took, and the most memory it held, in KB.
fn sync(base_url: &str, list: &std::path::Path, target: &std::path::Path) -> (Duration, u64) {
    let started = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_graph-photo"))
        .args(["sync", "--quiet", "--json", "--base-url", base_url])
        .args(["--concurrency", &CONCURRENCY.to_string()])
        .arg("--users")
        .arg(list)
        .arg("--to")
        .arg(target)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    let code = loop {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let now = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
        peak = peak.max(now.unwrap_or(0));
        if let Some(code) = child.try_wait().unwrap() {
            break code;
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    assert!(code.success(), "{code}");
    (started.elapsed(), peak)
}
