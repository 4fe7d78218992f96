//! The whole suite, generated from other revisions of Microsoft's document.
//!
//! For each revision, and for each written in the other format (JSON as YAML, YAML as JSON): a copy
//! of the repository is trimmed and generated anew from it, and `cargo test --workspace` runs there.
//! What a test says about `spec/` must therefore hold for every revision.
//!
//! A part of `cargo xtask soak`. Microsoft's documents are large and not in this repository; the
//! slices of three of them are, and are used unless a folder is named.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;

use crate::chores::{cargo, step};
use crate::generate::{self, Inputs, output};
use crate::trim::{TrimOptions, trim};
use crate::working_copy;

/// Names the folder with the documents; `cargo xtask soak --upstream DIR` sets it.
pub const UPSTREAM: &str = "GRAPH_PHOTO_UPSTREAM";

/// Where the slices are that stand in for Microsoft's documents.
const FIXTURES: &str = "xtask/tests/fixtures";

/// Runs the suite from every document in the folder that [`UPSTREAM`] names, or in the fixtures;
/// with `only`, from those whose name contains it.
///
/// # Errors
/// When there is no document, or naming the revisions whose run failed. A failure does not keep the
/// others from running.
pub fn run(root: &Path, only: Option<&str>) -> Result<()> {
    let folder = match std::env::var_os(UPSTREAM) {
        Some(folder) => PathBuf::from(folder),
        None => root.join(FIXTURES),
    };
    let work = root.join("target/revisions");
    let converted = work.join("documents");
    let mut documents = Vec::new();
    for original in documents_in(&folder)? {
        let other = in_the_other_format(&original, &converted)?;
        documents.extend([original, other]);
    }
    documents.retain(|document| only.is_none_or(|only| name(document).contains(only)));
    ensure!(
        !documents.is_empty(),
        "no document to run from in {}\n    remedy: name a folder with unpacked .json or .yaml files through --upstream",
        folder.display()
    );
    let copy = work.join("copy");
    let mut failed = Vec::new();
    for document in &documents {
        let name = name(document);
        eprintln!("== revision {name}");
        if let Err(error) = prepare(root, &copy, document).and_then(|()| suite(&copy, &work)) {
            eprintln!("error: {error:#}");
            failed.push(name);
        }
    }
    if !failed.is_empty() {
        bail!("failed from: {}", failed.join(", "));
    }
    Ok(())
}

/// A copy of the repository as it would be if `document` were Microsoft's description.
///
/// # Errors
/// When the document cannot be trimmed or generated from.
pub fn prepare(root: &Path, copy: &Path, document: &Path) -> Result<()> {
    working_copy::refresh(root, copy)?;
    let report = trim(&TrimOptions {
        from: document.to_owned(),
        origin: Some(format!("the revision {}", name(document))),
        api: None,
        spec: copy.join("spec"),
        out: None,
    })?;
    eprintln!("{report}");
    let files = generate::generate(&Inputs::read(copy, &copy.join("spec"))?)?;
    let changed = output::write(copy, &files).context("writing the generated files")?;
    eprintln!(
        "{} of {} generated files differ",
        changed.len(),
        files.len()
    );
    // Some checks ask git which files there are.
    for arguments in [&["init", "--quiet"][..], &["add", "--all"]] {
        let status = Command::new("git")
            .current_dir(copy)
            .args(arguments)
            .status()
            .context("starting git")?;
        ensure!(status.success(), "git {} failed", arguments.join(" "));
    }
    Ok(())
}

/// All tests of the copy. What is compiled is shared by all revisions.
fn suite(copy: &Path, work: &Path) -> Result<()> {
    step(
        copy,
        "all tests",
        cargo()
            .args(["test", "--workspace", "--no-fail-fast", "--quiet"])
            .env("CARGO_TARGET_DIR", work.join("target"))
            // The root is the copy's, not that of the xtask that runs this.
            .env_remove("CARGO_MANIFEST_DIR"),
    )
}

fn name(document: &Path) -> String {
    let name = document.file_name().unwrap_or(document.as_os_str());
    name.to_string_lossy().into_owned()
}

/// The documents in a folder, by name.
fn documents_in(folder: &Path) -> Result<Vec<PathBuf>> {
    let failed = || format!("reading {}", folder.display());
    let mut documents = Vec::new();
    for entry in fs::read_dir(folder).with_context(failed)? {
        let path = entry.with_context(failed)?.path();
        let known = ["json", "yaml", "yml"].map(OsStr::new);
        if path.extension().is_some_and(|kind| known.contains(&kind)) {
            documents.push(path);
        }
    }
    documents.sort();
    Ok(documents)
}

/// Writes a document again, JSON as YAML and YAML as JSON.
///
/// # Errors
/// When it cannot be read or written.
pub fn in_the_other_format(document: &Path, folder: &Path) -> Result<PathBuf> {
    let text =
        fs::read_to_string(document).with_context(|| format!("reading {}", document.display()))?;
    let failed = || format!("converting {}", document.display());
    let (text, kind) = if text.trim_start().starts_with('{') {
        let value: Value = serde_json::from_str(&text).with_context(failed)?;
        (
            serde_norway::to_string(&value).with_context(failed)?,
            "yaml",
        )
    } else {
        let value: Value = serde_norway::from_str(&text).with_context(failed)?;
        (serde_json::to_string(&value).with_context(failed)?, "json")
    };
    fs::create_dir_all(folder).with_context(failed)?;
    let path = folder.join(format!("{}.as.{kind}", name(document)));
    fs::write(&path, text).with_context(failed)?;
    Ok(path)
}
