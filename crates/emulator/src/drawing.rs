//! Pictures for people who do not exist: a coloured disc with initials.
//!
//! They are real JPEGs, drawn at start, and each owner's differs enough to be
//! told apart at 48 pixels.

use bytes::Bytes;
use image::{Rgb, RgbImage};

use crate::photo::{PhotoError, encode_jpeg};

const GROUND: [u8; 3] = [246, 246, 248];
const INK: [u8; 3] = [255, 255, 255];

/// Draws a square JPEG of `side` pixels: a disc in the colour of `hue`
/// (0 to 359 degrees) with up to three letters or digits on it.
///
/// Rows are copied from ready-made ones: tests start emulators by the dozen,
/// in builds that are not optimised.
pub(crate) fn disc(side: u32, hue: u16, initials: &str) -> Result<Bytes, PhotoError> {
    let disc = colour(hue);
    let width = side as usize;
    let ground_row = GROUND.repeat(width);
    let disc_row = disc.repeat(width);
    let mut pixels = Vec::with_capacity(width * width * 3);
    let centre = f64::from(side) / 2.0;
    let radius = centre * 0.94;
    for y in 0..side {
        let dy = f64::from(y) + 0.5 - centre;
        let half = (radius * radius - dy * dy).max(0.0).sqrt();
        let left = (centre - half).max(0.0);
        let (from, to) = (left.ceil() as usize, width - left.ceil() as usize);
        let start = pixels.len();
        pixels.extend_from_slice(&ground_row);
        if half < 1.0 || from >= to {
            continue;
        }
        pixels[start + from * 3..start + to * 3].copy_from_slice(&disc_row[..(to - from) * 3]);
        // The pixel at each edge is partly covered; a hard edge would show.
        let edge = mix(GROUND, disc, left.ceil() - left);
        for x in [from.saturating_sub(1), to.min(width - 1)] {
            pixels[start + x * 3..start + x * 3 + 3].copy_from_slice(&edge);
        }
    }
    let mut image = RgbImage::from_vec(side, side, pixels).ok_or(PhotoError::NotAnImage)?;
    let glyphs: Vec<[u8; 7]> = initials.chars().take(3).filter_map(glyph).collect();
    // Each glyph is 5 cells wide and 7 high, with one cell between glyphs.
    let cells = glyphs.len() as u32 * 6;
    if cells > 0 {
        let cell = (side * 6 / 10 / (cells - 1).max(11)).max(1);
        let left = side.saturating_sub(cell * (cells - 1)) / 2;
        let top = side.saturating_sub(cell * 7) / 2;
        for (n, rows) in glyphs.iter().enumerate() {
            for (row, bits) in rows.iter().enumerate() {
                for column in (0..5).filter(|column| bits & (0b10000 >> column) != 0) {
                    let x = left + (n as u32 * 6 + column) * cell;
                    let y = top + row as u32 * cell;
                    fill(&mut image, x, y, cell);
                }
            }
        }
    }
    encode_jpeg(&image, 90)
}

fn fill(image: &mut RgbImage, left: u32, top: u32, side: u32) {
    for y in top..top + side {
        for x in left..left + side {
            if let Some(pixel) = image.get_pixel_mut_checked(x, y) {
                *pixel = Rgb(INK);
            }
        }
    }
}

/// A strong, darkish colour on which white letters read well.
fn colour(hue: u16) -> [u8; 3] {
    let sector = f64::from(hue % 360) / 60.0;
    let rising = 1.0 - (sector % 2.0 - 1.0).abs();
    let (r, g, b) = match sector as u8 {
        0 => (1.0, rising, 0.0),
        1 => (rising, 1.0, 0.0),
        2 => (0.0, 1.0, rising),
        3 => (0.0, rising, 1.0),
        4 => (rising, 0.0, 1.0),
        _ => (1.0, 0.0, rising),
    };
    let channel = |c: f64| (38.0 + c * 142.0) as u8;
    [channel(r), channel(g), channel(b)]
}

fn mix(from: [u8; 3], to: [u8; 3], share: f64) -> [u8; 3] {
    let channel =
        |i: usize| (f64::from(from[i]) * (1.0 - share) + f64::from(to[i]) * share).round() as u8;
    [channel(0), channel(1), channel(2)]
}

/// Seven rows of five cells, the leftmost cell in the highest of five bits.
fn glyph(letter: char) -> Option<[u8; 7]> {
    Some(match letter.to_ascii_uppercase() {
        'A' => [0x0e, 0x11, 0x11, 0x1f, 0x11, 0x11, 0x11],
        'B' => [0x1e, 0x11, 0x11, 0x1e, 0x11, 0x11, 0x1e],
        'C' => [0x0e, 0x11, 0x10, 0x10, 0x10, 0x11, 0x0e],
        'D' => [0x1e, 0x11, 0x11, 0x11, 0x11, 0x11, 0x1e],
        'E' => [0x1f, 0x10, 0x10, 0x1e, 0x10, 0x10, 0x1f],
        'F' => [0x1f, 0x10, 0x10, 0x1e, 0x10, 0x10, 0x10],
        'G' => [0x0e, 0x11, 0x10, 0x17, 0x11, 0x11, 0x0f],
        'H' => [0x11, 0x11, 0x11, 0x1f, 0x11, 0x11, 0x11],
        'I' => [0x0e, 0x04, 0x04, 0x04, 0x04, 0x04, 0x0e],
        'J' => [0x07, 0x02, 0x02, 0x02, 0x02, 0x12, 0x0c],
        'K' => [0x11, 0x12, 0x14, 0x18, 0x14, 0x12, 0x11],
        'L' => [0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x1f],
        'M' => [0x11, 0x1b, 0x15, 0x15, 0x11, 0x11, 0x11],
        'N' => [0x11, 0x19, 0x15, 0x13, 0x11, 0x11, 0x11],
        'O' => [0x0e, 0x11, 0x11, 0x11, 0x11, 0x11, 0x0e],
        'P' => [0x1e, 0x11, 0x11, 0x1e, 0x10, 0x10, 0x10],
        'Q' => [0x0e, 0x11, 0x11, 0x11, 0x15, 0x12, 0x0d],
        'R' => [0x1e, 0x11, 0x11, 0x1e, 0x14, 0x12, 0x11],
        'S' => [0x0f, 0x10, 0x10, 0x0e, 0x01, 0x01, 0x1e],
        'T' => [0x1f, 0x04, 0x04, 0x04, 0x04, 0x04, 0x04],
        'U' => [0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x0e],
        'V' => [0x11, 0x11, 0x11, 0x11, 0x11, 0x0a, 0x04],
        'W' => [0x11, 0x11, 0x11, 0x15, 0x15, 0x1b, 0x11],
        'X' => [0x11, 0x11, 0x0a, 0x04, 0x0a, 0x11, 0x11],
        'Y' => [0x11, 0x11, 0x0a, 0x04, 0x04, 0x04, 0x04],
        'Z' => [0x1f, 0x01, 0x02, 0x04, 0x08, 0x10, 0x1f],
        '0' => [0x0e, 0x11, 0x13, 0x15, 0x19, 0x11, 0x0e],
        '1' => [0x04, 0x0c, 0x04, 0x04, 0x04, 0x04, 0x0e],
        '2' => [0x0e, 0x11, 0x01, 0x06, 0x08, 0x10, 0x1f],
        '3' => [0x0e, 0x11, 0x01, 0x06, 0x01, 0x11, 0x0e],
        '4' => [0x02, 0x06, 0x0a, 0x12, 0x1f, 0x02, 0x02],
        '5' => [0x1f, 0x10, 0x1e, 0x01, 0x01, 0x11, 0x0e],
        '6' => [0x06, 0x08, 0x10, 0x1e, 0x11, 0x11, 0x0e],
        '7' => [0x1f, 0x01, 0x02, 0x04, 0x08, 0x08, 0x08],
        '8' => [0x0e, 0x11, 0x11, 0x0e, 0x11, 0x11, 0x0e],
        '9' => [0x0e, 0x11, 0x11, 0x0f, 0x01, 0x02, 0x0c],
        _ => return None,
    })
}
