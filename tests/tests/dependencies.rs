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
    let defaults: &[&str] = if default_features {
        &[]
    } else {
        &["--no-default-features"]
    };
    tree_with(package, defaults)
}

/// The same with these arguments to choose features by.
fn tree_with(package: &str, features: &[&str]) -> BTreeSet<String> {
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
    command.args(features);
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

/// What translates needs no client; the legacy API in Rust brings that of its kind, and not the other.
#[test]
fn the_compat_crate_brings_the_client_that_is_asked_for() {
    let clients = [
        ("graph-photo", "reqwest", "tokio"),
        ("graph-photo-blocking", "ureq", "ureq-proto"),
    ];
    for (features, brings) in [
        (&[][..], [false, false]),
        (&["--features", "async"], [true, false]),
        (&["--features", "blocking"], [false, true]),
        (&["--features", "async,blocking"], [true, true]),
    ] {
        let crates = tree_with("graph-photo-compat", features);
        for ((client, http, below), brings) in clients.iter().zip(brings) {
            for name in [client, http, below] {
                assert_eq!(
                    names(&crates).contains(name),
                    brings,
                    "{features:?}: {name} in {crates:?}"
                );
            }
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
        ("graph-photo-compat", true, 34),
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
