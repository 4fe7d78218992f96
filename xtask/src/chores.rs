//! The chores of the repository: CI, the demo, the benchmarks, what packages need.
//!
//! Whatever needs the generated crates runs as a process of its own, so that xtask builds and can
//! regenerate even while those crates do not compile.

use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::Instant;

use anyhow::{Context as _, Result};
use serde_json::Value;

/// The main job, end to end: generated files are fresh, then photos go up and come down through
/// both clients on an in-process emulator.
///
/// # Errors
/// When cargo cannot be started.
pub fn demo(root: &Path) -> Result<ExitCode> {
    step(
        root,
        "generated files are up to date",
        cargo().args([
            "run",
            "--quiet",
            "--package",
            "xtask",
            "--",
            "generate",
            "--check",
        ]),
    )?;
    run(
        root,
        cargo().args([
            "run",
            "--quiet",
            "--package",
            "graph-photo-tests",
            "--bin",
            "demo",
        ]),
    )
}

/// Writes the manual pages and the shells' completions that packages hold beside the command: the
/// command itself does, since it alone knows its command line. `bin` is one that is built already.
///
/// # Errors
/// When the command cannot be started.
pub fn dist(root: &Path, out: &Path, bin: Option<&Path>) -> Result<ExitCode> {
    let mut command = match bin {
        Some(bin) => Command::new(std::path::absolute(bin)?),
        None => {
            let mut cargo = cargo();
            cargo.args(["run", "--quiet", "--package", "graph-photo-cli", "--"]);
            cargo
        }
    };
    command
        .args(["dist", "--out"])
        .arg(std::path::absolute(out)?);
    run(root, &mut command)
}

/// A benchmark that is a target of its crate; it writes its figures to the file that it is given.
struct Bench {
    /// What its figures stand under in target/bench.json.
    subject: &'static str,
    title: &'static str,
    package: &'static str,
    target: &'static str,
}

const BENCHES: &[Bench] = &[
    Bench {
        subject: "translator",
        title: "the translator against serde_json",
        package: "graph-photo-compat",
        target: "translate",
    },
    Bench {
        subject: "sync",
        title: "sync against a bare loop over the async client",
        package: "graph-photo-cli",
        target: "sync",
    },
];

/// The benchmarks, in release builds; writes target/bench.json. A filter asks for the benchmark of
/// that subject, or for those of the clients' tasks that it names, and for no other.
///
/// # Errors
/// When cargo cannot be started or a benchmark fails.
pub fn bench(
    root: &Path,
    filter: Option<&str>,
    from: Option<&Path>,
    openapi_format: bool,
) -> Result<ExitCode> {
    if let Some(bench) = BENCHES.iter().find(|bench| filter == Some(bench.subject)) {
        bench.run(root)?;
        return Ok(ExitCode::SUCCESS);
    }
    let release = ["run", "--quiet", "--profile", "bench", "--package"];
    let mut clients = cargo();
    clients
        .args(release)
        .args(["graph-photo-tests", "--bin", "bench", "--"])
        .args(filter);
    step(
        root,
        "the clients against hand-written reqwest and ureq, the gateway against a plain proxy",
        &mut clients,
    )?;
    if filter.is_some() {
        return Ok(ExitCode::SUCCESS);
    }
    for bench in BENCHES {
        bench.run(root)?;
    }
    let mut pipeline = cargo();
    pipeline
        .args(release)
        .args(["xtask", "--", "bench-pipeline"]);
    if let Some(from) = from {
        pipeline.arg("--from").arg(from);
    }
    if openapi_format {
        pipeline.arg("--openapi-format");
    }
    run(root, &mut pipeline)
}

impl Bench {
    fn run(&self, root: &Path) -> Result<()> {
        let figures = tempfile::NamedTempFile::new().context("making a temporary file")?;
        let mut bench = cargo();
        bench
            .args(["bench", "--quiet", "--package", self.package])
            .args(["--bench", self.target, "--", "--figures"])
            .arg(figures.path());
        step(root, self.title, &mut bench)?;
        let text = std::fs::read(figures.path())
            .with_context(|| format!("reading the figures of {}", self.subject))?;
        let figures = serde_json::from_slice(&text)
            .with_context(|| format!("the figures of {}", self.subject))?;
        write_bench(root, self.subject, figures)
    }
}

/// Adds a subject's figures to target/bench.json.
///
/// # Errors
/// When the file cannot be written.
pub fn write_bench(root: &Path, subject: &str, figures: Value) -> Result<()> {
    let path = root.join("target/bench.json");
    // A file of an interrupted run is no reason to fail: it is written anew.
    let mut all: Value = std::fs::read(&path)
        .ok()
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .filter(Value::is_object)
        .unwrap_or_else(|| Value::Object(serde_json::Map::new()));
    all[subject] = figures;
    std::fs::write(&path, format!("{all:#}\n"))
        .with_context(|| format!("writing {}", path.display()))
}

/// Everything CI runs, cheapest first; stops at the first failure.
///
/// # Errors
/// When a step fails or cannot be started.
pub fn ci(root: &Path, external: bool) -> Result<ExitCode> {
    step(
        root,
        "formatting",
        cargo().args(["fmt", "--all", "--check"]),
    )?;
    step(
        root,
        "generated files",
        cargo().args([
            "run",
            "--quiet",
            "--package",
            "xtask",
            "--",
            "generate",
            "--check",
        ]),
    )?;
    step(
        root,
        "tidy",
        cargo().args(["run", "--quiet", "--package", "xtask", "--", "tidy"]),
    )?;
    step(
        root,
        "clippy",
        cargo().args([
            "clippy",
            "--workspace",
            "--all-targets",
            "--quiet",
            "--",
            "-D",
            "warnings",
        ]),
    )?;
    for (package, features) in [
        ("graph-photo", "--no-default-features"),
        ("graph-photo", "--no-default-features --features=hyper"),
        ("graph-photo", "--features=hyper"),
        ("graph-photo-blocking", "--no-default-features"),
        ("graph-photo-compat", "--no-default-features"),
        ("graph-photo-compat", "--features=async"),
        ("graph-photo-compat", "--features=blocking"),
        ("graph-photo-compat", "--features=gateway"),
        ("graph-photo-cli", "--no-default-features"),
    ] {
        step(
            root,
            &format!("clippy of {package} {features}"),
            cargo()
                .args(["clippy", "--package", package, "--quiet"])
                .args(features.split(' '))
                .args(["--", "-D", "warnings"]),
        )?;
    }
    step(
        root,
        "docs",
        cargo()
            .args(["doc", "--workspace", "--no-deps", "--quiet"])
            .env("RUSTDOCFLAGS", "-D warnings"),
    )?;
    step(
        root,
        "dependency policy",
        cargo().args([
            "deny",
            "--log-level",
            "error",
            "check",
            "bans",
            "licenses",
            "sources",
        ]),
    )?;
    if external {
        for script in external_scripts(root)? {
            step(
                root,
                &format!("external: {}", script.display()),
                Command::new("bash").arg(&script),
            )?;
        }
    }
    // Last and without a word after it: the output ends in the test runner's own summary.
    eprintln!("== tests");
    run(root, cargo().args(["test", "--workspace"]))
}

/// The entry points below tests/external/.
fn external_scripts(root: &Path) -> Result<Vec<std::path::PathBuf>> {
    let folder = root.join("tests/external");
    let mut scripts = Vec::new();
    for entry in
        std::fs::read_dir(&folder).with_context(|| format!("reading {}", folder.display()))?
    {
        let script = entry?.path().join("run.sh");
        if script.is_file() {
            scripts.push(script);
        }
    }
    scripts.sort();
    Ok(scripts)
}

/// The Cargo that runs us.
pub(crate) fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Runs a step and turns its failure into an error that says how to repeat it.
pub(crate) fn step(root: &Path, name: &str, command: &mut Command) -> Result<()> {
    eprintln!("== {name}");
    let started = Instant::now();
    let status = command
        .current_dir(root)
        .status()
        .with_context(|| format!("starting {command:?}"))?;
    if !status.success() {
        anyhow::bail!("{name} failed ({status})\n    remedy: repeat it alone with {command:?}");
    }
    eprintln!("   ok, {:.1} s", started.elapsed().as_secs_f64());
    Ok(())
}

/// Runs a command whose exit code is ours.
fn run(root: &Path, command: &mut Command) -> Result<ExitCode> {
    let status = command
        .current_dir(root)
        .status()
        .with_context(|| format!("starting {command:?}"))?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
