//! `graph-photo put`: a photo from a file or a pipe.

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use graph_photo::Body;
use graph_photo_model::media::{self, MAX_UPLOAD_BYTES};
use tokio::io::{AsyncRead, AsyncReadExt as _};

use crate::connection::ConnectionArgs;
use crate::exit::Usage;
use crate::output::{self, PhotoLine};
use crate::owner::{Owner, OwnerPhoto};

const EXAMPLES: &str = "\
Examples:
  graph-photo put me portrait.jpg
  convert portrait.png -resize 648x648 jpg:- | graph-photo put user:adele@contoso.com -
  graph-photo put user:adele@contoso.com portrait.jpg --base-url http://127.0.0.1:8787/v1.0";

/// Upload a photo: JPEG or PNG, at most 4,194,304 bytes, at least 48 by 48 pixels
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct PutArgs {
    /// Whose photo
    #[arg(value_name = "OWNER")]
    owner: Owner,

    /// The photo, or - for stdin
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// Print one line of JSON about the photo
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    connection: ConnectionArgs,
}

pub(crate) async fn run(args: PutArgs) -> anyhow::Result<ExitCode> {
    let bytes = read(&args.file).await?;
    let name = if is_stdin(&args.file) {
        "stdin".to_owned()
    } else {
        args.file.display().to_string()
    };
    let info = media::check_upload(&bytes).with_context(|| name)?;
    let length = bytes.len() as u64;
    let size = media::dimensions(&bytes);

    let connection = args.connection.connect().await?;
    OwnerPhoto::of(&args.owner, &connection.client)
        .put(Body::from(bytes))
        .await?;

    if args.json {
        output::json_line(&PhotoLine {
            owner: args.owner.to_string(),
            id: None,
            width: size.map(|size| size.width()),
            height: size.map(|size| size.height()),
            content_type: Some(info.content_type()),
            media_etag: None,
            bytes: Some(length),
            file: None,
        })?;
    } else {
        let size = size.map(|size| format!(", {size}")).unwrap_or_default();
        output::note(&format!(
            "put the photo of {}: {}{size}, {} bytes",
            args.owner,
            info.content_type(),
            output::grouped(length)
        ));
    }
    Ok(ExitCode::SUCCESS)
}

fn is_stdin(file: &Path) -> bool {
    file == Path::new("-")
}

/// The photo's bytes; more than Graph takes is refused before it fills the memory.
async fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    if is_stdin(file) {
        if io::IsTerminal::is_terminal(&io::stdin()) {
            return Err(Usage(
                "stdin is a terminal; pipe a photo into it or name a FILE".to_owned(),
            )
            .into());
        }
        return read_limited(tokio::io::stdin()).await.context("stdin");
    }
    let open = || format!("cannot read {}", file.display());
    let opened = tokio::fs::File::open(file).await.with_context(open)?;
    read_limited(opened).await.with_context(open)
}

async fn read_limited(reader: impl AsyncRead + Unpin) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    // One byte more than is allowed, so that the check sees that it is too much.
    reader
        .take(MAX_UPLOAD_BYTES + 1)
        .read_to_end(&mut bytes)
        .await?;
    if bytes.len() as u64 > MAX_UPLOAD_BYTES {
        anyhow::bail!(
            "more than {} bytes, which is the most that Graph takes: scale the photo down or \
             compress it more",
            output::grouped(MAX_UPLOAD_BYTES)
        );
    }
    Ok(bytes)
}
