//! `cargo xtask tidy`: each check can fail, and this repository passes them.

#![allow(
    clippy::unwrap_used,
    reason = "a test may stop at the first surprise, its helpers too"
)]

use std::path::{Path, PathBuf};
use std::process::Command;

use xtask::tidy::{commands, members, secrets};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn faults(findings: &[xtask::tidy::Finding]) -> Vec<String> {
    findings
        .iter()
        .map(|finding| format!("{}: {}", finding.line, finding.fault))
        .collect()
}

#[test]
fn this_repository_is_tidy() {
    let output = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .arg("tidy")
        .env("CARGO_MANIFEST_DIR", root().join("xtask"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{said}");
}

#[test]
fn a_member_needs_lints_a_description_and_a_licence() {
    let path = Path::new("crates/a/Cargo.toml");
    let check = |text: &str| faults(&members::check(path, text).unwrap());
    let good = "[package]\ndescription = \"What it is.\"\nlicense.workspace = true\n[lints]\nworkspace = true\n";
    assert_eq!(check(good), Vec::<String>::new());
    for (left_out, fault) in [
        (
            "workspace = true\n",
            "0: the lints of the workspace do not apply here",
        ),
        (
            "description = \"What it is.\"\n",
            "0: the crate has no description",
        ),
        ("license.workspace = true\n", "0: the crate has no licence"),
    ] {
        // The last occurrence: `workspace = true` is in the licence too.
        let at = good.rfind(left_out).unwrap();
        let text = format!("{}{}", &good[..at], &good[at + left_out.len()..]);
        assert_eq!(check(&text), [fault]);
    }
    assert_eq!(
        check(&good.replace("What it is.", " ")),
        ["0: the crate has no description"]
    );
    assert!(members::check(path, "[package").is_err());
}

#[test]
fn members_are_listed_one_by_one() {
    let list = |members: &str| members::members(&format!("[workspace]\nmembers = [{members}]\n"));
    assert_eq!(list("\"a\", \"b/c\"").unwrap(), ["a", "b/c"]);
    let error = list("\"crates/*\"").unwrap_err().to_string();
    assert!(
        error.contains("crates/*") && error.contains("remedy"),
        "{error}"
    );
}

/// A stand-in for the command line of xtask.
fn command_line() -> clap::Command {
    clap::Command::new("xtask")
        .subcommand_required(true)
        .subcommand(
            clap::Command::new("cut").arg(clap::Arg::new("from").long("from").required(true)),
        )
}

#[test]
fn commands_exist_with_their_flags() {
    let check = |text: &str| {
        faults(&commands::check(
            &root(),
            Path::new("README.md"),
            text,
            &command_line(),
        ))
    };
    for good in [
        "```sh\ncargo xtask cut --from \"a b.json\"  # a comment\ncargo test --workspace | tail\nRUST_LOG=debug cargo run\n.ci/run\n```\n",
        "Text about `cargo xtask cut`, and a block of output:\n```text\nmake world\n```\n",
        "```rust\nlet x = 1;\n```\n`cargo nonsense` is not of xtask.\n",
    ] {
        assert_eq!(check(good), Vec::<String>::new(), "{good}");
    }
    for (text, line) in [
        ("```sh\ncargo xtask paste\n```", "2: `cargo xtask paste`:"),
        ("```sh\ncargo xtask cut\n```", "2: `cargo xtask cut`:"),
        (
            "```sh\n\ncargo xtask cut --from a --to b\n```",
            "3: `cargo xtask cut --from a --to b`:",
        ),
        ("See `cargo xtask paste`.", "1: `cargo xtask paste`:"),
        (
            "See `cargo xtask cut --to b`.",
            "1: `cargo xtask cut --to b`:",
        ),
        (
            "```sh\ncargo nonsense\n```",
            "2: `cargo nonsense` does not come with Rust",
        ),
        (
            "```sh\n.ci/no-such-script\n```",
            "2: `.ci/no-such-script` is not in the repository",
        ),
        (
            "```sh\nmake world\n```",
            "2: nobody has `make` after cloning",
        ),
    ] {
        let found = check(text);
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        assert!(found[0].starts_with(line), "{found:?}");
    }
}

#[test]
fn paths_and_tokens_are_found_without_being_repeated() {
    let search = |text: &str| {
        secrets::search(
            Path::new("a.txt"),
            text.as_bytes(),
            &["/srv/some/clone".to_owned()],
        )
        .unwrap()
    };
    let many = |part: &str, count: usize| part.repeat(count);
    // Put together here, so that this file has none itself.
    let secrets = [
        (
            format!("/{}/adele/x", "home"),
            "a path of somebody's machine",
        ),
        (
            format!("/{}/Adele/x", "Users"),
            "a path of somebody's machine",
        ),
        (
            format!("C:\\{}\\Adele\\x", "Users"),
            "a path of somebody's machine",
        ),
        (
            format!("/{}/.cargo", "root"),
            "a path of somebody's machine",
        ),
        ("/srv/some/clone/x".to_owned(), "the path of this clone"),
        (
            format!("ey{0}.ey{0}.{1}", many("J", 20), many("x", 20)),
            "a JSON Web Token",
        ),
        (format!("gh{}_{}", "p", many("a1", 18)), "a token of GitHub"),
        (
            format!("npm{}{}", "_", many("a1", 18)),
            "a token of npm or crates.io",
        ),
        (format!("AK{}{}", "IA", many("A1", 8)), "a key of a cloud"),
        (
            format!("-----BEGIN {} KEY-----\n{}", "PRIVATE", many("MIIE", 8)),
            "a private key",
        ),
    ];
    for (secret, name) in secrets {
        let findings = search(&format!("first line\nsecond {secret} line\n"));
        assert_eq!(
            faults(&findings),
            [format!("2: there is {name}")],
            "{secret}"
        );
        assert!(!findings[0].to_string().contains(&secret), "{secret}");
    }
    for harmless in [
        "/home and /Users/",
        "ghp_short",
        "eyJ.eyJ.x",
        "the root/ folder",
        "BEGIN PRIVATE KEY",
    ] {
        assert_eq!(search(harmless), [], "{harmless}");
    }
}
