//! One revision of the long series that `cargo xtask soak revisions` runs: from the oldest, written
//! as YAML, to whole clients that compile. The suite itself is for the soak.

#![allow(
    clippy::unwrap_used,
    reason = "a test may stop at the first surprise, its helpers too"
)]

#[allow(dead_code, reason = "shared with tests that need more of it")]
mod scratch;

use std::fs;
use std::path::Path;

use scratch::{cargo, root};
use xtask::revisions::{in_the_other_format, prepare};

#[test]
fn the_oldest_revision_written_as_yaml_becomes_whole_clients() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("revisions");
    let older = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/graph-older.json");
    let yaml = in_the_other_format(&older, &folder).unwrap();
    assert_eq!(yaml.file_name().unwrap(), "graph-older.json.as.yaml");
    let copy = folder.join("copy");
    prepare(&root().canonicalize().unwrap(), &copy, &yaml).unwrap();

    let lock = fs::read_to_string(copy.join("spec/source.lock")).unwrap();
    assert!(lock.contains("format = \"YAML\""), "{lock}");
    assert!(lock.contains("graph-older.json.as.yaml"), "{lock}");
    let built = cargo(
        &copy,
        "build",
        &[
            "--package",
            "graph-photo",
            "--package",
            "graph-photo-blocking",
            "--no-default-features",
        ],
    );
    assert!(
        built.status.success(),
        "{}",
        String::from_utf8_lossy(&built.stderr)
    );
}
