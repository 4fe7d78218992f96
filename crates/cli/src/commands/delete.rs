//! `graph-photo delete`: takes a photo away.

use std::process::ExitCode;

use clap::Args;

use crate::connection::ConnectionArgs;
use crate::output;
use crate::owner::{Owner, OwnerPhoto};

const EXAMPLES: &str = "\
Examples:
  graph-photo delete me
  graph-photo delete user:adele@contoso.com --emulator";

/// Delete a photo
///
/// That there was none is no error. Graph deletes the photos of users and groups only.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct DeleteArgs {
    /// Whose photo: me, user:ID or group:ID
    #[arg(value_name = "OWNER")]
    owner: Owner,

    #[command(flatten)]
    connection: ConnectionArgs,
}

pub(crate) async fn run(args: DeleteArgs) -> anyhow::Result<ExitCode> {
    let connection = args.connection.connect().await?;
    OwnerPhoto::of(&args.owner, &connection.client)
        .directory("cannot delete")?
        .delete()
        .await?;
    output::note(&format!("deleted the photo of {}", args.owner));
    Ok(ExitCode::SUCCESS)
}
