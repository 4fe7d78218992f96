//! The command line: all commands in the order that `--help` lists them.
//!
//! What a command takes is said where the command is, in [`crate::commands`].

use clap::{Parser, Subcommand};

use crate::{commands, emulator, exit, migrate};

/// Profile photos on Microsoft Graph: get, put, sync, emulate, migrate
#[derive(Debug, Parser)]
#[command(
    name = "graph-photo",
    version,
    max_term_width = 100,
    after_help = exit::TABLE,
    after_long_help = LONG_HELP,
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

const LONG_HELP: &str = "\
OWNER is whose photo: me, user:ID, group:ID, team:ID, contact:ID, folder:F/contact:ID,
user:ID/contact:ID or user:ID/folder:F/contact:ID. A user's ID is the object id or the user
principal name.

Environment:
  GRAPH_PHOTO_TOKEN     the bearer token; --token-file and --token-command are other ways
  GRAPH_PHOTO_BASE_URL  another Graph, such as http://127.0.0.1:8787/v1.0
  GRAPH_PHOTO_CLOUD     global, us-gov-l4, us-gov-l5 or china

Exit codes:
  0  done
  1  failure
  2  usage: the command line or the configuration cannot be right
  3  there is no photo
  4  not authorised: no token, an expired one, or one without the permission
  5  throttled: Graph kept asking to wait
  6  done in part (sync)
  7  findings (migrate scan without --fix)

Try it without an account:
  graph-photo info user:adele@contoso.com --emulator
  graph-photo get user:adele@contoso.com --emulator -o adele.jpg";

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Get(commands::get::GetArgs),
    Info(commands::info::InfoArgs),
    Sizes(commands::sizes::SizesArgs),
    Show(commands::show::ShowArgs),
    Put(commands::put::PutArgs),
    Delete(commands::delete::DeleteArgs),
    Sync(commands::sync::SyncArgs),
    Permissions(commands::permissions::PermissionsArgs),
    Auth(commands::auth::AuthArgs),
    Emulator(emulator::EmulatorArgs),
    Gateway(commands::gateway::GatewayArgs),
    Migrate(migrate::MigrateArgs),
    Completions(commands::completions::CompletionsArgs),
    #[command(hide = true)]
    Dist(commands::dist::DistArgs),
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        super::Arguments::command().debug_assert();
    }

    /// Whatever prints data can print it as JSON.
    #[test]
    fn data_comes_as_json_too() {
        // Pictures, scripts, documents, and a line of JSON as it is.
        const NO_DATA: [&str; 8] = [
            "show",
            "delete",
            "emulator",
            "gateway",
            "completions",
            "dist",
            "migrate json",
            "help",
        ];
        let mut open = vec![(String::new(), super::Arguments::command())];
        let mut without = Vec::new();
        while let Some((path, command)) = open.pop() {
            for part in command.get_subcommands() {
                let path = format!("{path} {}", part.get_name()).trim().to_owned();
                open.push((path, part.clone()));
            }
            let json = command
                .get_arguments()
                .any(|argument| ["json", "format"].contains(&argument.get_id().as_str()));
            if !command.has_subcommands() && !json {
                without.push(path);
            }
        }
        without.retain(|path| !NO_DATA.contains(&path.as_str()));
        assert_eq!(without, Vec::<String>::new());
    }
}
