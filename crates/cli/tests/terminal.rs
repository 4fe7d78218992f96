//! What is different on a terminal: no bytes of photos, pictures instead, a bar for progress.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod support;

use std::fs::{File, OpenOptions};
use std::io::Read as _;
use std::process::Stdio;

use graph_photo_emulator::blocking::Emulator;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use support::{Session, command, list};

/// A pseudo terminal: the end that reads what is shown, and the end that a command writes to.
fn terminal() -> (File, File) {
    let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&ours).unwrap();
    unlockpt(&ours).unwrap();
    let name = ptsname(&ours, Vec::new()).unwrap();
    let theirs = OpenOptions::new()
        .read(true)
        .write(true)
        .open(name.to_str().unwrap())
        .unwrap();
    (File::from(ours), theirs)
}

/// Runs a command line with stdout and stderr on one terminal. Answers the exit code and all that
/// was shown.
fn run(session: &Session, line: &str, variables: &[(&str, &str)]) -> (Option<i32>, String) {
    let (mut ours, theirs) = terminal();
    let mut command = command(session.directory.path());
    command
        .args(line.split_whitespace())
        .envs(variables.iter().copied())
        .stdout(Stdio::from(theirs.try_clone().unwrap()))
        .stderr(Stdio::from(theirs));
    let mut child = command.spawn().unwrap();
    // The last copy of their end in this process, so that reading ends with the command.
    drop(command);
    let mut shown = Vec::new();
    let mut buffer = [0; 4096];
    // A terminal whose other end is gone answers with an error, not with an end.
    while let Ok(length @ 1..) = ours.read(&mut buffer) {
        shown.extend_from_slice(&buffer[..length]);
    }
    let code = child.wait().unwrap().code();
    (
        code,
        String::from_utf8(shown).unwrap().replace("\r\n", "\n"),
    )
}

#[test]
fn bytes_are_no_text_for_a_terminal() {
    let session = Session::new();
    let advice = "graph-photo: a photo is no text for a terminal; add -o FILE, pipe it, or draw it \
                  with graph-photo show\n";
    for line in ["get me --emulator", "get me --emulator -o -"] {
        let (code, shown) = run(&session, line, &[]);
        assert_eq!((code, shown.as_str()), (Some(2), advice), "{line}");
    }
}

#[test]
fn a_photo_is_drawn_as_the_terminal_can() {
    let session = Session::new();
    let line = "show me --emulator --size 48 --width 4";
    let drawn = |variables: &[(&str, &str)]| {
        let (code, shown) = run(&session, line, variables);
        assert_eq!(code, Some(0), "{shown}");
        shown
    };
    for (variable, value, start) in [
        ("TERM", "xterm-kitty", "\x1b_Gf=100,a=T,c=4,"),
        ("TERM", "foot", "\x1bP"),
        ("TERM_PROGRAM", "iTerm.app", "\x1b]1337;File=inline=1;"),
    ] {
        let shown = drawn(&[(variable, value)]);
        assert!(shown.starts_with(start), "{value}: {shown:?}");
    }
    // One that says nothing gets blocks, in the colours that it has.
    let shown = drawn(&[
        ("NO_COLOR", ""),
        ("TERM", "xterm-256color"),
        ("COLORTERM", ""),
    ]);
    assert!(shown.starts_with("\x1b[48;5;"), "{shown:?}");
    // kitty within tmux: escape sequences would not get through.
    let shown = drawn(&[("TERM", "tmux-256color"), ("KITTY_WINDOW_ID", "1")]);
    assert!(!shown.contains('\x1b'), "{shown:?}");
}

#[test]
fn sync_shows_a_bar_and_takes_it_away() {
    let builder = graph_photo_emulator::Emulator::builder().synthetic_users(100, 30);
    let emulator = Emulator::start_with(builder).unwrap();
    let fault = "kind=status,status=400,path=/users/user0000001*";
    emulator.set_faults([fault.parse().unwrap()]);
    let session = Session::new();
    session.file("users.txt", list(100));
    let line = format!(
        "sync --users users.txt --to photos --base-url {}",
        emulator.base_url()
    );
    let (code, shown) = run(&session, &line, &[("COLUMNS", "120")]);
    assert_eq!(code, Some(6), "{shown}");
    for part in ["/100 users", "/s", "left", "errors, ", " at a time"] {
        assert!(shown.contains(part), "{part:?} is not in {shown:?}");
    }
    // What follows the bar's removal is the failures and the summary, as without a terminal.
    let (_, after) = shown.rsplit_once("\x1b[2K").unwrap();
    assert!(after.contains("user:user0000001@"), "{after:?}");
    assert!(after.contains("\nadded"), "{after:?}");
}
