//! Pictures in characters, each of them two pixels, one above the other.

use std::fmt::Write as _;

use image::imageops::FilterType;
use image::{DynamicImage, RgbImage};

/// The colours that a terminal has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Colours {
    /// 24 bits for each.
    True,
    /// xterm's 256.
    Indexed,
    /// None, or none are wanted (NO_COLOR).
    None,
}

impl Colours {
    /// What the environment says, by the conventions that programs share.
    pub(crate) fn of_environment() -> Colours {
        if anstyle_query::no_color() || !anstyle_query::term_supports_color() {
            Colours::None
        } else if anstyle_query::truecolor() {
            Colours::True
        } else {
            Colours::Indexed
        }
    }
}

/// Characters that get brighter from left to right on a dark ground.
const SHADES: &[u8] = b" .:-=+*#%@";

/// Draws a picture `columns` wide.
pub(crate) fn draw(image: &DynamicImage, columns: u32, colours: Colours) -> String {
    let height = (u64::from(columns) * u64::from(image.height()) / u64::from(image.width().max(1)))
        .clamp(2, u64::from(columns) * 4);
    // Whole characters only.
    let rows = u32::try_from(height.div_ceil(2)).unwrap_or(columns);
    if colours == Colours::None {
        return shades(image, columns, rows);
    }
    let small = image
        .resize_exact(columns, rows * 2, FilterType::Triangle)
        .to_rgb8();
    let mut text = String::new();
    for row in 0..rows {
        for column in 0..columns {
            paint(&mut text, 48, colour(&small, column, row * 2, colours));
            paint(&mut text, 38, colour(&small, column, row * 2 + 1, colours));
            text.push('\u{2584}');
        }
        text += "\x1b[0m\n";
    }
    text
}

/// A colour as escape sequences name it.
enum Colour {
    True([u8; 3]),
    Indexed(u8),
}

fn colour(image: &RgbImage, x: u32, y: u32, colours: Colours) -> Colour {
    let rgb = image.get_pixel(x, y).0;
    match colours {
        Colours::Indexed => Colour::Indexed(indexed(rgb)),
        _ => Colour::True(rgb),
    }
}

/// Begins a colour: `ground` is 48 behind and 38 before.
fn paint(text: &mut String, ground: u8, colour: Colour) {
    // Writing into a string cannot fail.
    let _ = match colour {
        Colour::True([r, g, b]) => write!(text, "\x1b[{ground};2;{r};{g};{b}m"),
        Colour::Indexed(index) => write!(text, "\x1b[{ground};5;{index}m"),
    };
}

/// The closest of xterm's colours that no theme changes: a cube of 6 x 6 x 6 from 16 on, and 24
/// greys from 232 on.
fn indexed([r, g, b]: [u8; 3]) -> u8 {
    anstyle_lossy::rgb_to_xterm(anstyle::RgbColor(r, g, b)).index()
}

/// One character for two pixels, by their brightness.
fn shades(image: &DynamicImage, columns: u32, rows: u32) -> String {
    let small = image
        .resize_exact(columns, rows, FilterType::Triangle)
        .to_luma8();
    let mut text = String::new();
    for row in small.rows() {
        let line: String = row
            .map(|pixel| {
                let shade = usize::from(pixel.0[0]) * (SHADES.len() - 1) / 255;
                SHADES.get(shade).map_or(' ', |shade| char::from(*shade))
            })
            .collect();
        text += line.trim_end();
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// White above, red below, four pixels wide.
    fn picture() -> DynamicImage {
        DynamicImage::ImageRgb8(RgbImage::from_fn(4, 4, |_, y| {
            image::Rgb(if y < 2 { [255, 255, 255] } else { [255, 0, 0] })
        }))
    }

    #[test]
    fn the_colours_are_those_that_there_are() {
        insta::assert_snapshot!(format!(
            "{:?}\n{:?}\n{:?}",
            draw(&picture(), 2, Colours::True),
            draw(&picture(), 2, Colours::Indexed),
            draw(&picture(), 4, Colours::None),
        ));
    }

    #[test]
    fn indexed_colours_are_close() {
        for (rgb, index) in [
            ([0, 0, 0], 16),
            ([255, 255, 255], 231),
            ([255, 0, 0], 196),
            ([8, 8, 8], 232),
            ([95, 135, 175], 67),
        ] {
            assert_eq!(indexed(rgb), index, "{rgb:?}");
        }
    }
}
