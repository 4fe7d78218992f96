//! sync: what a user sees, and that nothing is lost, torn or transferred twice, whatever happens.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod support;

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::Child;

use graph_photo_emulator::blocking::Emulator;
use graph_photo_emulator::{Builder, Fault, Owner, demo_jpeg};
use support::{Session, list, peak, start, summary};

fn emulator(builder: Builder) -> Emulator {
    Emulator::start_with(builder).unwrap()
}

fn synthetic(users: u64) -> Emulator {
    emulator(graph_photo_emulator::Emulator::builder().synthetic_users(users, 30))
}

/// The photos of a folder, without what is ours.
fn tree(directory: &Path) -> BTreeMap<String, Vec<u8>> {
    std::fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_name() != ".graph-photo")
        .map(|entry| {
            (
                entry.file_name().into_string().unwrap(),
                std::fs::read(entry.path()).unwrap(),
            )
        })
        .collect()
}

fn signal(child: &Child, name: &str) {
    let sent = std::process::Command::new("kill")
        .args([format!("-{name}"), child.id().to_string()])
        .status()
        .unwrap();
    assert!(sent.success());
}

fn photos_in(directory: &Path) -> usize {
    std::fs::read_dir(directory).map_or(0, |entries| entries.count().saturating_sub(1))
}

#[test]
fn runs() {
    let emulator = emulator(graph_photo_emulator::Emulator::builder());
    let mut session = Session::new();
    session.hide(emulator.base_url(), "URL");
    session.file(
        "users.txt",
        "# our people\nadele@contoso.com,Adele Vance\nalex@contoso.com\tAlex\nlidia@contoso.com\n\
         nomailbox@contoso.com\nADELE@contoso.com\ntwo words\n..\n",
    );
    session.file(
        "good.txt",
        "adele@contoso.com\nalex@contoso.com\nlidia@contoso.com\n",
    );
    let at = format!("--base-url {}", emulator.base_url());
    session.run(&format!("sync --users users.txt --to photos {at}"));
    session.run(&format!("sync --users good.txt --to photos {at}"));
    emulator
        .set_photo(
            &Owner::user("lidia@contoso.com"),
            demo_jpeg(96, 10, "L").unwrap(),
        )
        .unwrap();
    emulator
        .set_photo(
            &Owner::user("alex@contoso.com"),
            demo_jpeg(96, 20, "A").unwrap(),
        )
        .unwrap();
    emulator
        .remove_photo(&Owner::user("adele@contoso.com"))
        .unwrap();
    session.run(&format!("sync --users good.txt --to photos {at}"));
    assert_eq!(tree(&session.directory.path().join("photos")).len(), 3);
    session.run(&format!("sync --users good.txt --to photos --delete {at}"));
    let left = tree(&session.directory.path().join("photos"));
    assert_eq!(
        left.keys().collect::<Vec<_>>(),
        ["alex@contoso.com.jpg", "lidia@contoso.com.jpg"]
    );
    session.run_with(
        &format!("sync --users - --to photos --delete {at}"),
        &[],
        Some(b"lidia@contoso.com"),
    );
    let left = tree(&session.directory.path().join("photos"));
    assert_eq!(left.keys().collect::<Vec<_>>(), ["lidia@contoso.com.jpg"]);
    insta::assert_snapshot!(session.transcript());
}

#[test]
fn what_cannot_work() {
    let emulator = emulator(graph_photo_emulator::Emulator::builder());
    let mut session = Session::new();
    session.hide(emulator.base_url(), "URL");
    session
        .file("users.txt", "adele@contoso.com\n")
        .file("file", "");
    let at = format!("--base-url {}", emulator.base_url());
    session.run(&format!("sync --to photos {at}"));
    session.run(&format!("sync --users missing.txt --to photos {at}"));
    session.run(&format!("sync --users . --to photos {at}"));
    session.run(&format!("sync --users users.txt --to file {at}"));
    session.run(&format!("sync --users users.txt --to file/photos {at}"));
    session.run(&format!(
        "sync --users users.txt --to photos --shard 3/2 {at}"
    ));
    session.run(&format!(
        "sync --users users.txt --to photos --concurrency 0 {at}"
    ));
    session.run(&format!(
        "sync --users users.txt --to photos --state missing/state {at}"
    ));
    session.run(&format!(
        "sync --users users.txt --all-users --to photos {at}"
    ));
    session.file(
        "notes",
        "this is no database, but it is long enough to be taken for one",
    );
    session.run(&format!(
        "sync --users users.txt --to photos --state notes {at}"
    ));
    std::fs::create_dir_all(
        session
            .directory
            .path()
            .join("photos/adele@contoso.com.jpg/x"),
    )
    .unwrap();
    session.run(&format!("sync --users users.txt --to photos {at}"));
    emulator.set_faults(["kind=status,status=403".parse::<Fault>().unwrap()]);
    session.run(&format!("sync --users users.txt --to photos {at}"));
    session.run(&format!("sync --all-users --to photos {at}"));
    insta::assert_snapshot!(session.transcript());
}

#[test]
#[cfg(not(feature = "stores"))]
fn stores_are_a_feature() {
    let mut session = Session::new();
    session.run("sync --all-users --to s3://bucket/photos --emulator");
    insta::assert_snapshot!(session.transcript());
}

#[test]
fn all_users_of_the_tenant() {
    let emulator = synthetic(2100);
    let mut session = Session::new();
    let at = format!("--base-url {}", emulator.base_url());
    let output = session.run(&format!("sync --all-users --to photos --json --quiet {at}"));
    let summary = summary(&output.stdout);
    // The demo tenant comes first: three photos, two without, one without a mailbox.
    assert_eq!(summary["users"], 2106);
    assert_eq!(summary["added"], 2100 * 7 / 10 + 3);
    assert_eq!(summary["noPhoto"], 2100 * 3 / 10 + 2);
    assert_eq!(
        tree(&session.directory.path().join("photos")).len(),
        2100 * 7 / 10 + 3
    );
    assert_eq!(emulator.requests_of("list_users").len(), 3, "pages of 999");
}

#[test]
fn the_second_run_transfers_nothing_and_a_damaged_file_is_replaced() {
    let emulator = synthetic(100);
    let mut session = Session::new();
    session.file("users.txt", list(100));
    let line = format!(
        "sync --users users.txt --to photos --json --quiet --base-url {}",
        emulator.base_url()
    );
    session.run(&line);
    let photos = session.directory.path().join("photos");
    let first = tree(&photos);
    assert_eq!(first.len(), 70);
    emulator.clear_requests();
    let second = summary(&session.run(&line).stdout);
    assert_eq!(
        (&second["unchanged"], &second["bytes"]),
        (&70.into(), &0.into())
    );
    assert!(emulator.requests_of("user_get_photo_content").is_empty());

    let (name, bytes) = first.first_key_value().unwrap();
    std::fs::write(photos.join(name), &bytes[..bytes.len() / 2]).unwrap();
    let third = summary(&session.run(&line).stdout);
    assert_eq!(
        (&third["unchanged"], &third["updated"]),
        (&69.into(), &1.into())
    );
    assert!(tree(&photos) == first);
}

#[test]
fn a_size_of_ones_choice() {
    let emulator = emulator(graph_photo_emulator::Emulator::builder());
    let mut session = Session::new();
    session.hide(emulator.base_url(), "URL");
    session.file(
        "users.txt",
        "adele@contoso.com\nalex@contoso.com\nmegan@contoso.com\n",
    );
    let at = format!("--base-url {}", emulator.base_url());
    session.run(&format!(
        "sync --users users.txt --to photos --size 48 {at}"
    ));
    session.run(&format!(
        "sync --users users.txt --to photos --size 600 --fit down {at}"
    ));
    session.run(&format!("sync --users users.txt --to photos {at}"));
    insta::assert_snapshot!(session.transcript());
}

#[test]
fn shards_merged_equal_one_run() {
    let emulator = synthetic(200);
    let mut session = Session::new();
    session.file("users.txt", list(200));
    let at = format!("--quiet --json --base-url {}", emulator.base_url());
    session.run(&format!("sync --users users.txt --to whole {at}"));
    let mut users = 0;
    for shard in 1..=3 {
        let line = format!("sync --users users.txt --to parts --shard {shard}/3 {at}");
        users += summary(&session.run(&line).stdout)["users"]
            .as_u64()
            .unwrap();
    }
    assert_eq!(users, 200);
    let directory = session.directory.path();
    assert!(tree(&directory.join("whole")) == tree(&directory.join("parts")));
}

/// `cargo xtask soak` does the same with 20,000 and 200,000 users.
#[test]
#[cfg(target_os = "linux")]
fn ten_times_the_users_take_no_more_memory() {
    let emulator = synthetic(3000);
    let session = Session::new();
    let peak = |users: u64| {
        session.file("users.txt", list(users));
        let line = format!(
            "sync --users users.txt --to photos-{users} --size 48 --quiet --base-url {}",
            emulator.base_url()
        );
        let (code, peak) = peak::wait(&mut start(&session, &line));
        assert!(code.success(), "{code}");
        peak
    };
    let (few, many) = (peak(300), peak(3000));
    assert!(many < 64 * 1024, "{many} KB");
    // What grows until it is full: the state's cache and the entries that wait for the disk.
    assert!(many < few + 12 * 1024, "{few} KB, {many} KB");
}

#[test]
fn faults_lose_nothing_and_tear_nothing() {
    let emulator = synthetic(300);
    let mut session = Session::new();
    session.file("users.txt", list(300));
    let at = format!("--quiet --json --base-url {}", emulator.base_url());
    session.run(&format!("sync --users users.txt --to calm {at}"));
    emulator.set_faults(
        [
            "kind=status,status=503,rate=0.03,seed=1",
            "kind=status,status=429,retry-after=0,rate=0.02,seed=2",
            "kind=status,status=500,rate=0.02,seed=3",
            "kind=truncate,rate=0.03,seed=4",
            "kind=reset,rate=0.02,seed=5",
            "kind=html,status=502,rate=0.02,seed=6",
        ]
        .map(|fault| fault.parse().unwrap()),
    );
    let output = session.run(&format!("sync --users users.txt --to stormy {at}"));
    let summary = summary(&output.stdout);
    assert_eq!(
        (&summary["users"], &summary["failed"]),
        (&300.into(), &0.into()),
        "{summary}"
    );
    assert!(summary["retries"].as_u64().unwrap() > 0, "{summary}");
    let directory = session.directory.path();
    assert!(tree(&directory.join("calm")) == tree(&directory.join("stormy")));
}

#[test]
fn a_user_that_keeps_failing_is_told_and_tried_again_by_the_next_run() {
    let emulator = emulator(graph_photo_emulator::Emulator::builder());
    let mut session = Session::new();
    session.hide(emulator.base_url(), "URL");
    session.file("users.txt", "adele@contoso.com\nalex@contoso.com\n");
    let at = format!("--base-url {}", emulator.base_url());
    let fault = "kind=status,status=400,path=/users/alex*";
    emulator.set_faults([fault.parse().unwrap()]);
    session.run(&format!("sync --users users.txt --to photos {at}"));
    emulator.set_faults([]);
    session.run(&format!("sync --users users.txt --to photos {at}"));
    insta::assert_snapshot!(session.transcript());
}

#[test]
fn a_revoked_token_stops_the_run_and_the_next_one_goes_on() {
    let emulator = synthetic(200);
    let mut session = Session::new();
    session
        .hide(emulator.base_url(), "URL")
        .file("users.txt", list(200));
    // Everybody whose number ends so: the run meets one of them soon, but not at once.
    let fault = "kind=status,status=401,path=/users/user0000150*";
    emulator.set_faults([fault.parse().unwrap()]);
    let line = format!(
        "sync --users users.txt --to photos --json --quiet --base-url {}",
        emulator.base_url()
    );
    let output = session.run(&line);
    assert_eq!(output.status.code(), Some(4));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(
        stderr.contains("get a new token and run the same command again"),
        "{stderr}"
    );
    emulator.set_faults([]);
    let output = session.run(&line);
    assert_eq!(output.status.code(), Some(0));
    let summary = summary(&output.stdout);
    assert_eq!(
        (&summary["users"], &summary["complete"]),
        (&200.into(), &true.into())
    );
    assert!(summary["resumed"].as_u64().unwrap() > 0, "{summary}");
    assert_eq!(tree(&session.directory.path().join("photos")).len(), 140);
}

/// A run that is slow enough to be met on its way.
fn slow(users: u64) -> Emulator {
    let emulator = synthetic(users);
    let fault = "kind=slow,delay=20ms,path=/users/*/photo/$value";
    emulator.set_faults([fault.parse().unwrap()]);
    emulator
}

fn wait_for(child: &mut Child, what: impl Fn() -> bool) {
    while !what() && child.try_wait().unwrap().is_none() {
        std::thread::yield_now();
    }
}

#[test]
fn killed_runs_go_on_and_end_like_an_undisturbed_one() {
    let emulator = slow(300);
    let mut session = Session::new();
    session.file("users.txt", list(300));
    let at = format!("--quiet --json --base-url {}", emulator.base_url());
    session.run(&format!("sync --users users.txt --to calm {at}"));
    let directory = session.directory.path().to_owned();
    let killed = directory.join("killed");
    let line = format!("sync --users users.txt --to killed {at}");
    for photos in [0, 3, 40, 90, 150] {
        let mut child = start(&session, &line);
        wait_for(&mut child, || {
            killed.join(".graph-photo").exists() && photos_in(&killed) >= photos
        });
        child.kill().unwrap();
        child.wait().unwrap();
        // Whatever is there under its name is whole.
        let calm = tree(&directory.join("calm"));
        for (name, bytes) in tree(&killed) {
            assert!(calm.get(&name) == Some(&bytes), "{name} is torn");
        }
    }
    let output = session.run(&line);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    assert_eq!(summary(&output.stdout)["users"], 300);
    assert!(tree(&directory.join("calm")) == tree(&killed));
    let temporary = std::fs::read_dir(killed.join(".graph-photo/tmp")).unwrap();
    assert_eq!(temporary.count(), 0, "no temporary files are left");
}

#[test]
fn an_interrupt_finishes_what_is_on_its_way() {
    let emulator = slow(600);
    let mut session = Session::new();
    session.file("users.txt", list(600));
    let at = format!("--json --base-url {}", emulator.base_url());
    let line = format!("sync --users users.txt --to photos {at}");
    let photos = session.directory.path().join("photos");
    let mut child = start(&session, &line);
    wait_for(&mut child, || photos_in(&photos) > 20);
    signal(&child, "INT");
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(6));
    let stopped = summary(&output.stdout);
    assert_eq!(stopped["complete"], false);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.contains("finishing what is on its way"), "{stderr}");
    // Everything that was written is counted, and the other way round.
    assert_eq!(
        tree(&photos).len() as u64,
        stopped["added"].as_u64().unwrap()
    );
    emulator.set_faults([]);
    let rest = summary(&session.run(&line).stdout);
    assert_eq!(rest["resumed"], stopped["users"]);
    assert_eq!(rest["users"], 600);
    assert_eq!(tree(&photos).len(), 420);
}

#[test]
fn two_runs_do_not_work_on_the_same_state() {
    let emulator = slow(600);
    let mut session = Session::new();
    session
        .hide(emulator.base_url(), "URL")
        .file("users.txt", list(600));
    let line = format!(
        "sync --users users.txt --to photos --base-url {}",
        emulator.base_url()
    );
    let photos = session.directory.path().join("photos");
    let mut child = start(&session, &line);
    wait_for(&mut child, || photos_in(&photos) > 0);
    session.run(&line);
    child.kill().unwrap();
    child.wait().unwrap();
    insta::assert_snapshot!(session.transcript());
}

#[test]
fn a_lost_network_is_waited_for() {
    // An address that nobody listens on yet, and then an emulator does.
    let port = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap()
    };
    let mut session = Session::new();
    session
        .hide(port.to_string(), "ADDRESS")
        .file("users.txt", list(20));
    let line = format!("sync --users users.txt --to photos --base-url http://{port}/v1.0");
    let refused = session.run(&format!("{line} --patience 0"));
    assert_eq!(refused.status.code(), Some(1));
    insta::assert_snapshot!(session.transcript());

    let mut child = start(&session, &format!("{line} --json"));
    // Resumed: it says so before its first request.
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut said = String::new();
    stderr.read_line(&mut said).unwrap();
    assert!(said.contains("going on"), "{said}");
    let builder = graph_photo_emulator::Emulator::builder()
        .synthetic_users(20, 30)
        .listen(port);
    let _emulator = emulator(builder);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(summary(&output.stdout)["added"], 14);
}

#[test]
fn the_report_is_one_safe_file() {
    let emulator = emulator(graph_photo_emulator::Emulator::builder());
    let mut session = Session::new();
    session.file(
        "users.txt",
        "adele@contoso.com,Adele <script>alert(1)</script>\nalex@contoso.com\nlidia@contoso.com\n",
    );
    let fault = "kind=status,status=400,path=/users/alex*";
    emulator.set_faults([fault.parse().unwrap()]);
    session.run(&format!(
        "sync --users users.txt --to photos --report report.html --base-url {}",
        emulator.base_url()
    ));
    let report = std::fs::read_to_string(session.directory.path().join("report.html")).unwrap();
    assert!(!report.contains("<script"));
    assert!(!report.contains("http://"), "nothing from elsewhere");
    // Thumbnails are JPEGs whose bytes depend on the encoder, not on us.
    let mut shown = String::new();
    let mut rest = report.split_once("<body>").unwrap().1;
    while let Some((before, after)) = rest.split_once("base64,") {
        shown += before;
        shown += "base64,...";
        rest = after.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || "+/=".contains(c));
    }
    shown += rest;
    // The service's request ids are new each time.
    let shown = match shown.split_once("request-id ") {
        Some((before, after)) => {
            let after = after.trim_start_matches(|c: char| c.is_ascii_hexdigit() || c == '-');
            format!("{before}request-id ID{after}")
        }
        None => shown,
    };
    insta::assert_snapshot!(shown);
}
