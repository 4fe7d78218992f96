//! sync when the surroundings fail in the middle of a run: nothing is torn, and the next run, or the
//! same one, gets the rest.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod support;

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::process::Command;

use graph_photo_emulator::blocking::Emulator;
use support::{Session, list, photos_in, start, summary};

/// A limit on the size of files fails a write in its middle, as a full disk does; it needs no disk
/// that is full. `tests/external/cli/run.sh disk` has real ones.
#[test]
fn a_photo_that_does_not_fit_stops_the_run_and_leaves_nothing_of_it() {
    // Larger than the state's file at first, which must fit.
    let builder = graph_photo_emulator::Emulator::builder()
        .synthetic_users(30, 0)
        .synthetic_photo_bytes(4_000_000);
    let emulator = Emulator::start_with(builder).unwrap();
    let mut session = Session::new();
    session.file("users.txt", list(3));
    let line = format!(
        "sync --users users.txt --to photos --quiet --json --base-url {}",
        emulator.base_url()
    );
    let photos = session.directory.path().join("photos");
    // 3 MB; the signal that comes with reaching the limit is ignored, so that the write fails.
    let output = Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -f 6000; exec \"$@\"", "sh"])
        .arg(env!("CARGO_BIN_EXE_graph-photo"))
        .args(line.split_whitespace())
        .current_dir(session.directory.path())
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(
        stderr.contains("graph-photo: cannot write photos/user"),
        "{stderr}"
    );
    assert!(stderr.contains("File too large"), "{stderr}");
    assert_eq!(photos_in(&photos), 0);
    let temporary = std::fs::read_dir(photos.join(".graph-photo/tmp")).unwrap();
    assert_eq!(temporary.count(), 0, "nothing half written is left");

    let output = session.run(&line);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(summary(&output.stdout)["added"], 3);
    for entry in std::fs::read_dir(&photos).unwrap() {
        let entry = entry.unwrap();
        if entry.file_name() != ".graph-photo" {
            assert!(entry.metadata().unwrap().len() >= 4_000_000);
        }
    }
}

#[test]
fn a_network_that_goes_away_in_the_middle_is_waited_for() {
    let builder = || graph_photo_emulator::Emulator::builder().synthetic_users(300, 30);
    let emulator = Emulator::start_with(builder()).unwrap();
    let fault = "kind=slow,delay=20ms,path=/users/*/photo/$value";
    emulator.set_faults([fault.parse().unwrap()]);
    let session = Session::new();
    session.file("users.txt", list(300));
    let base_url = emulator.base_url();
    let line = format!("sync --users users.txt --to photos --quiet --json --base-url {base_url}");
    let photos = session.directory.path().join("photos");
    let mut child = start(&session, &line);
    while photos_in(&photos) < 20 && child.try_wait().unwrap().is_none() {
        std::thread::yield_now();
    }
    let address = base_url
        .trim_start_matches("http://")
        .trim_end_matches("/v1.0")
        .parse()
        .unwrap();
    drop(emulator);
    {
        // In its place is somebody who hangs up: the run has noticed once it called here.
        let listener = TcpListener::bind(address).unwrap();
        drop(listener.accept().unwrap());
    }
    let _emulator = Emulator::start_with(builder().listen(address)).unwrap();
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    let summary = summary(&output.stdout);
    assert_eq!(
        (&summary["users"], &summary["added"], &summary["failed"]),
        (&300.into(), &210.into(), &0.into()),
        "{summary}"
    );
    assert!(summary["retries"].as_u64().unwrap() > 0, "{summary}");
    assert_eq!(photos_in(&photos), 210);
}

#[test]
fn what_no_users_file_should_hold_is_counted_and_told() {
    let emulator = Emulator::start().unwrap();
    let mut session = Session::new();
    session.hide(emulator.base_url(), "URL");
    let mut users = b"adele@contoso.com\n\xff\xfe\x00binary\n".to_vec();
    users.extend_from_slice(&[b'x'; 5000]);
    users.extend_from_slice(b"\n,Nobody\nalex@contoso.com\nAlex@Contoso.com\n");
    session.file("users.txt", users).file("empty.txt", "");
    let at = format!("--base-url {}", emulator.base_url());
    session.run(&format!("sync --users users.txt --to photos --json {at}"));
    session.run(&format!("sync --users empty.txt --to none --json {at}"));
    // How long it took is all that differs from run to run.
    let shown: String = session
        .transcript()
        .lines()
        .map(|line| match line.split_once("\"seconds\":") {
            Some((before, _)) => format!("{before}\"seconds\":...}}}}\n"),
            None => format!("{line}\n"),
        })
        .collect();
    insta::assert_snapshot!(shown);
}

/// The token is for one host; whoever asks Microsoft about it is asked for the request's id.
#[test]
fn a_list_of_users_that_goes_on_at_another_server_is_not_followed() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = std::thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            connection.read_exact(&mut byte).unwrap();
            head.extend(byte);
        }
        let body = r#"{"value":[],"@odata.nextLink":"https://graph.microsoft.com/v1.0/users"}"#;
        let length = body.len();
        write!(
            connection,
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nrequest-id: abc\r\n\
             x-echo: sesame-token\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        )
        .unwrap();
    });
    let mut session = Session::new();
    let output = session.run_with(
        &format!("sync --all-users --to photos --quiet --base-url http://{address}/v1.0"),
        &[("GRAPH_PHOTO_TOKEN", "sesame-token")],
        None,
    );
    server.join().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let stderr = String::from_utf8(output.stderr).unwrap();
    for part in ["leads to another server", "HTTP 200", "request-id abc"] {
        assert!(stderr.contains(part), "{part}: {stderr}");
    }
    assert!(!stderr.contains("sesame"), "{stderr}");
}
