//! `graph-photo show`: a photo drawn in the terminal.

use std::io::Cursor;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use graph_photo::Size;
use image::ImageReader;

use crate::connection::ConnectionArgs;
use crate::exit::Usage;
use crate::output;
use crate::owner::Owner;

const EXAMPLES: &str = "\
Examples:
  graph-photo show me
  graph-photo show user:adele@contoso.com --emulator --width 24";

/// The most pixels that are decoded: far above any photo of Graph, far below what exhausts memory.
const MAX_SIDE: u32 = 8192;

/// Draw a photo in the terminal
///
/// In kitty, iTerm2, and terminals with sixels as it is; in others from coloured half blocks.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ShowArgs {
    /// Whose photo
    #[arg(value_name = "OWNER")]
    owner: Owner,

    /// The width of the drawing, in columns
    #[arg(long, value_name = "COLUMNS", default_value_t = 40,
          value_parser = clap::value_parser!(u32).range(1..=1000))]
    width: u32,

    /// In this size, such as 96 or 96x96, instead of the largest
    #[arg(long, value_name = "SIZE")]
    size: Option<Size>,

    /// Draw with half blocks, even where the terminal could do better or stdout is none
    #[arg(long)]
    blocks: bool,

    #[command(flatten)]
    connection: ConnectionArgs,
}

pub(crate) async fn run(args: ShowArgs) -> anyhow::Result<ExitCode> {
    if !args.blocks && !output::stdout_is_terminal() {
        return Err(Usage(
            "stdout is no terminal; get the photo with graph-photo get, or add --blocks".to_owned(),
        )
        .into());
    }
    let connection = args.connection.connect().await?;
    let target = args.owner.photo(&connection.client);
    let photo = match args.size {
        None => target.get().await?,
        Some(size) => {
            target
                .directory("keeps no sizes of")?
                .size(size)
                .get()
                .await?
        }
    };
    let photo = photo.ok_or_else(|| super::no_photo(&args.owner))?;

    let mut reader = ImageReader::new(Cursor::new(photo.bytes()))
        .with_guessed_format()
        .context("the photo cannot be read")?;
    let mut limits = image::Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    reader.limits(limits);
    let image = reader.decode().with_context(|| {
        format!(
            "the photo ({}) cannot be drawn; get it with graph-photo get",
            photo.content_type()
        )
    })?;
    let config = viuer::Config {
        width: Some(args.width),
        absolute_offset: false,
        use_kitty: !args.blocks,
        use_iterm: !args.blocks,
        use_sixel: !args.blocks,
        // Asked of the terminal by viuer's own rule where it may use more than blocks.
        ..viuer::Config::default()
    };
    viuer::print(&image, &config).context("the photo cannot be drawn here")?;
    Ok(ExitCode::SUCCESS)
}
