//! The dimensions in the headers of JPEG, PNG and GIF files. Any bytes may be passed.

use crate::size::Size;

fn be16(bytes: &[u8], at: usize) -> Option<u32> {
    let (pair, _) = bytes.get(at..)?.split_first_chunk::<2>()?;
    Some(u32::from(u16::from_be_bytes(*pair)))
}

fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    let (word, _) = bytes.get(at..)?.split_first_chunk::<4>()?;
    Some(u32::from_be_bytes(*word))
}

/// Walks the segments to the frame header (SOF0 to SOF15: baseline, progressive and the rest).
pub(super) fn jpeg(bytes: &[u8]) -> Option<Size> {
    let mut at = 2;
    loop {
        if *bytes.get(at)? != 0xFF {
            return None;
        }
        // Any number of fill bytes may precede a marker.
        while *bytes.get(at)? == 0xFF {
            at += 1;
        }
        let marker = *bytes.get(at)?;
        at += 1;
        match marker {
            // Markers that stand alone.
            0x01 | 0xD0..=0xD8 => continue,
            // End of image or start of scan: a frame header would have come before.
            0x00 | 0xD9 | 0xDA => return None,
            // DHT, JPG and DAC share the range of the frame headers.
            0xC0..=0xCF if !matches!(marker, 0xC4 | 0xC8 | 0xCC) => {
                // Length, precision, height, width, number of components.
                let height = be16(bytes, at + 3)?;
                let width = be16(bytes, at + 5)?;
                let components = usize::from(*bytes.get(at + 7)?);
                let length = be16(bytes, at)? as usize;
                let complete = components > 0 && length == 8 + 3 * components;
                return complete.then(|| Size::new(width, height).ok())?;
            }
            _ => {
                let length = be16(bytes, at)? as usize;
                // The length counts its own two bytes.
                if length < 2 {
                    return None;
                }
                at += length;
            }
        }
    }
}

/// The first chunk must be IHDR, 13 bytes long.
pub(super) fn png(bytes: &[u8]) -> Option<Size> {
    if be32(bytes, 8)? != 13 || bytes.get(12..16)? != b"IHDR" || bytes.len() < 33 {
        return None;
    }
    let (width, height) = (be32(bytes, 16)?, be32(bytes, 20)?);
    // The PNG specification limits both to 31 bits.
    let limit = i32::MAX.unsigned_abs();
    if width > limit || height > limit {
        return None;
    }
    Size::new(width, height).ok()
}

/// The logical screen follows the signature.
pub(super) fn gif(bytes: &[u8]) -> Option<Size> {
    let le16 = |at: usize| {
        let (pair, _) = bytes.get(at..)?.split_first_chunk::<2>()?;
        Some(u32::from(u16::from_le_bytes(*pair)))
    };
    // Screen descriptor of seven bytes.
    if bytes.len() < 13 {
        return None;
    }
    Size::new(le16(6)?, le16(8)?).ok()
}
