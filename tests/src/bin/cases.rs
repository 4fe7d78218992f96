//! `cargo xtask cases`: the coverage of the protocol cases as a table.
//!
//! Prints it; `--write` puts it into docs/cases.md, `--check` fails if that file is stale, and
//! `--json` prints every case, families written out, one JSON object a line.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use graph_photo_tests::cases::{case, coverage, document, folder};
use serde_json::json;

fn main() -> ExitCode {
    match run(std::env::args().nth(1).as_deref()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(option: Option<&str>) -> Result<ExitCode> {
    let page = || -> Result<String> { Ok(coverage::page(&case::read(&folder())?)) };
    match option {
        None => print!("{}", page()?),
        Some("--write") => write(&file(), &page()?)?,
        Some("--check") => {
            let found = std::fs::read_to_string(file())
                .with_context(|| format!("reading {}", file().display()))?;
            if found != page()? {
                eprintln!("error: docs/cases.md is stale\n    remedy: cargo xtask cases --write");
                return Ok(ExitCode::FAILURE);
            }
            println!("docs/cases.md is up to date");
        }
        Some("--json") => {
            for document in document::read(&folder())? {
                for case in document.cases {
                    println!(
                        "{}",
                        json!({ "file": document.name, "kind": document.kind, "case": case })
                    );
                }
            }
        }
        Some(other) => {
            bail!("there is no option {other}\n    remedy: --write, --check, --json or none")
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn file() -> PathBuf {
    folder().join("../../docs/cases.md")
}

/// Writes beside the file and renames, so that nothing half-written is left.
fn write(path: &Path, text: &str) -> Result<()> {
    let beside = path.with_extension("md.new");
    std::fs::write(&beside, text).with_context(|| format!("writing {}", beside.display()))?;
    std::fs::rename(&beside, path).with_context(|| format!("writing {}", path.display()))
}
