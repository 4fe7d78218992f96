//! Pictures in pixels.

use std::io::Cursor;

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use icy_sixel::SixelImage;
use image::imageops::FilterType;
use image::{DynamicImage, ImageFormat};

/// kitty's protocol: a PNG in base64, 4,096 characters at a time. The terminal scales.
pub(crate) fn kitty(image: &DynamicImage, columns: u32) -> anyhow::Result<String> {
    let mut png = Cursor::new(Vec::new());
    image
        .write_to(&mut png, ImageFormat::Png)
        .context("the photo cannot be drawn here")?;
    let encoded = STANDARD.encode(png.into_inner());
    let mut text = String::with_capacity(encoded.len() + encoded.len() / 256 + 64);
    let mut rest = encoded.as_str();
    // f=100: PNG; a=T: show it at once; c: so many columns.
    let mut control = format!("f=100,a=T,c={columns},");
    while !rest.is_empty() {
        // Base64 is ASCII: any place will do to cut it.
        let (now, later) = rest.split_at(rest.len().min(4096));
        let more = u8::from(!later.is_empty());
        text += &format!("\x1b_G{control}m={more};{now}\x1b\\");
        control.clear();
        rest = later;
    }
    Ok(text + "\n")
}

/// iTerm2's protocol: the file as it is, in base64. The terminal decodes and scales.
pub(crate) fn iterm(photo: &[u8], columns: u32) -> String {
    format!(
        "\x1b]1337;File=inline=1;size={};width={columns};preserveAspectRatio=1:{}\x07\n",
        photo.len(),
        STANDARD.encode(photo)
    )
}

/// How wide a column is in pixels, more or less everywhere, and the widest drawing.
const COLUMN: u32 = 10;
const WIDEST: u32 = 1600;

/// DEC's sixels, in 256 colours chosen for this photo.
pub(crate) fn sixel(image: &DynamicImage, columns: u32) -> anyhow::Result<String> {
    let width = columns.saturating_mul(COLUMN).min(WIDEST);
    // Three times as high as wide is higher than any portrait.
    let scaled = image.resize(width, width.saturating_mul(3), FilterType::Triangle);
    let scaled = scaled.into_rgba8();
    let (width, height) = (scaled.width() as usize, scaled.height() as usize);
    let sixels = SixelImage::try_from_rgba(scaled.into_raw(), width, height)
        .and_then(|image| image.encode())
        .context("the photo cannot be drawn in sixels")?;
    Ok(sixels + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Red on the left, blue on the right.
    fn picture() -> DynamicImage {
        let image = image::RgbImage::from_fn(40, 20, |x, _| {
            image::Rgb(if x < 20 { [255, 0, 0] } else { [0, 0, 255] })
        });
        DynamicImage::ImageRgb8(image)
    }

    #[test]
    fn kittys_chunks_are_one_png() {
        // Noise does not compress, so that there are several chunks.
        let mut state = 1_u32;
        let noise = image::RgbImage::from_fn(64, 64, |_, _| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            image::Rgb([(state >> 24) as u8, (state >> 16) as u8, (state >> 8) as u8])
        });
        let noise = DynamicImage::ImageRgb8(noise);
        let text = kitty(&noise, 12).unwrap();
        let chunks: Vec<&str> = text.trim_end().split_terminator("\x1b\\").collect();
        assert!(chunks.len() > 1);
        let mut payload = String::new();
        for (index, chunk) in chunks.iter().enumerate() {
            let (control, data) = chunk
                .strip_prefix("\x1b_G")
                .and_then(|chunk| chunk.split_once(';'))
                .unwrap();
            let more = u8::from(index + 1 < chunks.len());
            let expected = match index {
                0 => format!("f=100,a=T,c=12,m={more}"),
                _ => format!("m={more}"),
            };
            assert_eq!(control, expected);
            assert!(data.len() <= 4096);
            payload += data;
        }
        let png = STANDARD.decode(payload).unwrap();
        assert!(image::load_from_memory(&png).unwrap() == noise);
    }

    #[test]
    fn iterm_gets_the_file_itself() {
        assert_eq!(
            iterm(b"photo", 7),
            "\x1b]1337;File=inline=1;size=5;width=7;preserveAspectRatio=1:cGhvdG8=\x07\n"
        );
    }

    #[test]
    fn sixels_are_the_picture() {
        let text = sixel(&picture(), 8).unwrap();
        assert!(text.starts_with("\x1bP") && text.ends_with("\x1b\\\n"));
        let decoded = SixelImage::decode(text.trim_end().as_bytes()).unwrap();
        // Sixels come in sixes: what is drawn is 40 pixels high.
        assert_eq!(decoded.dimensions(), (80, 42));
        let pixel = |x: usize| &decoded.pixels[(20 * 80 + x) * 4..][..3];
        assert!(pixel(5)[0] > 240 && pixel(5)[2] < 15, "{:?}", pixel(5));
        assert!(pixel(75)[0] < 15 && pixel(75)[2] > 240, "{:?}", pixel(75));
    }
}
