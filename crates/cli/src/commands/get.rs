//! `graph-photo get`: a photo into a file or a pipe.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use graph_photo::{Fit, Photo, PhotoMetadata, Size};

use crate::connection::ConnectionArgs;
use crate::exit::{NoPhoto, Usage};
use crate::output::{self, PhotoLine};
use crate::owner::{Owner, OwnerPhoto, file_id};
use crate::photo_file;

const EXAMPLES: &str = "\
Examples:
  graph-photo get user:adele@contoso.com -o adele.jpg
  graph-photo get user:adele@contoso.com -o adele      the extension follows from the photo
  graph-photo get user:adele@contoso.com -o photos/    photos/adele@contoso.com.jpg
  graph-photo get me --size 96 --fit down > me.jpg
  graph-photo get group:22222222-0000-4000-8000-000000000001 --emulator -o group";

/// Download a photo
///
/// Without -o, the bytes go to stdout, unless that is a terminal.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct GetArgs {
    /// Whose photo
    #[arg(value_name = "OWNER")]
    owner: Owner,

    /// In this size, such as 96 or 96x96, instead of the largest
    #[arg(long, value_name = "SIZE")]
    size: Option<Size>,

    /// If that size is missing: "exact" takes none, "down" the largest below it, "any" the largest
    /// below it or else the smallest above it
    #[arg(long, value_name = "FIT", default_value = "exact", requires = "size")]
    fit: Fit,

    /// Write to this file, a directory, or - for stdout. A name without extension gets the one of
    /// the photo's type
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Print one line of JSON about the photo; needs -o FILE
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    connection: ConnectionArgs,
}

pub(crate) async fn run(args: GetArgs) -> anyhow::Result<ExitCode> {
    let file = args
        .output
        .as_deref()
        .filter(|path| *path != Path::new("-"));
    // Refused before anything is transferred.
    if file.is_none() && args.json {
        return Err(
            Usage("--json and the photo cannot both go to stdout; add -o FILE".to_owned()).into(),
        );
    }
    if file.is_none() && output::stdout_is_terminal() {
        return Err(Usage(
            "a photo is no text for a terminal; add -o FILE, pipe it, or draw it with \
             graph-photo show"
                .to_owned(),
        )
        .into());
    }

    let connection = args.connection.connect().await?;
    let target = OwnerPhoto::of(&args.owner, &connection.client);
    let photo = match args.size {
        None => target.get().await?,
        Some(size) => {
            target
                .directory("keeps no sizes of")?
                .size(size)
                .fit(args.fit)
                .get()
                .await?
        }
    };
    let Some(photo) = photo else {
        return Err(match args.size {
            Some(size) => NoPhoto(format!(
                "{} has no photo of {size} (--fit {}); see graph-photo sizes {0}, or try --fit any",
                args.owner, args.fit
            )),
            None => super::no_photo(&args.owner),
        }
        .into());
    };

    let Some(file) = file else {
        output::bytes(photo.bytes())?;
        return Ok(ExitCode::SUCCESS);
    };
    let path = destination(file, &args.owner, photo.extension());
    photo_file::write(&path, photo.bytes())
        .with_context(|| format!("cannot write {}", path.display()))?;
    if args.json {
        // The bytes come without an etag; the metadata has it.
        let metadata = match args.size {
            None => target.metadata().await?,
            Some(size) => {
                target
                    .directory("keeps no sizes of")?
                    .size(size)
                    .fit(args.fit)
                    .metadata()
                    .await?
            }
        };
        print_json(&args.owner, &photo, metadata.as_ref(), &path)?;
    } else {
        output::note(&format!("wrote {}: {}", path.display(), describe(&photo)));
    }
    Ok(ExitCode::SUCCESS)
}

/// Where the photo goes: into a directory, or to a name with an extension.
fn destination(output: &Path, owner: &Owner, extension: &str) -> PathBuf {
    let directory = output
        .as_os_str()
        .to_string_lossy()
        .ends_with(['/', std::path::MAIN_SEPARATOR]);
    if directory || output.is_dir() {
        return output.join(photo_file::name(file_id(owner), extension));
    }
    match output.extension() {
        Some(_) => output.to_owned(),
        None => output.with_extension(extension),
    }
}

/// Type, size and length for people.
fn describe(photo: &Photo) -> String {
    let size = photo
        .size()
        .map(|size| format!(", {size}"))
        .unwrap_or_default();
    let bytes = output::grouped(photo.bytes().len() as u64);
    format!("{}{size}, {bytes} bytes", photo.content_type())
}

fn print_json(
    owner: &Owner,
    photo: &Photo,
    metadata: Option<&PhotoMetadata>,
    path: &Path,
) -> anyhow::Result<()> {
    let mut line = PhotoLine::of_photo(owner, photo);
    if let Some(metadata) = metadata {
        line.id = metadata.as_graph().id.as_deref();
        line.media_etag = metadata.media_etag();
    }
    let path = path.to_string_lossy();
    line.file = Some(&path);
    output::json_line(&line)
}
