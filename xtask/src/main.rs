//! `cargo xtask`: parses arguments and calls the library.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::{Parser, Subcommand};
use xtask::generate::{self, Inputs, output};

/// The chores of this repository.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Rewrite all generated files from spec/
    #[command(after_help = "Examples:\n  cargo xtask generate            rewrite what changed\n  cargo xtask generate --check    change nothing, show diffs, exit 1 if anything is stale")]
    Generate {
        /// Change nothing; print a diff of each stale, missing or orphaned file and exit 1
        #[arg(long)]
        check: bool,
        /// The spec folder to generate from [default: spec/ of this repository]
        #[arg(long, value_name = "DIR")]
        spec: Option<PathBuf>,
        /// Where the crates' folders are written [default: this repository]
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
}

fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<ExitCode> {
    let root = repository_root();
    match command {
        Command::Generate { check, spec, out } => {
            let spec = spec.unwrap_or_else(|| root.join("spec"));
            let out = out.unwrap_or_else(|| root.clone());
            let files = generate::generate(&Inputs::read(&root, &spec)?)?;
            if check {
                let drift = output::check(&out, &files).context("comparing the generated files")?;
                if drift.is_empty() {
                    println!("{} generated files are up to date", files.len());
                    return Ok(ExitCode::SUCCESS);
                }
                print!("{drift}");
                eprintln!("error: generated files are out of date\n    remedy: run `cargo xtask generate` and commit the result");
                return Ok(ExitCode::FAILURE);
            }
            let changed = output::write(&out, &files).context("writing the generated files")?;
            for path in &changed {
                println!("wrote {}", path.display());
            }
            println!("{} generated files, {} changed", files.len(), changed.len());
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// The repository this binary was built from, or the one it is run in.
fn repository_root() -> PathBuf {
    let built_in = Path::new(env!("CARGO_MANIFEST_DIR"));
    built_in.parent().unwrap_or(built_in).to_path_buf()
}
