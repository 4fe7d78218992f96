//! What a user of each crate builds: the trees are part of the product.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may stop at the first surprise, in its helpers too"
)]

use std::collections::BTreeSet;
use std::process::Command;

/// The unique crates of `cargo tree -e normal`, the crate itself included.
fn tree(package: &str, default_features: bool) -> BTreeSet<String> {
    let mut command = Command::new(env!("CARGO"));
    command
        .args([
            "tree",
            "--offline",
            "--locked",
            "--edges",
            "normal",
            "--prefix",
            "none",
            "--package",
            package,
        ])
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    if !default_features {
        command.arg("--no-default-features");
    }
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout).unwrap();
    let crates: BTreeSet<String> = text
        .lines()
        .filter_map(|line| {
            let mut words = line.split_whitespace();
            Some(format!("{} {}", words.next()?, words.next()?))
        })
        .collect();
    assert!(
        crates
            .iter()
            .any(|name| name.starts_with(&format!("{package} "))),
        "{crates:?}"
    );
    crates
}

fn names(crates: &BTreeSet<String>) -> BTreeSet<&str> {
    crates
        .iter()
        .filter_map(|name| name.split(' ').next())
        .collect()
}

#[test]
fn the_blocking_client_has_no_async_runtime() {
    for default_features in [true, false] {
        let crates = tree("graph-photo-blocking", default_features);
        for forbidden in [
            "tokio",
            "reqwest",
            "hyper",
            "futures-core",
            "graph-photo",
            "async-std",
            "smol",
        ] {
            assert!(
                !names(&crates).contains(forbidden),
                "{forbidden} in {crates:?}"
            );
        }
    }
}

#[test]
fn the_trees_stay_small() {
    for (package, default_features, most) in [
        ("graph-photo-blocking", false, 36),
        ("graph-photo-blocking", true, 50),
        ("graph-photo", false, 90),
        ("graph-photo", true, 105),
    ] {
        let crates = tree(package, default_features);
        assert!(
            crates.len() <= most,
            "{package}: {} crates, at most {most}: {crates:#?}",
            crates.len()
        );
    }
}

#[test]
fn without_tls_there_is_no_tls() {
    for package in ["graph-photo", "graph-photo-blocking"] {
        let crates = tree(package, false);
        assert!(!names(&crates).contains("rustls"), "{crates:?}");
        let crates = tree(package, true);
        assert!(
            names(&crates).contains("ring") && !names(&crates).contains("aws-lc-rs"),
            "{crates:?}"
        );
    }
}
