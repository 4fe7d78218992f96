//! `graph-photo completions`: what a shell needs to complete our command line.

use std::process::ExitCode;

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use crate::arguments::Arguments;
use crate::output;

const EXAMPLES: &str = "\
Examples:
  graph-photo completions bash > ~/.local/share/bash-completion/completions/graph-photo
  graph-photo completions zsh > ~/.zfunc/_graph-photo
  graph-photo completions fish > ~/.config/fish/completions/graph-photo.fish";

/// Print the completions for a shell
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

pub(crate) fn run(args: &CompletionsArgs) -> anyhow::Result<ExitCode> {
    let mut script = Vec::new();
    clap_complete::generate(
        args.shell,
        &mut Arguments::command(),
        "graph-photo",
        &mut script,
    );
    output::bytes(&script)?;
    Ok(ExitCode::SUCCESS)
}
