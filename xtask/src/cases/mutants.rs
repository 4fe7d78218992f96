//! Mutants: the clients broken in hundreds of small ways, to see that the cases notice each.
//!
//! The repository is copied to `target/mutants`. In the copy every file of `TARGETS` is rewritten
//! once so that it holds all its mutants, each behind a switch (see `weave`); so there is one
//! build, and then a process (`RUNNER`, written into the copy) that turns on one mutant after
//! the other and runs the cases until one of them differs. What no case notices has survived and is
//! listed in `target/mutants/report.md`; without a reason in `tests/mutants.yaml` (see `survivors`)
//! the run fails.
//!
//! What can only be broken at compile time (constants, names in attributes, the emitters) is in the
//! same file, as text to find and to put in its place; each of these takes a build.

mod weave;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context as _, Result, anyhow, bail, ensure};

use super::survivors::{Built, List};

use crate::working_copy::{self, put};

/// The files whose mutants are woven in: what the emitters put out, the runtime of both clients,
/// and all that decides about requests and answers.
const TARGETS: [&str; 39] = [
    "crates/async/src/generated/operations.rs",
    "crates/async/src/runtime/http.rs",
    "crates/async/src/runtime/once.rs",
    "crates/async/src/surface/answer.rs",
    "crates/async/src/surface/batch.rs",
    "crates/async/src/surface/body.rs",
    "crates/async/src/surface/byte_stream.rs",
    "crates/async/src/surface/operations.rs",
    "crates/async/src/surface/owner.rs",
    "crates/async/src/surface/photo.rs",
    "crates/async/src/surface/photo/in_directory.rs",
    "crates/async/src/surface/photo/photo_stream.rs",
    "crates/async/src/surface/photo/target.rs",
    "crates/blocking/src/generated/operations.rs",
    "crates/blocking/src/generated/surface/answer.rs",
    "crates/blocking/src/generated/surface/batch.rs",
    "crates/blocking/src/generated/surface/body.rs",
    "crates/blocking/src/generated/surface/byte_stream.rs",
    "crates/blocking/src/generated/surface/operations.rs",
    "crates/blocking/src/generated/surface/owner.rs",
    "crates/blocking/src/generated/surface/photo.rs",
    "crates/blocking/src/generated/surface/photo/in_directory.rs",
    "crates/blocking/src/generated/surface/photo/photo_stream.rs",
    "crates/blocking/src/generated/surface/photo/target.rs",
    "crates/blocking/src/runtime/http.rs",
    "crates/model/src/base64_text.rs",
    "crates/model/src/base_url.rs",
    "crates/model/src/batch.rs",
    "crates/model/src/error.rs",
    "crates/model/src/error/envelope.rs",
    "crates/model/src/media.rs",
    "crates/model/src/no_photo.rs",
    "crates/model/src/owner.rs",
    "crates/model/src/photo.rs",
    "crates/model/src/response.rs",
    "crates/model/src/retry.rs",
    "crates/model/src/retry_after.rs",
    "crates/model/src/wire.rs",
    "crates/model/src/wire/query.rs",
];

/// The process that runs the cases for one mutant after the other; it only compiles in the copy.
const RUNNER: &str = include_str!("mutant_runner.rs.in");

/// The switch, added to the model crate of the copy.
const SWITCH: &str = "
#[allow(missing_docs)]
pub mod mutant {
    use std::sync::atomic::{AtomicUsize, Ordering};
    static CURRENT: AtomicUsize = AtomicUsize::new(0);
    pub fn set(number: usize) { CURRENT.store(number, Ordering::SeqCst); }
    #[must_use]
    pub fn on(number: usize) -> bool { CURRENT.load(Ordering::Relaxed) == number }
}
";

/// A mutant behind a switch.
#[derive(Debug, Clone)]
pub struct Mutant {
    /// The number that turns it on, from 1.
    pub number: usize,
    /// The file it is in.
    pub file: String,
    /// The function it is in.
    pub function: String,
    /// What is different.
    pub change: String,
}

/// What became of a mutant.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Fate {
    /// By this case, or by the compiler.
    Killed(String),
    Survived,
    /// It survived, as `tests/mutants.yaml` says it would.
    Explained,
}

/// Runs the cases against every mutant whose file's path contains one of `only`; all if there is
/// none. With `unexplained`, those that have a reason to survive are left out, which is quicker.
///
/// # Errors
/// When the copy cannot be made or built, or the cases differ without a mutant.
pub fn run(root: &Path, only: &[String], unexplained: bool) -> Result<ExitCode> {
    let folder = root.join("target/mutants");
    let copy = folder.join("copy");
    working_copy::refresh(root, &copy)?;
    let wanted = |file: &str| only.is_empty() || only.iter().any(|only| file.contains(only));
    let list = List::read(root)?;

    let mut fates: Vec<(String, Fate)> = Vec::new();
    // Those that take a build first, on the copy as it is.
    for mutant in list.built.iter().filter(|mutant| wanted(&mutant.file)) {
        let fate = built_fate(root, &copy, mutant)?;
        eprintln!(
            "{}: {} -> {}: {fate:?}",
            mutant.file,
            mutant.find.trim(),
            mutant.put.trim()
        );
        fates.push((
            format!(
                "`{}`: `{}` becomes `{}`",
                mutant.file,
                line(&mutant.find),
                line(&mutant.put)
            ),
            fate,
        ));
    }

    let mut mutants = weave_all(&copy, &wanted)?;
    let explains = |mutant: &Mutant| list.explains(&mutant.file, &mutant.function, &mutant.change);
    if unexplained {
        mutants.retain(|mutant| !explains(mutant));
    }
    eprintln!("{} mutants behind switches", mutants.len());
    if !mutants.is_empty() {
        for (mutant, fate) in woven_fates(&copy, &mutants)? {
            let fate = match fate {
                Fate::Survived if explains(mutant) => Fate::Explained,
                fate => fate,
            };
            fates.push((
                format!(
                    "`{}`, `{}`: {}",
                    mutant.file, mutant.function, mutant.change
                ),
                fate,
            ));
        }
    }
    let report = report(&fates);
    fs::write(folder.join("report.md"), &report).context("writing the report")?;
    println!("{report}");
    if fates.iter().any(|(_, fate)| *fate == Fate::Survived) {
        eprintln!(
            "error: mutants survived that no case notices\n    remedy: add a case, or the reason why there can be none to tests/mutants.yaml"
        );
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

fn line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn cargo(copy: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // A target folder of its own: Cargo takes the members of both workspaces for the same packages.
    command
        .current_dir(copy)
        .env("CARGO_TARGET_DIR", target(copy))
        .env_remove("CARGO_MANIFEST_DIR");
    command
}

fn target(copy: &Path) -> PathBuf {
    copy.with_file_name("target")
}

/// Breaks one thing, builds, runs the cases, and mends it.
fn built_fate(root: &Path, copy: &Path, mutant: &Built) -> Result<Fate> {
    let path = copy.join(&mutant.file);
    let before =
        fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
    ensure!(
        before.matches(&mutant.find).count() == 1,
        "{}: {:?} occurs {} times\n    remedy: make it occur once",
        mutant.file,
        mutant.find,
        before.matches(&mutant.find).count()
    );
    put(
        &path,
        before.replacen(&mutant.find, &mutant.put, 1).as_bytes(),
    )?;
    let generated = !mutant.generate
        || cargo(copy)
            .args(["run", "--quiet", "--package", "xtask", "--", "generate"])
            .output()?
            .status
            .success();
    let fate = if generated {
        let tested = cargo(copy)
            .args(["test", "--quiet", "--workspace", "--test", "cases"])
            .env("RUST_BACKTRACE", "0")
            .output()?;
        let said = String::from_utf8_lossy(&tested.stdout).into_owned();
        match tested.status.success() {
            true => Fate::Survived,
            false => Fate::Killed(first_case(&said)),
        }
    } else {
        Fate::Killed("the generator refuses".to_owned())
    };
    put(&path, before.as_bytes())?;
    if mutant.generate {
        working_copy::refresh(root, copy)?;
    }
    Ok(fate)
}

/// The first case a failed test run names, or what else it says.
fn first_case(said: &str) -> String {
    let named = said
        .lines()
        .skip_while(|line| !line.contains("cases differ"))
        .nth(1);
    let compiled = if said.is_empty() {
        "the compiler"
    } else {
        "a test of the cases"
    };
    named.unwrap_or(compiled).trim().to_owned()
}

/// Rewrites the target files of the copy so that they hold their mutants.
fn weave_all(copy: &Path, wanted: &impl Fn(&str) -> bool) -> Result<Vec<Mutant>> {
    let mut mutants = Vec::new();
    for file in TARGETS.into_iter().filter(|file| wanted(file)) {
        let path = copy.join(file);
        let text =
            fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
        let woven =
            weave::weave(file, &text, &mut mutants).with_context(|| format!("parsing {file}"))?;
        put(&path, woven.as_bytes())?;
    }
    let library = copy.join("crates/model/src/lib.rs");
    let mut text = fs::read_to_string(&library)?;
    text.push_str(SWITCH);
    put(&library, text.as_bytes())?;
    put(
        &copy.join("tests/src/bin/mutant_runner.rs"),
        RUNNER.as_bytes(),
    )?;
    Ok(mutants)
}

/// Builds once and runs the cases for each mutant, in several processes: a mutant is on for all of
/// a process, and much of a run is waiting.
fn woven_fates<'m>(copy: &Path, mutants: &'m [Mutant]) -> Result<Vec<(&'m Mutant, Fate)>> {
    let built = cargo(copy)
        .args(["build", "--quiet", "--workspace", "--bin", "mutant_runner"])
        .output()?;
    if !built.status.success() {
        // Woven code is full of warnings, so what the compiler says is only shown if it is needed.
        bail!(
            "the mutants do not build; see {} and weave.rs\n{}",
            copy.display(),
            String::from_utf8_lossy(&built.stderr)
        );
    }
    let processes = std::thread::available_parallelism().map_or(1, usize::from);
    let shares = (0..processes).map(|first| mutants.iter().skip(first).step_by(processes));
    let mut fates = std::thread::scope(|scope| {
        let runners: Vec<_> = shares
            .map(|share| {
                let share: Vec<&Mutant> = share.collect();
                scope.spawn(move || fates_of(copy, &share))
            })
            .collect();
        let mut fates = Vec::new();
        for runner in runners {
            let found = runner
                .join()
                .map_err(|_| anyhow!("the thread of a runner panicked"))?;
            fates.extend(found?);
        }
        anyhow::Ok(fates)
    })?;
    fates.sort_by_key(|(mutant, _)| mutant.number);
    Ok(fates)
}

/// One process that turns on one mutant after the other.
fn fates_of<'m>(copy: &Path, mutants: &[&'m Mutant]) -> Result<Vec<(&'m Mutant, Fate)>> {
    let binary: PathBuf = target(copy).join("debug/mutant_runner");
    let mut process = Command::new(&binary)
        .current_dir(copy.join("tests"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .with_context(|| format!("starting {}", binary.display()))?;
    let mut orders = process.stdin.take().context("no standard input")?;
    let reader = BufReader::new(process.stdout.take().context("no standard output")?);
    let numbered: BTreeMap<usize, &'m Mutant> = mutants
        .iter()
        .map(|mutant| (mutant.number, *mutant))
        .collect();
    let lines: Vec<String> = mutants
        .iter()
        .map(|mutant| format!("{}\t{}\t{}", mutant.number, mutant.file, mutant.function))
        .collect();
    let writer = std::thread::spawn(move || orders.write_all((lines.join("\n") + "\n").as_bytes()));
    let mut fates = Vec::new();
    for said in reader.lines() {
        let said = said?;
        let mut fields = said.splitn(3, '\t');
        let number: usize = fields
            .next()
            .unwrap_or_default()
            .parse()
            .with_context(|| said.clone())?;
        let fate = match fields.next() {
            Some("killed") => Fate::Killed(fields.next().unwrap_or_default().to_owned()),
            Some("survived") => Fate::Survived,
            _ => bail!("the runner says: {said}"),
        };
        if let Some(mutant) = numbered.get(&number) {
            let how = match &fate {
                Fate::Killed(case) => format!("killed by {case}"),
                Fate::Survived | Fate::Explained => "survived".to_owned(),
            };
            eprintln!(
                "{how}: {}, {}: {}",
                mutant.file, mutant.function, mutant.change
            );
            fates.push((*mutant, fate));
        }
    }
    let _ = writer.join();
    let status = process.wait()?;
    ensure!(
        fates.len() == mutants.len(),
        "a runner stopped after {} of {} mutants ({status})",
        fates.len(),
        mutants.len()
    );
    Ok(fates)
}

fn report(fates: &[(String, Fate)]) -> String {
    let with = |wanted: fn(&Fate) -> bool| -> Vec<&String> {
        let wanted = fates.iter().filter(|(_, fate)| wanted(fate));
        wanted.map(|(mutant, _)| mutant).collect()
    };
    let explained = with(|fate| *fate == Fate::Explained);
    let survived = with(|fate| *fate == Fate::Survived);
    let mut report = String::new();
    // Writing to a String cannot fail.
    let _ = writeln!(
        report,
        "{} mutants, {} killed, {} survived for a reason, {} without one",
        fates.len(),
        fates.len() - explained.len() - survived.len(),
        explained.len(),
        survived.len()
    );
    for (title, mutants) in [
        ("Without a reason", survived),
        ("For a reason in tests/mutants.yaml", explained),
    ] {
        let _ = writeln!(report, "\n{title}:");
        for mutant in mutants {
            let _ = writeln!(report, "- {mutant}");
        }
    }
    report
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file that moved would be a failure only once somebody runs the mutants.
    #[test]
    fn every_file_to_break_is_there() {
        let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
        for file in TARGETS {
            assert!(root.join(file).is_file(), "{file}");
        }
    }
}
