//! `graph-photo migrate`, as its users see it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

/// Runs the command in `folder` and shows what came of it.
fn run(folder: &Path, arguments: &[&str], input: &str) -> (Option<i32>, String, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_graph-photo"))
        .arg("migrate")
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that reads nothing may be gone before everything is written.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    (
        output.status.code(),
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    )
}

/// The same as one text, for a snapshot.
fn show(folder: &Path, arguments: &[&str], input: &str) -> String {
    let (code, out, err) = run(folder, arguments, input);
    format!(
        "$ graph-photo migrate {}\n{out}--- stderr\n{err}--- exit {}\n",
        arguments.join(" "),
        code.unwrap()
    )
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

/// A small tree with findings of every kind, and with what must not be scanned.
fn tree() -> tempfile::TempDir {
    let folder = folder();
    let write = |name: &str, text: &[u8]| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write(
        "src/photo.py",
        b"URL = 'https://outlook.office.com/api/v2.0/me/photo'\nprint(get(URL).json()['Width'])\n",
    );
    write(
        "src/user.js",
        "const \u{fc} = `https://outlook.office.com/api/v2.0/Users('${mail}')/photo/$value`;\r\n"
            .as_bytes(),
    );
    write(
        "src/constants.rb",
        b"ROOT = 'https://outlook.office.com/api/v2.0'\n",
    );
    write("src/calls.rb", b"get(ROOT + '/me/photos')\n");
    write(
        "my scopes.json",
        b"[\"openid\", \"https://outlook.office.com/User.Read\"]\n",
    );
    write(".gitignore", b"build/\n");
    write(
        "build/photo.py",
        b"URL = 'https://outlook.office.com/api/v2.0/me/photo'\n",
    );
    write(
        ".git/config",
        b"https://outlook.office.com/api/v2.0/me/photo\n",
    );
    write(
        "data.bin",
        b"\0'https://outlook.office.com/api/v2.0/me/photo'\n",
    );
    write("upload.py", b"# https://outlook.office.com/api/v2.0/Users('a')/Messages('b')/AttachmentSessions('c')?authtoken=x\n");
    folder
}

/// A URL of each kind, the last one of none.
const URLS: [&str; 5] = [
    "https://outlook.office.com/api/v2.0/me/photo/$value?timestamp=1",
    "https://outlook.office365.us/api/beta/Users('adele@contoso.com')/photos('96X96')",
    "https://outlook.office365.com/EWS/Exchange.asmx/s/GetUserPhoto?email=a@b.c&size=HR96x96",
    "https://outlook.office.com/api/v2.0/Users('a')/Messages('b')/AttachmentSessions('c')?authtoken=x",
    "https://outlook.office.com/api/v2.0/me/messages",
];

#[test]
fn url() {
    let folder = folder();
    let shown = URLS.map(|url| show(folder.path(), &["url", url], ""));
    insta::assert_snapshot!(shown.concat());
}

#[test]
fn url_as_json() {
    let folder = folder();
    let shown = URLS.map(|url| show(folder.path(), &["url", url, "--json"], ""));
    insta::assert_snapshot!(shown.concat());
}

#[test]
fn help() {
    let folder = folder();
    let shown = [
        &["url", "-h"][..],
        &["scope", "-h"],
        &["url", "--json"],
        &["scope", "--json"],
    ]
    .map(|arguments| show(folder.path(), arguments, ""));
    insta::assert_snapshot!(shown.concat());
}

/// A scope of each kind, the last one of none.
const SCOPES: [&str; 6] = [
    "scope",
    "openid",
    "user.read",
    "https://outlook.office.com/User.ReadWrite.All",
    "https://outlook.office.com/.default",
    "Mail.Read",
];

#[test]
fn scope() {
    insta::assert_snapshot!(show(folder().path(), &SCOPES, ""));
}

#[test]
fn scope_as_json() {
    let arguments = [&SCOPES[..], &["--json"]].concat();
    insta::assert_snapshot!(show(folder().path(), &arguments, ""));
}

#[test]
fn json_both_ways_from_standard_input() {
    let folder = folder();
    let legacy = r#"{"@odata.id": "https://outlook.office.com/api/v2.0/Users('a@b')/photo", "Id": "96X96", "Width": 96}"#;
    let (code, graph, _) = run(folder.path(), &["json"], legacy);
    assert_eq!(code, Some(0));
    assert_eq!(
        graph,
        r#"{"@odata.id": "https://graph.microsoft.com/v1.0/users('a@b')/photo", "id": "96x96", "width": 96}"#
    );
    let (code, back, _) = run(folder.path(), &["json", "-", "--to", "outlook"], &graph);
    assert_eq!((code, back.as_str()), (Some(0), legacy));
    let (_, back, _) = run(
        folder.path(),
        &[
            "json",
            "--to=outlook",
            "--outlook-host=outlook.office365.com",
        ],
        &graph,
    );
    assert!(
        back.contains("https://outlook.office365.com/api/v2.0/Users('a@b')"),
        "{back}"
    );
}

#[test]
fn a_refused_document_leaves_nothing_behind() {
    let folder = folder();
    fs::write(folder.path().join("out.json"), "before").unwrap();
    let mut long = String::from("[");
    for _ in 0..200_000 {
        long.push_str("{\"Id\":\"1X1\"},\n");
    }
    fs::write(folder.path().join("cut.json"), &long).unwrap();
    let (code, out, err) = run(folder.path(), &["json", "cut.json"], "");
    assert_eq!((code, out.as_str()), (Some(1), ""));
    assert!(
        err.contains("cut.json: not JSON at line 200001 column 1"),
        "{err}"
    );
    let (code, out, _) = run(folder.path(), &["json", "cut.json", "-o", "out.json"], "");
    assert_eq!((code, out.as_str()), (Some(1), ""));
    assert_eq!(
        fs::read_to_string(folder.path().join("out.json")).unwrap(),
        "before"
    );
    let names: Vec<_> = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(names.len(), 2, "{names:?}");
    let (code, _, err) = run(folder.path(), &["json"], "{\"Id\":1,\n\"id\":2}");
    assert_eq!(code, Some(1));
    assert!(err.contains("/id at line 2 column 1"), "{err}");
}

#[test]
fn json_to_a_file() {
    let folder = folder();
    fs::write(folder.path().join("photo.json"), r#"{"Id":"1X1"}"#).unwrap();
    let (code, out, err) = run(
        folder.path(),
        &["json", "photo.json", "--output", "photo.json"],
        "",
    );
    assert_eq!((code, out.as_str(), err.as_str()), (Some(0), "", ""));
    assert_eq!(
        fs::read_to_string(folder.path().join("photo.json")).unwrap(),
        r#"{"id":"1x1"}"#
    );
}

#[test]
fn scan_as_text() {
    insta::assert_snapshot!(show(tree().path(), &["scan", "."], ""));
}

#[test]
fn scan_as_json() {
    let (code, out, _) = run(tree().path(), &["scan", ".", "--format", "json"], "");
    assert_eq!(code, Some(7));
    insta::assert_snapshot!(out);
}

/// What GitHub's page on SARIF support asks of each rule and each result. The schema of SARIF itself is checked by
/// tests/external/sarif.
#[test]
fn scan_as_sarif() {
    let folder = tree();
    let (code, out, _) = run(folder.path(), &["scan", ".", "--format", "sarif"], "");
    assert_eq!(code, Some(7));
    let log: serde_json::Value = serde_json::from_str(&out).unwrap();
    let run = &log["runs"][0];
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    for rule in rules {
        for member in ["shortDescription", "fullDescription", "help"] {
            assert!(!text(&rule[member]["text"]).is_empty(), "{rule}");
        }
    }
    let results = run["results"].as_array().unwrap();
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(!text(&result["message"]["text"]).is_empty());
        let place = &result["locations"][0]["physicalLocation"];
        let uri = text(&place["artifactLocation"]["uri"]);
        assert!(
            !uri.starts_with('/') && !uri.contains([' ', '\\', ':']),
            "{uri}"
        );
        let base = text(&place["artifactLocation"]["uriBaseId"]);
        assert!(run["originalUriBaseIds"][base].is_object());
        for member in ["startLine", "startColumn", "endLine", "endColumn"] {
            assert!(place["region"][member].as_u64().unwrap() >= 1, "{result}");
        }
        let fingerprint = text(&result["partialFingerprints"]["primaryLocationLineHash"]);
        let (hash, count) = fingerprint.split_once(':').unwrap();
        assert!(
            u64::from_str_radix(hash, 16).is_ok() && count == "1",
            "{fingerprint}"
        );
    }
    insta::assert_snapshot!(out);
}

/// However the tree is named, its files are named from the root of the sources.
#[test]
fn sarif_names_files_from_the_root() {
    let folder = tree();
    let uris = |place: &Path, path: &str| -> std::collections::BTreeSet<String> {
        let (_, out, _) = run(place, &["scan", path, "--format", "sarif"], "");
        let log: serde_json::Value = serde_json::from_str(&out).unwrap();
        let results = log["runs"][0]["results"].as_array().unwrap().clone();
        results
            .iter()
            .map(|result| {
                let place = &result["locations"][0]["physicalLocation"];
                place["artifactLocation"]["uri"]
                    .as_str()
                    .unwrap()
                    .to_owned()
            })
            .collect()
    };
    // The working directory of the command is what the system says it is.
    let root = folder.path().canonicalize().unwrap();
    let expected = uris(&root, ".");
    assert!(expected.contains("src/photo.py") && expected.contains("my%20scopes.json"));
    assert_eq!(uris(&root, root.to_str().unwrap()), expected);
    let elsewhere = tempfile::tempdir().unwrap();
    assert_eq!(uris(elsewhere.path(), root.to_str().unwrap()), expected);
    assert_eq!(uris(&root.join("src"), ".."), expected);
    let one = uris(
        elsewhere.path(),
        root.join("src/photo.py").to_str().unwrap(),
    );
    assert_eq!(one.into_iter().collect::<Vec<_>>(), ["photo.py"]);
}

#[test]
fn scan_and_fix() {
    let folder = tree();
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    let user = read("src/user.js");
    insta::assert_snapshot!(show(folder.path(), &["scan", ".", "--fix"], ""));
    assert!(
        read("src/photo.py").starts_with("URL = 'https://graph.microsoft.com/v1.0/me/photo'\n")
    );
    assert_eq!(
        read("my scopes.json"),
        "[\"openid\", \"https://graph.microsoft.com/User.Read\"]\n"
    );
    assert_eq!(
        read("src/user.js"),
        user,
        "only what is certain is rewritten"
    );
    assert!(read("build/photo.py").contains("outlook.office.com"));
    // A second time there is nothing left to rewrite.
    let (code, out, _) = run(folder.path(), &["scan", ".", "--fix"], "");
    assert_eq!((code, out.as_str()), (Some(0), ""));
}

#[cfg(unix)]
#[test]
fn fix_keeps_permissions_and_leaves_links_alone() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let outside = folder();
    let target = outside.path().join("linked.py");
    let source = "'https://outlook.office.com/api/v2.0/me/photo'\n";
    fs::write(&target, source).unwrap();
    let folder = folder();
    symlink(&target, folder.path().join("link.py")).unwrap();
    let script = folder.path().join("photo.sh");
    fs::write(&script, source).unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    let (code, ..) = run(folder.path(), &["scan", ".", "--fix"], "");
    assert_eq!(code, Some(0));
    assert_eq!(
        fs::metadata(&script).unwrap().permissions().mode() & 0o777,
        0o755
    );
    assert!(
        fs::read_to_string(&script)
            .unwrap()
            .contains("graph.microsoft.com")
    );
    assert_eq!(fs::read_to_string(&target).unwrap(), source);
    assert!(
        fs::symlink_metadata(folder.path().join("link.py"))
            .unwrap()
            .is_symlink()
    );
}

#[test]
fn exit_codes() {
    let folder = folder();
    fs::write(folder.path().join("clean.py"), "print('photo')\n").unwrap();
    for (arguments, code) in [
        (&["scan", "."][..], 0),
        (&["scan", "clean.py"], 0),
        (&["scan", "missing"], 1),
        (&["scan"], 2),
        (&["scan", ".", "--format", "xml"], 2),
        (&["scope"], 2),
        (&["url", "nonsense"], 1),
        (&["json", "missing.json"], 1),
        (
            &["json", "--to", "outlook", "--outlook-host", "example.org"],
            1,
        ),
        (&["json", "--to", "xml"], 2),
    ] {
        assert_eq!(
            run(folder.path(), arguments, "").0,
            Some(code),
            "{arguments:?}"
        );
    }
}
