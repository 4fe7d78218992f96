//! What changed between the three revisions that the fixtures are cut from; and where OLD and NEW
//! are looked for.

#![allow(
    clippy::unwrap_used,
    reason = "a test may stop at the first surprise, its helpers too"
)]

use std::path::Path;
use std::process::Command;

use xtask::diff::{Report, Side, compare, markdown};
use xtask::trim::{build, to_text};

const TRIM_TOML: &str = include_str!("../../spec/trim.toml");
const OVERLAY: &str = include_str!("../../spec/overlay.yaml");
const OLDER: &str = include_str!("fixtures/graph-older.json");
const V1_0_9: &str = include_str!("fixtures/graph-1.0.9.json");
const NEWEST: &str = include_str!("fixtures/graph-newest-modules.yaml");

/// A revision as it comes out of trim.
fn revision(name: &str, document: &str) -> Side {
    let built = build(document.as_bytes(), TRIM_TOML, OVERLAY).unwrap();
    Side {
        name: name.to_owned(),
        spec: to_text(&built.graph_photo),
        origin: Some(format!("Microsoft Graph v1.0, {name}")),
    }
}

fn between(old: (&str, &str), new: (&str, &str)) -> Report {
    compare(&revision(old.0, old.1), &revision(new.0, new.1)).unwrap()
}

/// The overlay's corrections change with the repository; the hash of its result is not news.
fn page(report: &Report) -> String {
    markdown::page(report)
        .replace(&report.old.sha256[..12], "OLD-SHA")
        .replace(&report.new.sha256[..12], "NEW-SHA")
}

#[test]
fn from_the_older_revision_to_1_0_9() {
    let report = between(("older", OLDER), ("1.0.9", V1_0_9));
    insta::assert_snapshot!(page(&report));
}

#[test]
fn from_1_0_9_to_the_newest_modules() {
    let report = between(("1.0.9", V1_0_9), ("newest modules", NEWEST));
    insta::assert_snapshot!(page(&report));
}

#[test]
fn from_the_older_revision_to_the_newest_modules() {
    let report = between(("older", OLDER), ("newest modules", NEWEST));
    insta::assert_snapshot!(page(&report));
}

#[test]
fn a_change_is_seen_in_either_direction() {
    let there = between(("1.0.9", V1_0_9), ("newest modules", NEWEST));
    let back = between(("newest modules", NEWEST), ("1.0.9", V1_0_9));
    assert_eq!(there.changes.len(), back.changes.len());
}

fn git(folder: &Path, arguments: &[&str]) {
    let status = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args([
            "-c",
            "user.name=t",
            "-c",
            "user.email=t@example.com",
            "-c",
            "commit.gpgsign=false",
        ])
        .args(arguments)
        .status()
        .unwrap();
    assert!(status.success(), "{arguments:?}");
}

#[test]
fn a_side_is_a_spec_folder_a_folder_that_holds_one_or_a_revision() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let spec = root.join("spec");
    std::fs::create_dir(&spec).unwrap();
    std::fs::write(spec.join("graph-photo.json"), "first").unwrap();
    git(root, &["init", "--quiet", "--initial-branch", "main"]);
    git(root, &["add", "."]);
    git(root, &["commit", "--quiet", "--message", "first"]);
    std::fs::write(spec.join("graph-photo.json"), "second").unwrap();

    let read = |name: &str| Side::read(root, name).unwrap().spec;
    assert_eq!(read(spec.to_str().unwrap()), "second");
    assert_eq!(read(root.to_str().unwrap()), "second");
    assert_eq!(read("HEAD"), "first");
    assert_eq!(read("main"), "first");
    for nothing in ["no-such-thing", "--help", "HEAD~1"] {
        let error = Side::read(root, nothing).unwrap_err().to_string();
        assert!(
            error.contains(nothing) && error.contains("remedy"),
            "{error}"
        );
    }
}

#[test]
fn the_command_exits_with_0_whatever_changed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let folder = tempfile::tempdir().unwrap();
    for (name, document) in [("older", OLDER), ("newer", V1_0_9)] {
        let spec = folder.path().join(name);
        std::fs::create_dir(&spec).unwrap();
        std::fs::write(spec.join("graph-photo.json"), revision(name, document).spec).unwrap();
    }
    let run = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_xtask"))
            .arg("diff")
            .args(arguments)
            .current_dir(folder.path())
            .env("CARGO_MANIFEST_DIR", root.join("xtask"))
            .output()
            .unwrap();
        (
            output.status.code(),
            String::from_utf8(output.stdout).unwrap(),
        )
    };
    let (code, page) = run(&["older", "newer"]);
    assert_eq!(code, Some(0));
    assert!(page.contains("# What changes for users"), "{page}");
    let (code, json) = run(&["older", "newer", "--format", "json"]);
    assert_eq!(code, Some(0));
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["semver"], "patch");
    assert_eq!(json["old"]["name"], "older");
    let (code, entries) = run(&["older", "newer", "--format", "changelog"]);
    assert_eq!(code, Some(0));
    assert!(entries.contains("### Documentation"), "{entries}");
    let (code, _) = run(&["older", "nowhere"]);
    assert_eq!(code, Some(1));
}
