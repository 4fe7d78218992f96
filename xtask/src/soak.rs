//! The long series: what takes minutes to hours, and is run before a release.
//!
//! CI runs a small slice of each as an ordinary test. A part is a Cargo command of its own, so that
//! xtask stays free of the crates it generates; a new part is a new row in [`PARTS`].

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::chores::{cargo, step};
use crate::revisions;

/// One long series.
#[derive(Debug, Clone, Copy)]
pub struct Part {
    /// What it is called on the command line.
    pub name: &'static str,
    /// What it shows, in a line.
    pub about: &'static str,
    /// The arguments for Cargo.
    arguments: &'static [&'static str],
}

/// All parts, in the order in which they run.
pub const PARTS: &[Part] = &[
    Part {
        name: "sync",
        about: "sync of 20,000 users under faults and 20 kills, and of 200,000",
        arguments: &[
            "test",
            // As the benchmarks, so that one build serves both.
            "--profile",
            "bench",
            "--package",
            "graph-photo-cli",
            "--test",
            "soak",
            "--",
            "--ignored",
            "--nocapture",
            // Kills are to meet a run that has the machine to itself.
            "--test-threads",
            "1",
        ],
    },
    Part {
        name: "transfers",
        about: "10,000 uploads and downloads through each client, one request in ten going wrong",
        arguments: &[
            "test",
            "--release",
            "--package",
            "graph-photo-tests",
            "--test",
            "transfers",
            "--",
            "--ignored",
            "--nocapture",
        ],
    },
    Part {
        name: "case-mutants",
        about: "the protocol cases against every mutant of the clients",
        arguments: &[
            "run",
            "--quiet",
            "--package",
            "xtask",
            "--",
            "cases",
            "--mutants",
        ],
    },
    Part {
        name: "revisions",
        about: "the whole suite from every revision in --upstream, as JSON and as YAML",
        arguments: &["run", "--quiet", "--package", "xtask", "--", "revisions"],
    },
    Part {
        name: "spec-mutants",
        about: "thousands of changed specs: refused with a place, or compiled",
        arguments: &[
            "test",
            "--package",
            "xtask",
            "--test",
            "spec_mutations",
            "--",
            "--ignored",
            "--nocapture",
        ],
    },
];

/// Runs the named parts, all of them if none is named; `upstream` is the folder with the documents
/// for `revisions`. A failed part does not keep the others from running.
///
/// # Errors
/// For a name that no part has, and naming the parts that failed.
pub fn soak(root: &Path, names: &[String], upstream: Option<&Path>) -> Result<ExitCode> {
    for name in names {
        if !PARTS.iter().any(|part| part.name == name) {
            let known: Vec<_> = PARTS.iter().map(|part| part.name).collect();
            bail!("there is no part '{name}'; there are {}", known.join(", "));
        }
    }
    let wanted = |part: &&Part| names.is_empty() || names.iter().any(|name| name == part.name);
    let mut failed = Vec::new();
    for part in PARTS.iter().filter(wanted) {
        let title = format!("{}: {}", part.name, part.about);
        let mut command = cargo();
        command.args(part.arguments);
        if let Some(upstream) = upstream {
            let upstream = std::path::absolute(upstream)?;
            command.env(revisions::UPSTREAM, upstream);
        }
        if let Err(error) = step(root, &title, &mut command) {
            eprintln!("error: {error:#}");
            failed.push(part.name);
        }
    }
    if !failed.is_empty() {
        bail!("failed: {}", failed.join(", "));
    }
    Ok(ExitCode::SUCCESS)
}

/// The parts as the help text lists them.
#[must_use]
pub fn list() -> String {
    let mut text = String::from("Parts:\n");
    for part in PARTS {
        text.push_str(&format!("  {:<14} {}\n", part.name, part.about));
    }
    text
}
