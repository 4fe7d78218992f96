//! What the bytes of a photo are: kind, dimensions, and whether the service will take them.
//!
//! Only headers are read; nothing is decoded. [`check_upload`] refuses before sending what the
//! service would refuse with an error that does not say why.

mod header;

use std::fmt;

use crate::error::{Error, ErrorKind};
use crate::size::Size;

/// The largest photo that the service takes, in bytes: 4 MB (Microsoft's update page).
pub const MAX_UPLOAD_BYTES: u64 = 4_194_304;

/// The shortest side of a photo that is sent, in pixels. The true minimum is not documented; a
/// smaller photo was seen to be refused with `ValidationWidthTooSmall`, and 48 is the smallest size
/// that the service offers.
pub const MIN_UPLOAD_SIDE: u32 = 48;

/// How much of a photo [`check_upload_start`] should be given, in bytes. The header of a JPEG can
/// come after several metadata segments of 64 KiB each.
pub const UPLOAD_START_BYTES: usize = 256 * 1024;

/// An image format, as told by the first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ImageKind {
    /// JPEG; what Microsoft documents for uploads.
    Jpeg,
    /// PNG; Microsoft's admin pages upload it.
    Png,
    /// GIF.
    Gif,
    /// Windows bitmap.
    Bmp,
    /// WebP.
    Webp,
    /// HEIC or HEIF.
    Heic,
    /// AVIF.
    Avif,
    /// TIFF.
    Tiff,
}

impl ImageKind {
    /// The media type.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Gif => "image/gif",
            Self::Bmp => "image/bmp",
            Self::Webp => "image/webp",
            Self::Heic => "image/heic",
            Self::Avif => "image/avif",
            Self::Tiff => "image/tiff",
        }
    }

    /// The usual file name extension, without the dot.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::Gif => "gif",
            Self::Bmp => "bmp",
            Self::Webp => "webp",
            Self::Heic => "heic",
            Self::Avif => "avif",
            Self::Tiff => "tiff",
        }
    }

    /// The kind that a Content-Type names, parameters ignored. `image/pjpeg`, which the service
    /// sends for some photos, and the unregistered `image/jpg` are JPEG.
    ///
    /// ```
    /// use graph_photo_model::media::ImageKind;
    ///
    /// assert_eq!(ImageKind::from_content_type("image/pjpeg"), Some(ImageKind::Jpeg));
    /// assert_eq!(ImageKind::from_content_type("application/json"), None);
    /// ```
    #[must_use]
    pub fn from_content_type(content_type: &str) -> Option<Self> {
        let media_type = content_type.split(';').next().unwrap_or_default().trim();
        match media_type.to_ascii_lowercase().as_str() {
            "image/jpeg" | "image/pjpeg" | "image/jpg" => Some(Self::Jpeg),
            "image/png" | "image/x-png" => Some(Self::Png),
            "image/gif" => Some(Self::Gif),
            "image/bmp" | "image/x-ms-bmp" => Some(Self::Bmp),
            "image/webp" => Some(Self::Webp),
            "image/heic" | "image/heif" => Some(Self::Heic),
            "image/avif" => Some(Self::Avif),
            "image/tiff" => Some(Self::Tiff),
            _ => None,
        }
    }
}

/// The media type.
impl fmt::Display for ImageKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.content_type())
    }
}

/// Tells an image by its first bytes.
///
/// ```
/// use graph_photo_model::media::{ImageKind, sniff};
///
/// assert_eq!(sniff(b"\x89PNG\r\n\x1a\n"), Some(ImageKind::Png));
/// assert_eq!(sniff(b"<html>"), None);
/// ```
#[must_use]
pub fn sniff(bytes: &[u8]) -> Option<ImageKind> {
    match bytes {
        [0xFF, 0xD8, 0xFF, ..] => Some(ImageKind::Jpeg),
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1A, b'\n', ..] => Some(ImageKind::Png),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(ImageKind::Gif),
        // Two letters are too little: the four reserved bytes must be zero as well.
        [b'B', b'M', _, _, _, _, 0, 0, 0, 0, ..] => Some(ImageKind::Bmp),
        [
            b'R',
            b'I',
            b'F',
            b'F',
            _,
            _,
            _,
            _,
            b'W',
            b'E',
            b'B',
            b'P',
            ..,
        ] => Some(ImageKind::Webp),
        [b'I', b'I', 42, 0, ..] | [b'M', b'M', 0, 42, ..] => Some(ImageKind::Tiff),
        [_, _, _, _, b'f', b't', b'y', b'p', a, b, c, d, ..] => match &[*a, *b, *c, *d] {
            b"heic" | b"heix" | b"hevc" | b"hevx" | b"heim" | b"heis" | b"mif1" | b"msf1" => {
                Some(ImageKind::Heic)
            }
            b"avif" | b"avis" => Some(ImageKind::Avif),
            _ => None,
        },
        _ => None,
    }
}

/// The dimensions that the header of a JPEG, PNG or GIF states. `None` for other kinds, for a
/// header that is broken or cut off, and for a side of zero.
#[must_use]
pub fn dimensions(bytes: &[u8]) -> Option<Size> {
    match sniff(bytes)? {
        ImageKind::Jpeg => header::jpeg(bytes),
        ImageKind::Png => header::png(bytes),
        ImageKind::Gif => header::gif(bytes),
        _ => None,
    }
}

/// What is known of a photo that may be uploaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UploadInfo {
    /// The image format.
    pub kind: ImageKind,
    /// The dimensions, where the header of the format is read: JPEG, PNG and GIF.
    pub size: Option<Size>,
    /// The length in bytes.
    pub length: u64,
}

impl UploadInfo {
    /// The Content-Type to send.
    #[must_use]
    pub const fn content_type(&self) -> &'static str {
        self.kind.content_type()
    }
}

/// Checks a photo before it is uploaded.
///
/// # Errors
///
/// [`ErrorKind::TooLarge`] above [`MAX_UPLOAD_BYTES`]. [`ErrorKind::InvalidInput`] if it is empty,
/// if it is no image, if the header of a JPEG, PNG or GIF cannot be read, or if a side is shorter
/// than [`MIN_UPLOAD_SIDE`].
///
/// ```
/// use graph_photo_model::{ErrorKind, media::check_upload};
///
/// let error = check_upload(b"<html>").unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::InvalidInput);
/// ```
pub fn check_upload(bytes: &[u8]) -> Result<UploadInfo, Error> {
    check_upload_start(bytes, bytes.len() as u64)
}

/// Checks a photo that is streamed: its first bytes ([`UPLOAD_START_BYTES`], or all there are) and
/// its length. Dimensions that lie beyond the first bytes are not checked.
///
/// # Errors
///
/// Those of [`check_upload`].
pub fn check_upload_start(start: &[u8], length: u64) -> Result<UploadInfo, Error> {
    if length == 0 {
        return Err(Error::invalid_input(
            "the photo",
            "is empty; to remove a photo, use delete",
        ));
    }
    if length > MAX_UPLOAD_BYTES {
        return Err(Error::local(
            ErrorKind::TooLarge,
            format!(
                "the photo has {length} bytes and the service takes at most {MAX_UPLOAD_BYTES}; \
                 scale it down or compress it more"
            ),
        ));
    }
    let Some(kind) = sniff(start) else {
        return Err(Error::invalid_input(
            "the photo",
            "is not an image that is known here; pass the bytes of a JPEG or PNG file, not base64",
        ));
    };
    let size = dimensions(start);
    let readable = matches!(kind, ImageKind::Jpeg | ImageKind::Png | ImageKind::Gif);
    let whole = start.len() as u64 >= length;
    match size {
        Some(size) if size.width().min(size.height()) < MIN_UPLOAD_SIDE => {
            Err(Error::invalid_input(
                "the photo",
                format!(
                    "is {size} pixels and the service refuses less than {MIN_UPLOAD_SIDE}x{MIN_UPLOAD_SIDE}; \
                     use a larger one"
                ),
            ))
        }
        None if readable && whole => Err(Error::invalid_input(
            "the photo",
            format!("starts like {kind} but its header is broken or cut off; save it anew"),
        )),
        _ => Ok(UploadInfo { kind, size, length }),
    }
}

#[cfg(test)]
mod tests;
