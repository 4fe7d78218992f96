//! `graph-photo`: profile photos on Microsoft Graph from the command line.

mod emulator;
mod migrate;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Profile photos on Microsoft Graph.
#[derive(Debug, Parser)]
#[command(name = "graph-photo", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Emulator(emulator::EmulatorArgs),
    Migrate(migrate::MigrateArgs),
}

#[tokio::main]
async fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Emulator(args) => emulator::run(args).await,
        Command::Migrate(args) => migrate::run(args),
    };
    result.unwrap_or_else(|error| {
        eprintln!("graph-photo: {error:#}");
        ExitCode::FAILURE
    })
}
