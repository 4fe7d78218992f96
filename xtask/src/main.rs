//! `cargo xtask`: parses arguments and calls the library.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};
use xtask::trim::{TrimOptions, trim};

/// The pipeline from Microsoft's OpenAPI document to the two clients, and the chores around it.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Cut the photo endpoints out of Microsoft's document: spec/upstream.json, source.lock,
    /// graph-photo.json.
    Trim {
        /// The whole OpenAPI document, JSON or YAML; - reads standard input.
        #[arg(long, value_name = "FILE")]
        from: PathBuf,
        /// Where it came from: package@version or repository@commit. Recorded in source.lock.
        #[arg(long, value_name = "TEXT")]
        origin: Option<String>,
        /// The API it describes, if its servers should not decide.
        #[arg(long, value_parser = ["v1.0", "beta"])]
        api: Option<String>,
        /// Write there instead of spec/; a trim.toml or overlay.yaml there takes precedence.
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
}

fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> Result<()> {
    match cli.command {
        Command::Trim {
            from,
            origin,
            api,
            out,
        } => {
            let report = trim(&TrimOptions {
                from,
                origin,
                api,
                spec: workspace().join("spec"),
                out,
            })?;
            print(&report)?;
            xtask::bench::trim::report_memory_if_asked();
        }
    }
    Ok(())
}

/// Prints a result. A reader that has seen enough, such as `head`, is no failure.
fn print(text: &impl std::fmt::Display) -> Result<()> {
    match writeln!(std::io::stdout(), "{text}") {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

/// The root of the workspace: the folder above this crate, which Cargo names when it runs us, or
/// else the nearest one above the current folder that has a spec/.
fn workspace() -> PathBuf {
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    if let Some(root) = manifest.as_deref().and_then(Path::parent) {
        return root.to_owned();
    }
    let here = std::env::current_dir().unwrap_or_default();
    let root = here
        .ancestors()
        .find(|folder| folder.join("spec/trim.toml").exists());
    root.unwrap_or(&here).to_owned()
}
