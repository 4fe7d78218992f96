//! get, info, sizes, show, put, delete: what a user sees, in success and failure.

mod support;

use base64::Engine as _;
use graph_photo_emulator::blocking::Emulator;
use graph_photo_emulator::{Fault, Tokens, demo_jpeg};
use support::Session;

const TEAM: &str = "22222222-0000-4000-8000-000000000001";

#[test]
fn info() {
    let mut session = Session::new();
    session.run("info user:adele@contoso.com --emulator");
    session.run("info user:adele@contoso.com --emulator --json");
    session.run("info me --emulator --beta --json");
    session.run(&format!("info group:{TEAM} --emulator --json"));
    session.run(&format!("info team:{TEAM} --emulator --json"));
    session.run("info user:nophoto@contoso.com --emulator");
    session.run("info user:nophoto@contoso.com --emulator --json");
    session.run("info user:nomailbox@contoso.com --emulator");
    session.run("info user:nobody@contoso.com --emulator");
    session.run("info adele@contoso.com --emulator");
    session.run("info user:.. --emulator");
    session.run("info");
    insta::assert_snapshot!(session.transcript());
}

#[test]
fn sizes() {
    let mut session = Session::new();
    session.run("sizes user:alex@contoso.com --emulator");
    session.run("sizes user:alex@contoso.com --emulator --json");
    session.run("sizes user:nophoto@contoso.com --emulator");
    session.run(&format!("sizes team:{TEAM} --emulator"));
    session.run("sizes contact:c --emulator");
    insta::assert_snapshot!(session.transcript());
}

#[test]
fn get() {
    let mut session = Session::new();
    let whole = session.run("get user:adele@contoso.com --emulator").stdout;
    session.run("get user:adele@contoso.com --emulator -o -");
    session.run("get user:adele@contoso.com --emulator -o adele");
    session.run("get user:adele@contoso.com --emulator -o adele.jpeg --json");
    session.run("get user:adele@contoso.com --emulator -o .");
    session.run("get user:adele@contoso.com --emulator -o small.jpg --size 48 --json");
    session.run("get user:alex@contoso.com --emulator -o down.jpg --size 500x500 --fit down");
    session.run("get user:alex@contoso.com --emulator -o no.jpg --size 648");
    session.run("get user:alex@contoso.com --emulator -o no.jpg --size 1000 --fit exactly");
    session.run("get user:alex@contoso.com --emulator -o no.jpg --size big");
    session.run("get user:alex@contoso.com --emulator -o no.jpg --fit any");
    session.run("get user:nophoto@contoso.com --emulator -o no.jpg");
    session.run("get user:adele@contoso.com --emulator --json");
    session.run("get user:adele@contoso.com --emulator -o missing/adele.jpg");
    insta::assert_snapshot!(session.transcript());

    let directory = session.directory.path();
    for file in ["adele.jpg", "adele.jpeg", "adele@contoso.com.jpg"] {
        assert!(
            std::fs::read(directory.join(file)).unwrap() == whole,
            "{file}"
        );
    }
    // Nothing but what was asked for: no temporary files, nothing of what failed.
    let mut names: Vec<String> = std::fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(
        names,
        [
            "adele.jpeg",
            "adele.jpg",
            "adele@contoso.com.jpg",
            "down.jpg",
            "small.jpg"
        ]
    );
}

#[test]
fn put_and_delete() {
    let emulator = Emulator::start().unwrap();
    let photo = demo_jpeg(300, 120, "MB").unwrap();
    let mut session = Session::new();
    session.hide(emulator.base_url(), "URL");
    session
        .file("portrait.jpg", &photo)
        .file("empty.jpg", "")
        .file("notes.txt", "no photo");
    session.file("tiny.jpg", demo_jpeg(32, 120, "").unwrap());
    session.file(
        "large.jpg",
        [&b"\xff\xd8\xff\xe0"[..], &[0; 4_194_304]].concat(),
    );
    let at = format!("--base-url {}", emulator.base_url());
    session.run(&format!("put user:megan@contoso.com portrait.jpg {at}"));
    session.run(&format!("info user:megan@contoso.com {at}"));
    session.run_with(
        &format!("put user:lidia@contoso.com - --json {at}"),
        &[],
        Some(&photo),
    );
    let got = session
        .run(&format!("get user:lidia@contoso.com {at}"))
        .stdout;
    assert!(got == photo, "what was put comes back");
    session.run(&format!("put me empty.jpg {at}"));
    session.run(&format!("put me notes.txt {at}"));
    session.run(&format!("put me tiny.jpg {at}"));
    session.run(&format!("put me large.jpg {at}"));
    session.run(&format!("put me missing.jpg {at}"));
    session.run(&format!("put user:nomailbox@contoso.com portrait.jpg {at}"));
    session.run(&format!("delete user:lidia@contoso.com {at}"));
    session.run(&format!("info user:lidia@contoso.com {at}"));
    session.run(&format!("delete user:lidia@contoso.com {at}"));
    session.run(&format!("delete team:{TEAM} {at}"));
    session.run(&format!("delete contact:c {at}"));
    insta::assert_snapshot!(session.transcript());
}

#[test]
fn show() {
    let mut session = Session::new();
    let colours = [("NO_COLOR", ""), ("COLORTERM", "truecolor")];
    let line = "show me --emulator --protocol blocks --width 6 --size 48";
    session.run_with(line, &colours, None);
    session.run_with(line, &[("NO_COLOR", ""), ("COLORTERM", "")], None);
    session.run(line);
    session.run_with(line, &[("NO_COLOR", ""), ("TERM", "dumb")], None);
    session.run("show me --emulator");
    session.run("show me --emulator --protocol ansi");
    session.run("show user:nophoto@contoso.com --emulator --protocol blocks");
    session.run("show team:t --emulator --protocol blocks --size 48");
    session.run("show me --emulator --width 0");
    insta::assert_snapshot!(session.transcript());
}

#[test]
fn show_in_pixels() {
    let mut session = Session::new();
    let photo = session.run("get me --emulator --size 48").stdout;
    let mut draw = |protocol: &str| {
        let line = format!("show me --emulator --size 48 --width 5 --protocol {protocol}");
        let output = session.run(&line);
        assert_eq!((output.status.code(), output.stderr.len()), (Some(0), 0));
        String::from_utf8(output.stdout).unwrap()
    };
    // What is drawn is decoded again beside the code that draws, in terminal/graphics.rs.
    let kitty = draw("kitty");
    assert!(kitty.starts_with("\x1b_Gf=100,a=T,c=5,m="), "{kitty:?}");
    assert!(kitty.ends_with("\x1b\\\n"), "{kitty:?}");
    let sixel = draw("sixel");
    assert!(sixel.starts_with("\x1bP"), "{sixel:?}");
    assert!(sixel.contains("\"1;1;50;50"), "{sixel:?}");
    let encoded = base64::engine::general_purpose::STANDARD.encode(&photo);
    let length = photo.len();
    assert_eq!(
        draw("iterm"),
        format!(
            "\x1b]1337;File=inline=1;size={length};width=5;preserveAspectRatio=1:{encoded}\x07\n"
        )
    );
}

#[test]
fn what_graph_refuses() {
    let tokens = "reader work user=adele@contoso.com User.Read\n";
    let builder = graph_photo_emulator::Emulator::builder();
    let emulator = Emulator::start_with(builder.tokens(Tokens::parse(tokens).unwrap())).unwrap();
    let mut session = Session::new();
    session.hide(emulator.base_url(), "URL");
    let at = format!("--base-url {}", emulator.base_url());
    session.run_with(
        &format!("info me {at}"),
        &[("GRAPH_PHOTO_TOKEN", "reader")],
        None,
    );
    session.run_with(
        &format!("info me {at}"),
        &[("GRAPH_PHOTO_TOKEN", "sesame")],
        None,
    );
    session.run_with(
        &format!("delete me {at}"),
        &[("GRAPH_PHOTO_TOKEN", "reader")],
        None,
    );
    session.run_with(
        &format!("info me {at}"),
        &[("GRAPH_PHOTO_TOKEN", "two words")],
        None,
    );
    session.file("token", "reader\n").file("empty", "\n");
    session.run(&format!("info me --token-file token {at}"));
    session.run(&format!("info me --token-file empty {at}"));
    session.run(&format!("info me --token-file missing {at}"));
    session.run(&format!("info me --token-command 'echo reader' {at}"));
    session.run(&format!("info me --token-command 'exit 3' {at}"));
    session.run("info me");
    session.run("info me --base-url http://graph.example/v1.0");
    session.run("info me --cloud moon");
    assert!(
        !session.transcript().contains("sesame"),
        "{}",
        session.transcript()
    );
    insta::assert_snapshot!(session.transcript());
}

#[test]
fn throttled_out() {
    let emulator = Emulator::start().unwrap();
    let fault: Fault = "kind=status,status=429,retry-after=3600".parse().unwrap();
    emulator.set_faults([fault]);
    let mut session = Session::new();
    session.hide(emulator.base_url(), "URL");
    session.run(&format!("info me --base-url {}", emulator.base_url()));
    insta::assert_snapshot!(session.transcript());
}
