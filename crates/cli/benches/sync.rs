//! How fast `sync` is, as a share of a bare concurrent loop on the same emulator in the same run;
//! and how much memory it takes at its peak. `cargo xtask bench` runs it and keeps the figures in
//! `target/bench.json`; `cargo bench -p graph-photo-cli --bench sync` runs it alone.
//!
//! The bare loop is what one would write in ten lines with the async client's generated calls: for
//! each user the metadata and, if there is a photo, its bytes, sixteen users at a time. It retries
//! nothing, remembers nothing and throws the bytes away. It starts with a client that is ready. A
//! second loop does the same and saves each photo with `std::fs::write`, to tell what is the disk's
//! share of the difference.
//!
//! `sync` does all that it does for users: process start, users file, `$batch`, a file that appears
//! whole, state, summary. Both see the same 20,000 users, of whom 30 % have no photo, and photos of
//! 60,000 bytes. Rounds are interleaved, and the loops and `sync` take turns at going first.
//!
//! On a machine that does other things, too, the clock says little: the processor time of client and
//! emulator together, as the system counts it, is given beside it.
//!
//! Photos go to a file system in memory (`/dev/shm`) if there is one: on a disk, the time to make a
//! file differs by a factor of a hundred with what other programs have just written or deleted, and
//! the bare loop makes none. TARGET names another directory; USERS and ROUNDS (3) are other numbers.
//! Linux only: the peak is read from /proc.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a measurement stops at a surprise"
)]

#[path = "../tests/support/peak.rs"]
mod peak;

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use graph_photo::{Client, ErrorKind};
use serde_json::json;

const CONCURRENCY: usize = 16;
const PHOTO_BYTES: u32 = 60_000;
const WANTED: f64 = 0.8;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // `cargo test --benches` only wants to know that it builds.
    if !arguments.iter().any(|argument| argument == "--bench") {
        return;
    }
    let figures = arguments.iter().position(|one| one == "--figures");
    let figures = figures.map(|at| PathBuf::from(&arguments[at + 1]));
    let number = |name: &str, default: u64| {
        std::env::var(name)
            .ok()
            .and_then(|text| text.parse().ok())
            .unwrap_or(default)
    };
    let (users, rounds) = (number("USERS", 20_000), number("ROUNDS", 3));
    let directory = scratch();
    let (mut emulator, base_url) = emulator(users);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let list = directory.path().join("users.txt");
    std::fs::write(&list, ids(users).map(|id| id + "\n").collect::<String>()).unwrap();

    println!(
        "{users} users, {CONCURRENCY} at a time, photos of {PHOTO_BYTES} bytes in {}",
        directory.path().display()
    );
    println!(
        "round   bare loop   and saved        sync       share  of CPU time        peak       again"
    );
    let (mut shares, mut cpu_shares) = (Vec::new(), Vec::new());
    let (mut most, mut rows) = (0, Vec::new());
    for round in 1..=rounds {
        let saved = directory.path().join("saved");
        let target = directory.path().join("photos");
        let mut times = [Duration::ZERO; 3];
        let mut ticks = [0; 3];
        let mut peak = 0;
        // Taking turns to go first, so that nobody profits from a warm server.
        for turn in 0..3 {
            let who = ((turn + round) % 3) as usize;
            let before = cpu_ticks(&emulator);
            times[who] = match who {
                0 => runtime.block_on(bare_loop(&base_url, users, None)),
                1 => {
                    std::fs::create_dir(&saved).unwrap();
                    let time = runtime.block_on(bare_loop(&base_url, users, Some(&saved)));
                    std::fs::remove_dir_all(&saved).unwrap();
                    time
                }
                _ => {
                    let (time, held) = sync(&base_url, &list, &target);
                    peak = held;
                    time
                }
            };
            ticks[who] = cpu_ticks(&emulator) - before;
        }
        let [bare, and_saved, first] = times.map(|time| time.as_secs_f64());
        let (again, held) = sync(&base_url, &list, &target);
        std::fs::remove_dir_all(&target).unwrap();
        peak = peak.max(held);
        most = most.max(peak);
        let share = bare / first;
        shares.push(share);
        let cpu_share = ticks[0] as f64 / ticks[2].max(1) as f64;
        cpu_shares.push(cpu_share);
        println!(
            "{round:>5}{bare:>10.2} s{and_saved:>10.2} s{first:>10.2} s{:>10.0} %{:>11.0} %{:>9.1} MB{:>10.2} s",
            share * 100.0,
            cpu_share * 100.0,
            peak as f64 / 1024.0,
            again.as_secs_f64()
        );
        rows.push(json!({
            "bareLoopSeconds": bare,
            "bareLoopSavingSeconds": and_saved,
            "syncSeconds": first,
            "syncAgainSeconds": again.as_secs_f64(),
            "shareOfBareLoopInCpuTime": cpu_share,
        }));
    }
    emulator.kill().unwrap();
    emulator.wait().unwrap();
    let (share, cpu_share) = (median(shares), median(cpu_shares));
    println!(
        "median share: {:.0} % by the clock, {:.0} % in CPU time; at least {:.0} % is wanted",
        share * 100.0,
        cpu_share * 100.0,
        WANTED * 100.0
    );
    if let Some(path) = figures {
        let figures = json!({
            "users": users,
            "photoBytes": PHOTO_BYTES,
            "concurrency": CONCURRENCY,
            "rounds": rows,
            "shareOfBareLoop": share,
            "shareOfBareLoopInCpuTime": cpu_share,
            "shareWanted": WANTED,
            "peakKilobytes": most,
        });
        std::fs::write(path, format!("{figures:#}\n")).unwrap();
    }
}

fn median(mut shares: Vec<f64>) -> f64 {
    shares.sort_by(f64::total_cmp);
    shares[shares.len() / 2]
}

/// The processor time so far of this process, of the commands it waited for, and of the emulator, in
/// the system's ticks.
fn cpu_ticks(emulator: &Child) -> u64 {
    let fields = |process: &str| -> Vec<u64> {
        let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
        // The name before the last parenthesis can hold anything.
        let (_, rest) = stat.rsplit_once(") ").unwrap();
        rest.split(' ')
            .map(|field| field.parse().unwrap_or(0))
            .collect()
    };
    // utime, stime, cutime, cstime: the 14th to 17th field of proc(5).
    let own: u64 = fields("self")[11..15].iter().sum();
    let served: u64 = fields(&emulator.id().to_string())[11..13].iter().sum();
    own + served
}

/// Where photos go.
fn scratch() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    match std::env::var_os("TARGET") {
        Some(directory) => tempfile::tempdir_in(directory).unwrap(),
        None if memory.is_dir() => tempfile::tempdir_in(memory).unwrap(),
        None => tempfile::tempdir().unwrap(),
    }
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
        .args(["--synthetic-photo-bytes", &PHOTO_BYTES.to_string()])
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

/// Metadata and bytes of every photo, thrown away or saved.
async fn bare_loop(base_url: &str, users: u64, save: Option<&Path>) -> Duration {
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
                        let bytes = content.unwrap().into_inner().bytes().await.unwrap();
                        if let Some(folder) = save {
                            std::fs::write(folder.join(id + ".jpg"), bytes).unwrap();
                        }
                    }
                    Err(error) => assert_eq!(error.kind(), ErrorKind::NoPhoto, "{error}"),
                }
            }
        })
        .await;
    started.elapsed()
}

/// A run of the command: how long it took, and the most memory it held, in KB.
fn sync(base_url: &str, list: &Path, target: &Path) -> (Duration, u64) {
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
    let (code, peak) = peak::wait(&mut child);
    assert!(code.success(), "{code}");
    (started.elapsed(), peak)
}
