//! `graph-photo dist`: what a package holds beside the command, for `cargo xtask dist`. Hidden,
//! since people read `--help` or `man`, and have their shell's own way to load completions.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, CommandFactory as _, ValueEnum as _};
use clap_complete::Shell;

use crate::arguments::Arguments;
use crate::output;

/// Write the manual pages and the shells' completions into a directory
#[derive(Debug, Args)]
pub(crate) struct DistArgs {
    /// Where to; made if it is not there
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

pub(crate) fn run(args: &DistArgs) -> anyhow::Result<ExitCode> {
    let out = &args.out;
    let shown = || format!("cannot write to {}", out.display());
    let mut places = Vec::new();
    for (folder, fill) in [
        // Where `man` and packagers expect them below share/.
        ("man/man1", manual_pages as fn(&Path) -> std::io::Result<()>),
        ("completions", completions),
    ] {
        let folder = out.join(folder);
        std::fs::create_dir_all(&folder).with_context(shown)?;
        // Complete before the first file gets its place: a full disk leaves the old ones.
        let staging = tempfile::tempdir_in(&folder).with_context(shown)?;
        fill(staging.path()).with_context(shown)?;
        places.push((staging, folder));
    }
    let mut written = 0;
    for (staging, folder) in places {
        for entry in std::fs::read_dir(staging.path()).with_context(shown)? {
            let entry = entry.with_context(shown)?;
            std::fs::rename(entry.path(), folder.join(entry.file_name())).with_context(shown)?;
            written += 1;
        }
    }
    output::note(&format!("wrote {written} files to {}", out.display()));
    Ok(ExitCode::SUCCESS)
}

/// One page per command, graph-photo-get.1 and so on; hidden commands get none.
fn manual_pages(folder: &Path) -> std::io::Result<()> {
    clap_mangen::generate_to(Arguments::command(), folder)
}

fn completions(folder: &Path) -> std::io::Result<()> {
    for shell in Shell::value_variants() {
        clap_complete::generate_to(*shell, &mut Arguments::command(), "graph-photo", folder)?;
    }
    Ok(())
}
