//! `cargo xtask dist`: the command writes its own pages and completions (its own tests look at them);
//! we say where.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

/// Stands for graph-photo, so that no test has to build it: writes down what it is asked.
const COMMAND: &str = "#!/bin/sh\nmkdir -p \"$3\" && echo \"$@\" >\"$3/asked\"\nexit \"$CODE\"\n";

#[test]
fn the_command_is_told_where_to_write() {
    let scratch = tempfile::tempdir().unwrap();
    let bin = scratch.path().join("graph-photo");
    std::fs::write(&bin, COMMAND).unwrap();
    std::fs::set_permissions(&bin, std::fs::Permissions::from_mode(0o755)).unwrap();
    let run = |code: &str| {
        Command::new(env!("CARGO_BIN_EXE_xtask"))
            .args(["dist", "--out", "share", "--bin", "graph-photo"])
            // Paths are the user's, not the repository's.
            .current_dir(scratch.path())
            .env("CARGO_MANIFEST_DIR", env!("CARGO_MANIFEST_DIR"))
            .env("CODE", code)
            .status()
            .unwrap()
    };
    assert!(run("0").success());
    let out = scratch.path().join("share");
    let asked = std::fs::read_to_string(out.join("asked")).unwrap();
    assert_eq!(asked, format!("dist --out {}\n", out.display()));
    assert!(!run("1").success(), "its failure is ours");
}
