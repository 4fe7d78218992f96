//! sync: what a user sees, and that nothing is lost, torn or transferred twice. Runs that are stopped
//! are in `sync_stopped.rs`, surroundings that fail in `sync_trouble.rs`.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod support;

use graph_photo_emulator::blocking::Emulator;
use graph_photo_emulator::{Builder, Fault, Owner, demo_jpeg};
use support::{Session, list, peak, start, summary, synthetic, tree};

fn emulator(builder: Builder) -> Emulator {
    Emulator::start_with(builder).unwrap()
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
