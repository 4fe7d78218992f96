//! permissions, auth status, completions, manual pages and help: what a user sees.

mod support;

use base64::Engine as _;
use support::Session;

/// A token as Entra would write it, but for the signature.
fn token(claims: &str) -> String {
    let engine = base64::engine::general_purpose::URL_SAFE_NO_PAD;
    format!("e30.{}.{}", engine.encode(claims), engine.encode("sesame"))
}

#[test]
fn permissions() {
    let mut session = Session::new();
    session.run("permissions");
    session.run("permissions team_put_photo_content");
    session.run("permissions team_put_photo_content --json");
    session.run("permissions team_put");
    session.run("permissions fly");
    insta::assert_snapshot!(session.transcript());
}

#[test]
fn auth_status() {
    let mut session = Session::new();
    let delegated = token(
        r#"{"aud":"00000003-0000-0000-c000-000000000000","tid":"t","app_displayname":"Portal",
            "upn":"adele@contoso.com","scp":"User.Read","exp":99999999999}"#,
    );
    let application = token(
        r#"{"aud":"https://graph.microsoft.com","appid":"a","roles":["ProfilePhoto.Read.All"],"exp":1}"#,
    );
    let outlook = token(r#"{"aud":"https://outlook.office.com","scp":"Mail.Read"}"#);
    // A day far away, so that the minutes left are hidden but not the word.
    for (line, token) in [
        ("auth status --operation me_get_photo", &delegated),
        (
            "auth status --operation me_put_photo_content --json",
            &delegated,
        ),
        ("auth status --operation me_get_photo", &application),
        ("auth status --operation user_get_photo", &outlook),
        (
            "auth status --operation user_get_photo",
            &"EwBgA8l6sesame".to_owned(),
        ),
    ] {
        session.run_with(line, &[("GRAPH_PHOTO_TOKEN", token)], None);
    }
    session.run("auth status");
    session.run("auth status --emulator");
    let shown: String = session
        .transcript()
        .lines()
        .map(|line| {
            let line = match line.find("in 1") {
                Some(at) if line.contains("expires") => format!("{}in LEFT min", &line[..at]),
                _ => line.to_owned(),
            };
            match line.split_once("\"expiresInSeconds\":9") {
                Some((before, after)) => {
                    let after = after.trim_start_matches(|c: char| c.is_ascii_digit());
                    format!("{before}\"expiresInSeconds\":LEFT{after}\n")
                }
                None => format!("{line}\n"),
            }
        })
        .collect();
    for secret in [&delegated, &application, &outlook] {
        let signature = secret.rsplit('.').next().unwrap();
        assert!(!shown.contains(signature));
    }
    assert!(!shown.contains("EwBgA8l6"));
    insta::assert_snapshot!(shown);
}

#[test]
fn help() {
    let mut session = Session::new();
    for line in [
        "--help",
        "get --help",
        "info -h",
        "sizes -h",
        "show -h",
        "put -h",
        "delete -h",
        "permissions -h",
        "sync --help",
        "auth status -h",
        "completions -h",
        "",
        "fly",
    ] {
        session.run(line);
    }
    insta::assert_snapshot!(session.transcript());
}

#[test]
fn completions_name_every_command() {
    let mut session = Session::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let output = session.run(&format!("completions {shell}"));
        let script = String::from_utf8(output.stdout).unwrap();
        for command in [
            "get",
            "info",
            "sizes",
            "show",
            "put",
            "delete",
            "permissions",
            "emulator",
        ] {
            assert!(script.contains(command), "{shell}: {command}");
        }
    }
    let mut session = Session::new();
    session.run("completions cmd");
    insta::assert_snapshot!(session.transcript());
}

#[test]
fn packages_hold_manual_pages_and_completions() {
    let mut session = Session::new();
    let pages = session.directory.path().join("share/man/man1");
    std::fs::create_dir_all(&pages).unwrap();
    std::fs::write(pages.join("graph-photo-get.1"), "stale").unwrap();
    session.run("dist --out share");
    session.file("file", "");
    session.run("dist --out file");
    let page = std::fs::read_to_string(pages.join("graph-photo-get.1")).unwrap();
    assert!(page.contains(".TH graph-photo-get 1"), "{page}");
    assert!(page.contains("Download a photo"));

    let mut files = String::new();
    for folder in ["man/man1", "completions"] {
        let directory = session.directory.path().join("share").join(folder);
        let mut names: Vec<String> = std::fs::read_dir(&directory)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        for name in names {
            let script = std::fs::read_to_string(directory.join(&name)).unwrap();
            assert!(script.contains("graph-photo"), "{name}");
            files += &format!("{folder}/{name}\n");
        }
    }
    insta::assert_snapshot!(session.transcript().to_owned() + &files);
}

/// bash is what CI is started with; a script that it cannot read helps nobody.
#[test]
#[cfg(unix)]
fn the_completions_are_what_bash_reads() {
    let mut session = Session::new();
    let script = session.run("completions bash").stdout;
    session.file("graph-photo.bash", script);
    let read = std::process::Command::new("bash")
        .args(["-n", "graph-photo.bash"])
        .current_dir(session.directory.path())
        .output()
        .unwrap();
    assert!(read.status.success(), "{read:?}");
}
