//! A property added to the description, and a regeneration, are all that the compat crate needs to know it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use xtask::compat_tables::{SPEC_FILE, generate};

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_path_buf()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// A workspace of the compat crate and what its manifest names, with a program that uses it.
fn workspace(folder: &Path) {
    let root = repository();
    for name in ["model", "async", "blocking", "compat"] {
        let from = root.join("crates").join(name);
        let to = folder.join("crates").join(name);
        copy(&from.join("src"), &to.join("src"));
        // Tests and benchmarks, and what they need, are not copied.
        let manifest = fs::read_to_string(from.join("Cargo.toml")).unwrap();
        let (needed, _) = manifest.split_once("[dev-dependencies]").unwrap();
        fs::write(to.join("Cargo.toml"), needed).unwrap();
    }
    let manifest = fs::read_to_string(root.join("Cargo.toml")).unwrap();
    let (start, rest) = manifest.split_once("members = [").unwrap();
    let (_, end) = rest.split_once(']').unwrap();
    fs::write(
        folder.join("Cargo.toml"),
        format!("{start}members = [\"crates/*\"]{end}"),
    )
    .unwrap();
    fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    copy(&root.join("spec"), &folder.join("spec"));
}

const MANIFEST: &str = r#"[package]
name = "caption"
version = "0.1.0"
edition = "2024"

[dependencies]
graph-photo-compat.workspace = true
serde_json.workspace = true
"#;

const PROGRAM: &str = r##"//! Translates what it is told to.
use graph_photo_compat::{json::Translator, model::OutlookPhoto, url};

fn main() {
    let legacy = r#"{"Caption":"Id","Id":"1X1"}"#;
    let graph = Translator::to_graph().translate_str(legacy).expect("a document");
    assert_eq!(Translator::to_outlook().translate_str(&graph).expect("a document"), legacy);
    let collision = Translator::to_graph().translate_str(r#"{"Caption":1,"caption":2}"#);
    assert!(collision.is_err());
    let photo: OutlookPhoto = serde_json::from_str(legacy).expect("a photo");
    println!("{graph} {} {}", photo.caption.unwrap_or_default(), url::rename_properties("Caption,Width"));
}
"##;

#[test]
fn a_property_in_the_description_is_all_it_takes() {
    // A fixed place, so that the next run finds what this one has built.
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("compat_new_property");
    if folder.exists() {
        fs::remove_dir_all(&folder).unwrap();
    }
    workspace(&folder);
    let path = folder.join("spec").join(SPEC_FILE);
    let text = fs::read_to_string(&path).unwrap();
    let place = "        Width:\n          type: integer\n";
    assert!(text.contains(place));
    let added = "        Caption:\n          type: string\n          description: Words under the picture.\n          x-graph-name: caption\n";
    fs::write(&path, text.replacen(place, &format!("{added}{place}"), 1)).unwrap();

    for (path, source) in generate(&folder.join("spec")).unwrap() {
        fs::write(folder.join(path), source).unwrap();
    }

    // A crate of its own: an example would bring the dev-dependencies along.
    let program = folder.join("crates/caption");
    fs::create_dir_all(program.join("src")).unwrap();
    fs::write(program.join("Cargo.toml"), MANIFEST).unwrap();
    fs::write(program.join("src/main.rs"), PROGRAM).unwrap();
    let output = Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--offline", "--package", "caption"])
        .current_dir(&folder)
        .env("CARGO_TARGET_DIR", folder.with_extension("target"))
        .output()
        .unwrap();
    let shown = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{shown}");
    assert_eq!(
        String::from_utf8_lossy(&output.stdout).trim(),
        r#"{"caption":"Id","id":"1x1"} Id caption,width"#
    );
}
