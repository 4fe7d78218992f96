//! Trim against the npm package openapi-format, both as a user runs them: whole processes that read
//! the same document and keep the same operations.
//!
//! It is installed into a temporary folder and needs node and npm, so this is asked for with
//! `cargo xtask bench --openapi-format` and is no part of the other benchmarks.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use super::trim::median;
use crate::trim::{TrimConfig, cut_document, operations};

/// The version that is compared with.
const PACKAGE: &str = "openapi-format@1.33.6";

/// How often each is run; they take turns.
const ROUNDS: usize = 3;

/// Measures, prints, and returns what belongs into `target/bench.json`.
///
/// # Errors
/// When the package cannot be installed, one of the programs fails, or they keep different paths.
pub fn run(document: &Path, spec: &Path) -> Result<Value> {
    let folder = tempfile::tempdir()?;
    let installed = Command::new("npm")
        .args(["install", "--silent", "--no-audit", "--no-fund", "--prefix"])
        .arg(folder.path())
        .arg(PACKAGE)
        .status()
        .context("starting npm, which this comparison needs")?;
    ensure!(installed.success(), "npm could not install {PACKAGE}");

    let bytes = fs::read(document).with_context(|| format!("reading {}", document.display()))?;
    let config = TrimConfig::from_toml(&fs::read_to_string(spec.join("trim.toml"))?)?;
    let cut = cut_document(&bytes, &config)?;
    let ids: Vec<&Value> = operations(&cut.document)
        .map(|(_, _, operation)| &operation["operationId"])
        .collect();
    let filter = folder.path().join("filter.json");
    let unused = [
        "schemas",
        "parameters",
        "examples",
        "headers",
        "requestBodies",
        "responses",
    ];
    fs::write(
        &filter,
        json!({ "inverseOperationIds": ids, "unusedComponents": unused }).to_string(),
    )?;

    let theirs = folder.path().join("theirs.json");
    let format = |lean: &[&str]| {
        let mut command = Command::new("node");
        command
            .arg(folder.path().join("node_modules/.bin/openapi-format"))
            .arg(document)
            .args(lean)
            .arg("--filterFile")
            .arg(&filter)
            .arg("--output")
            .arg(&theirs);
        command
    };
    let out = folder.path().join("ours");
    fs::create_dir(&out)?;
    for steering in ["trim.toml", "overlay.yaml"] {
        fs::copy(spec.join(steering), out.join(steering))?;
    }
    let program = std::env::current_exe()?;
    let (mut whole, mut lean, mut ours) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        whole.push(timed(&mut format(&[]))?);
        lean.push(timed(&mut format(&["--no-sort", "--no-bundle"]))?);
        ours.push(timed(
            Command::new(&program)
                .args(["trim", "--from"])
                .arg(document)
                .arg("--out")
                .arg(&out),
        )?);
    }
    let paths = |file: &Path| -> Result<BTreeSet<String>> {
        let document: Value = serde_json::from_slice(&fs::read(file)?)?;
        let paths = document["paths"].as_object();
        Ok(paths
            .into_iter()
            .flatten()
            .map(|(path, _)| path.clone())
            .collect())
    };
    ensure!(
        paths(&theirs)? == paths(&out.join("upstream.json"))?,
        "the two programs kept different paths, so their times say nothing"
    );
    let (whole, lean, ours) = (median(whole), median(lean), median(ours));
    let times = |theirs: Duration| theirs.as_secs_f64() / ours.as_secs_f64();
    println!(
        "trim of {} as a process: {:.0} ms; {PACKAGE} with the same filter: {:.1} s, {:.0} times as long; without sorting and bundling {:.1} s, {:.0} times as long",
        document.display(),
        ours.as_secs_f64() * 1e3,
        whole.as_secs_f64(),
        times(whole),
        lean.as_secs_f64(),
        times(lean),
    );
    Ok(json!({
        "package": PACKAGE,
        "seconds": whole.as_secs_f64(),
        "seconds_lean": lean.as_secs_f64(),
        "trim_seconds": ours.as_secs_f64(),
        "times_as_long": times(whole),
        "times_as_long_lean": times(lean),
    }))
}

fn timed(command: &mut Command) -> Result<Duration> {
    let started = Instant::now();
    let output = command
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .output()
        .with_context(|| format!("starting {command:?}"))?;
    let took = started.elapsed();
    ensure!(
        output.status.success(),
        "{command:?} failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(took)
}
