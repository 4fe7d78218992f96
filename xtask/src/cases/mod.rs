//! `cargo xtask cases`: the coverage of the protocol cases, and the mutants that they must kill.
//!
//! The cases need the generated crates, so they run as a process of their own, like every chore.

use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Context as _, Result};

pub mod mutants;
mod survivors;

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

/// Runs `graph-photo-tests`' `cases`. The page of what the cases do not notice is written and checked
/// along with the table.
///
/// # Errors
/// When cargo cannot be started, or that page cannot be read or written.
pub fn table(root: &Path, what: Table) -> Result<ExitCode> {
    let page = survivors::file(root);
    match what {
        Table::Write => replace(&page, &survivors::page(root)?)?,
        Table::Check if std::fs::read_to_string(&page)? != survivors::page(root)? => {
            eprintln!(
                "error: {} is stale\n    remedy: cargo xtask cases --write",
                page.display()
            );
            return Ok(ExitCode::FAILURE);
        }
        _ => {}
    }
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

/// Writes beside the file and renames, so that nothing half-written is left.
fn replace(path: &Path, text: &str) -> Result<()> {
    let beside = path.with_extension("md.new");
    std::fs::write(&beside, text).with_context(|| format!("writing {}", beside.display()))?;
    std::fs::rename(&beside, path).with_context(|| format!("writing {}", path.display()))
}
