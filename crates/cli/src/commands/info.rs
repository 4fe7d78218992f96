//! `graph-photo info`: what Graph knows about a photo, without its bytes.

use std::process::ExitCode;

use clap::Args;

use crate::connection::ConnectionArgs;
use crate::output::{self, PhotoLine};
use crate::owner::{Owner, OwnerPhoto};

const EXAMPLES: &str = "\
Examples:
  graph-photo info me
  graph-photo info user:adele@contoso.com --emulator
  graph-photo info team:22222222-0000-4000-8000-000000000001 --json";

/// Show a photo's size, type and etag
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct InfoArgs {
    /// Whose photo
    #[arg(value_name = "OWNER")]
    owner: Owner,

    /// Print one line of JSON
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    connection: ConnectionArgs,
}

pub(crate) async fn run(args: InfoArgs) -> anyhow::Result<ExitCode> {
    let connection = args.connection.connect().await?;
    let metadata = OwnerPhoto::of(&args.owner, &connection.client)
        .metadata()
        .await?;
    let metadata = metadata.ok_or_else(|| super::no_photo(&args.owner))?;
    if args.json {
        output::json_line(&PhotoLine::of_metadata(&args.owner, &metadata))?;
        return Ok(ExitCode::SUCCESS);
    }
    let unknown = "unknown".to_owned();
    let rows = [
        ("owner", args.owner.to_string()),
        (
            "size",
            metadata.size().map_or(unknown, |size| size.to_string()),
        ),
        (
            "content type",
            metadata.content_type().unwrap_or("unknown").to_owned(),
        ),
        (
            "media etag",
            metadata.media_etag().unwrap_or("none").to_owned(),
        ),
        (
            "id",
            metadata
                .as_graph()
                .id
                .clone()
                .unwrap_or_else(|| "none".to_owned()),
        ),
    ];
    let text: String = rows
        .iter()
        .map(|(name, value)| format!("{name:<14}{}\n", output::printable(value)))
        .collect();
    output::text(&text)?;
    Ok(ExitCode::SUCCESS)
}
