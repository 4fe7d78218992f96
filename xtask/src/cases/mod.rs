//! `cargo xtask cases`: the coverage of the protocol cases, and the mutants that they must kill.
//!
//! The cases need the generated crates, so they run as a process of their own, like every chore.

use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Context as _, Result};

pub mod mutants;

/// What is done with the coverage table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Table {
    /// Prints it.
    Print,
    /// Puts it into docs/cases.md.
    Write,
    /// Fails if docs/cases.md is stale.
    Check,
    /// Prints every case, families written out, one JSON object a line.
    Json,
}

/// Runs `graph-photo-tests`' `cases`.
///
/// # Errors
/// When cargo cannot be started.
pub fn table(root: &Path, what: Table) -> Result<ExitCode> {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root).args([
        "run",
        "--quiet",
        "--package",
        "graph-photo-tests",
        "--bin",
        "cases",
        "--",
    ]);
    command.args(match what {
        Table::Print => None,
        Table::Write => Some("--write"),
        Table::Check => Some("--check"),
        Table::Json => Some("--json"),
    });
    let status = command
        .status()
        .with_context(|| format!("starting {command:?}"))?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
