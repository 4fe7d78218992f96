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
use crate::owner::{Owner, OwnerPhoto};
use crate::terminal::blocks::{self, Colours};
use crate::terminal::{Protocol, detect, graphics};

const EXAMPLES: &str = "\
Examples:
  graph-photo show me
  graph-photo show user:adele@contoso.com --emulator --width 24
  graph-photo show me --protocol sixel
  graph-photo show me --protocol blocks | less -R";

/// The most pixels that are decoded: far above any photo of Graph, far below what exhausts memory.
const MAX_SIDE: u32 = 8192;

/// Draw a photo in the terminal
///
/// As it is where the terminal says that it can show pictures; elsewhere from half blocks, in 256
/// colours unless COLORTERM is truecolor, and without colour if NO_COLOR is set.
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

    /// How to draw
    #[arg(long, value_enum, value_name = "PROTOCOL", default_value = "auto")]
    protocol: Protocol,

    #[command(flatten)]
    connection: ConnectionArgs,
}

pub(crate) async fn run(args: ShowArgs) -> anyhow::Result<ExitCode> {
    // Before anything is asked for: escape sequences in a file help nobody who did not say so.
    if args.protocol == Protocol::Auto && !output::stdout_is_terminal() {
        return Err(Usage(
            "stdout is no terminal; get the photo with graph-photo get, or say how to draw it, such \
             as --protocol blocks"
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
    let protocol = match args.protocol {
        Protocol::Auto => detect(|name| std::env::var(name).ok()),
        protocol => protocol,
    };
    let drawing = match protocol {
        Protocol::Kitty => graphics::kitty(&image, args.width)?,
        Protocol::Sixel => graphics::sixel(&image, args.width)?,
        Protocol::Iterm => graphics::iterm(photo.bytes(), args.width),
        Protocol::Auto | Protocol::Blocks => {
            blocks::draw(&image, args.width, Colours::of_environment())
        }
    };
    output::text(&drawing)?;
    Ok(ExitCode::SUCCESS)
}
