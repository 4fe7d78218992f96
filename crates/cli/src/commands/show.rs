//! `graph-photo show`: a photo drawn in the terminal.

use std::io::Cursor;
use std::process::ExitCode;

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::Args;
use graph_photo::Size;
use image::imageops::FilterType;
use image::{DynamicImage, ImageFormat, ImageReader};

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
/// In kitty, Ghostty and WezTerm as it is; in others from coloured half blocks.
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
    if !args.blocks && speaks_kitty() {
        return draw_in_kitty(&image, args.width).map(|()| ExitCode::SUCCESS);
    }
    output::text(&blocks(&image, args.width))?;
    Ok(ExitCode::SUCCESS)
}

/// Whether the terminal knows kitty's graphics protocol, as it says itself.
fn speaks_kitty() -> bool {
    let says = |name: &str, what: &[&str]| {
        std::env::var(name).is_ok_and(|value| what.iter().any(|one| value.contains(one)))
    };
    std::env::var_os("KITTY_WINDOW_ID").is_some()
        || says("TERM", &["kitty", "ghostty"])
        || says("TERM_PROGRAM", &["ghostty", "WezTerm"])
}

/// Draws with kitty's protocol: a PNG in base64, 4,096 characters at a time.
fn draw_in_kitty(image: &DynamicImage, columns: u32) -> anyhow::Result<()> {
    let mut png = Cursor::new(Vec::new());
    image
        .write_to(&mut png, ImageFormat::Png)
        .context("the photo cannot be drawn here")?;
    let encoded = STANDARD.encode(png.into_inner());
    let mut text = String::new();
    let mut rest = encoded.as_str();
    let mut control = format!("f=100,a=T,c={columns},");
    while !rest.is_empty() {
        // Base64 is ASCII: any place will do to cut it.
        let (now, later) = rest.split_at(rest.len().min(4096));
        text += &format!(
            "\x1b_G{control}m={};{now}\x1b\\",
            u8::from(!later.is_empty())
        );
        control.clear();
        rest = later;
    }
    output::text(&(text + "\n"))
}

/// The photo in half blocks: each character is two pixels, one above the other.
fn blocks(image: &DynamicImage, columns: u32) -> String {
    let height = (u64::from(columns) * u64::from(image.height()) / u64::from(image.width().max(1)))
        .clamp(2, u64::from(columns) * 4);
    // Whole characters only.
    let rows = u32::try_from(height.div_ceil(2)).unwrap_or(columns);
    let small = image
        .resize_exact(columns, rows * 2, FilterType::Triangle)
        .to_rgb8();
    let mut text = String::new();
    for row in 0..rows {
        for column in 0..columns {
            let [r, g, b] = small.get_pixel(column, row * 2).0;
            text += &format!("\x1b[48;2;{r};{g};{b}m");
            let [r, g, b] = small.get_pixel(column, row * 2 + 1).0;
            text += &format!("\x1b[38;2;{r};{g};{b}m\u{2584}");
        }
        text += "\x1b[0m\n";
    }
    text
}
