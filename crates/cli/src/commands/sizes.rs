//! `graph-photo sizes`: the sizes that Graph keeps of a photo.

use std::process::ExitCode;

use clap::Args;

use crate::connection::ConnectionArgs;
use crate::output::{self, PhotoLine};
use crate::owner::{Owner, OwnerPhoto};

const EXAMPLES: &str = "\
Examples:
  graph-photo sizes user:adele@contoso.com --emulator
  graph-photo sizes me --json";

/// List the sizes of a photo, smallest first
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct SizesArgs {
    /// Whose photo: me, user:ID or group:ID
    #[arg(value_name = "OWNER")]
    owner: Owner,

    /// Print one line of JSON per size
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    connection: ConnectionArgs,
}

pub(crate) async fn run(args: SizesArgs) -> anyhow::Result<ExitCode> {
    let connection = args.connection.connect().await?;
    let sizes = OwnerPhoto::of(&args.owner, &connection.client)
        .directory("keeps no sizes of")?
        .sizes()
        .await?;
    if sizes.is_empty() {
        return Err(super::no_photo(&args.owner).into());
    }
    let mut text = String::new();
    for metadata in &sizes {
        if args.json {
            text += &serde_json::to_string(&PhotoLine::of_metadata(&args.owner, metadata))?;
        } else {
            let size = metadata
                .size()
                .map_or_else(|| "unknown".to_owned(), |size| size.to_string());
            let content_type = output::printable(metadata.content_type().unwrap_or("unknown"));
            let etag = output::printable(metadata.media_etag().unwrap_or("none"));
            text += &format!("{size:<11}{content_type:<14}{etag}");
        }
        text.push('\n');
    }
    output::text(&text)?;
    Ok(ExitCode::SUCCESS)
}
