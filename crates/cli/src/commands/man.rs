//! `graph-photo man`: the manual pages, for packagers. Hidden, since people read `--help` or `man`.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, CommandFactory as _};

use crate::arguments::Arguments;
use crate::output;

/// Write the manual pages into a directory
#[derive(Debug, Args)]
pub(crate) struct ManArgs {
    /// Where to; made if it is not there
    #[arg(value_name = "DIR")]
    directory: PathBuf,
}

pub(crate) fn run(args: &ManArgs) -> anyhow::Result<ExitCode> {
    let directory = &args.directory;
    std::fs::create_dir_all(directory)
        .with_context(|| format!("cannot make {}", directory.display()))?;
    // One page per command, graph-photo-get.1 and so on; hidden commands get none.
    clap_mangen::generate_to(Arguments::command(), directory)
        .with_context(|| format!("cannot write to {}", directory.display()))?;
    output::note(&format!(
        "wrote the manual pages to {}",
        directory.display()
    ));
    Ok(ExitCode::SUCCESS)
}
