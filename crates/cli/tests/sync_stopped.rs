//! sync that is stopped on its way, by a user, the system, the service or the network: what was
//! written is whole and counted, and the next run goes on where it stopped.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod support;

use std::io::{BufRead as _, BufReader};
use std::process::Child;

use graph_photo_emulator::blocking::Emulator;
use support::{Session, list, photos_in, start, summary, synthetic, tree};

fn signal(child: &Child, name: &str) {
    let sent = std::process::Command::new("kill")
        .args([format!("-{name}"), child.id().to_string()])
        .status()
        .unwrap();
    assert!(sent.success());
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
    let _emulator = Emulator::start_with(builder).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(summary(&output.stdout)["added"], 14);
}
