//! `graph-photo`: profile photos on Microsoft Graph from the command line.
//!
//! | to find out | read |
//! |---|---|
//! | which commands there are, and what their help says | [`arguments`], [`commands`] |
//! | how OWNER is read | [`owner`] |
//! | where Graph is and who may call it | [`connection`], [`auth`] |
//! | what is printed, and what the exit code means | [`output`], [`exit`] |
//! | how a photo is drawn in a terminal | [`terminal`] |
//! | how a whole organisation is kept up to date | [`sync`] |

mod arguments;
mod auth;
mod commands;
mod connection;
mod emulator;
mod exit;
mod http_client;
mod migrate;
mod output;
mod owner;
mod photo_file;
mod stop;
mod sync;
mod terminal;

use std::process::ExitCode;

use clap::Parser as _;

use crate::arguments::{Arguments, Command};

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse().command).await {
        Ok(code) => code,
        Err(error) => {
            if !exit::is_broken_pipe(&error) {
                output::complain(&error);
            }
            exit::code(&error)
        }
    }
}

async fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Get(args) => commands::get::run(args).await,
        Command::Info(args) => commands::info::run(args).await,
        Command::Sizes(args) => commands::sizes::run(args).await,
        Command::Show(args) => commands::show::run(args).await,
        Command::Put(args) => commands::put::run(args).await,
        Command::Delete(args) => commands::delete::run(args).await,
        Command::Sync(args) => commands::sync::run(args).await,
        Command::Permissions(args) => commands::permissions::run(&args),
        Command::Auth(args) => commands::auth::run(args).await,
        Command::Emulator(args) => emulator::run(args).await,
        Command::Gateway(args) => commands::gateway::run(args).await,
        Command::Migrate(args) => migrate::run(args),
        Command::Completions(args) => commands::completions::run(&args),
        Command::Dist(args) => commands::dist::run(&args),
    }
}
