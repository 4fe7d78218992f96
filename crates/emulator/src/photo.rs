//! Photos: what an upload must be, and what sizes come of it.
//!
//! Checks go from cheap to dear, so that no hostile file costs much: the
//! first bytes name the format, the header gives width and height, and only
//! an image of sane size is decoded, under a memory limit.

use std::io::Cursor;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use bytes::{BufMut, Bytes, BytesMut};
use image::codecs::jpeg::JpegEncoder;
use image::imageops::FilterType;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, RgbImage};

/// The largest upload, in bytes: 4 MB. Microsoft's page on updating a photo
/// gives the number.
pub const MAX_UPLOAD_BYTES: usize = 4_194_304;

/// The shortest side of an upload, in pixels. Observed: Graph refuses less
/// with `ValidationWidthTooSmall`; no page of Microsoft gives the number.
pub const MIN_SIDE: u32 = 48;

/// The sizes of a photo in Microsoft 365, in pixels a side; all are squares.
pub const SIZES: [u32; 9] = [48, 64, 96, 120, 240, 360, 432, 504, 648];

/// More pixels than any camera's picture under 4 MB has. Beyond it an image
/// counts as one that cannot be decoded.
const MAX_PIXELS: u64 = 50_000_000;

/// What the decoder may allocate for one image.
const MAX_DECODED_BYTES: u64 = 256 * 1024 * 1024;

/// The media types in which photos are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum MediaType {
    Jpeg,
    /// JPEG under the name that older Windows software gives it. Graph reports
    /// it for photos that were uploaded so.
    Pjpeg,
    Png,
    Gif,
}

impl MediaType {
    pub(crate) const ALL: [MediaType; 4] = [
        MediaType::Jpeg,
        MediaType::Pjpeg,
        MediaType::Png,
        MediaType::Gif,
    ];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            MediaType::Jpeg => "image/jpeg",
            MediaType::Pjpeg => "image/pjpeg",
            MediaType::Png => "image/png",
            MediaType::Gif => "image/gif",
        }
    }

    /// The format that the first bytes announce.
    fn sniff(bytes: &[u8]) -> Option<MediaType> {
        if bytes.starts_with(&[0xff, 0xd8, 0xff]) {
            Some(MediaType::Jpeg)
        } else if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
            Some(MediaType::Png)
        } else if bytes.starts_with(b"GIF87a") || bytes.starts_with(b"GIF89a") {
            Some(MediaType::Gif)
        } else {
            None
        }
    }

    fn format(self) -> ImageFormat {
        match self {
            MediaType::Jpeg | MediaType::Pjpeg => ImageFormat::Jpeg,
            MediaType::Png => ImageFormat::Png,
            MediaType::Gif => ImageFormat::Gif,
        }
    }
}

/// Why bytes are not accepted as a photo.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PhotoError {
    /// Not a JPEG, PNG or GIF that can be decoded, or one of more than
    /// 50 million pixels.
    #[error("the file is not an image that can be decoded")]
    NotAnImage,
    /// A side is shorter than [`MIN_SIDE`].
    #[error("the image is {width}x{height} pixels; a side must have at least 48")]
    TooSmall {
        /// Pixels across.
        width: u32,
        /// Pixels down.
        height: u32,
    },
    /// More than [`MAX_UPLOAD_BYTES`].
    #[error("the image has {0} bytes; at most 4,194,304 are allowed")]
    TooLarge(usize),
}

/// A stored photo: the uploaded bytes, untouched, and the sizes made of them.
#[derive(Debug)]
pub(crate) struct Photo {
    bytes: Bytes,
    media_type: MediaType,
    width: u32,
    height: u32,
    checksum: u32,
    /// One picture of one size, as directory photos (Entra) are; otherwise the
    /// nine documented sizes, as far as the upload reaches.
    single_size: bool,
    renditions: OnceLock<Vec<Bytes>>,
    /// For a photo that differs from another one by a comment only: that one,
    /// whose sizes are shared, and the comment.
    template: Option<(Arc<Photo>, String)>,
}

/// One of a photo's sizes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) width: u32,
    pub(crate) height: u32,
}

/// Reads `48x48`, in any case.
pub(crate) fn parse_size(text: &str) -> Option<Size> {
    let (width, height) = text.split_once(['x', 'X'])?;
    let number = |s: &str| {
        let digits = (1..=5).contains(&s.len()) && s.bytes().all(|b| b.is_ascii_digit());
        if digits { s.parse().ok() } else { None }
    };
    Some(Size {
        width: number(width)?,
        height: number(height)?,
    })
}

impl Photo {
    /// Takes an upload: checks it and keeps it. Decodes the image, so it
    /// belongs on a thread that may be busy for some milliseconds.
    pub(crate) fn upload(bytes: Bytes, declared: Option<&str>) -> Result<Photo, PhotoError> {
        if bytes.len() > MAX_UPLOAD_BYTES {
            return Err(PhotoError::TooLarge(bytes.len()));
        }
        let mut media_type = MediaType::sniff(&bytes).ok_or(PhotoError::NotAnImage)?;
        if media_type == MediaType::Jpeg
            && declared.is_some_and(|d| d.eq_ignore_ascii_case("image/pjpeg"))
        {
            media_type = MediaType::Pjpeg;
        }
        let (width, height) = dimensions(&bytes, media_type)?;
        if width < MIN_SIDE || height < MIN_SIDE {
            return Err(PhotoError::TooSmall { width, height });
        }
        decode(&bytes, media_type)?;
        Ok(Photo::trusted(bytes, media_type, width, height, false))
    }

    /// A picture kept in the directory, of its one size.
    pub(crate) fn directory(bytes: Bytes) -> Result<Photo, PhotoError> {
        let mut photo = Photo::upload(bytes, None)?;
        photo.single_size = true;
        Ok(photo)
    }

    /// A photo that was checked before, or drawn here.
    pub(crate) fn trusted(
        bytes: Bytes,
        media_type: MediaType,
        width: u32,
        height: u32,
        single_size: bool,
    ) -> Photo {
        Photo {
            checksum: crc32fast::hash(&bytes),
            bytes,
            media_type,
            width,
            height,
            single_size,
            renditions: OnceLock::new(),
            template: None,
        }
    }

    /// The JPEG `template` with a comment put in: other bytes and another
    /// media etag, in every size, without drawing or encoding.
    pub(crate) fn commented(template: &Arc<Photo>, comment: String) -> Photo {
        let bytes = with_comment(&template.bytes, &comment);
        Photo {
            template: Some((template.clone(), comment)),
            ..Photo::trusted(
                bytes,
                template.media_type,
                template.width,
                template.height,
                template.single_size,
            )
        }
    }

    pub(crate) fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    pub(crate) fn media_type(&self) -> MediaType {
        self.media_type
    }

    pub(crate) fn dimensions(&self) -> Size {
        Size {
            width: self.width,
            height: self.height,
        }
    }

    pub(crate) fn is_single_size(&self) -> bool {
        self.single_size
    }

    /// The media etag, quotes included: `"BA09D118"`.
    pub(crate) fn etag(&self) -> String {
        format!("\"{:08X}\"", self.checksum)
    }

    /// The media etag of one size: it changes when the upload does.
    pub(crate) fn sized_etag(&self, size: Size) -> String {
        if self.serves_verbatim(size) {
            return self.etag();
        }
        let mut hasher = crc32fast::Hasher::new_with_initial(self.checksum);
        hasher.update(&size.width.to_be_bytes());
        format!("\"{:08X}\"", hasher.finalize())
    }

    /// The media type of one size: what was uploaded where the upload is that
    /// size, else JPEG.
    pub(crate) fn sized_media_type(&self, size: Size) -> MediaType {
        if self.serves_verbatim(size) {
            self.media_type
        } else {
            MediaType::Jpeg
        }
    }

    /// The sizes there are: every documented one up to the upload's own.
    pub(crate) fn sizes(&self) -> Vec<Size> {
        if self.single_size {
            return vec![self.dimensions()];
        }
        self.documented_sides()
            .map(|side| Size {
                width: side,
                height: side,
            })
            .collect()
    }

    pub(crate) fn has_size(&self, size: Size) -> bool {
        if self.single_size {
            size == self.dimensions()
        } else {
            size.width == size.height && self.documented_sides().any(|side| side == size.width)
        }
    }

    fn documented_sides(&self) -> impl Iterator<Item = u32> + use<> {
        let longest = self.width.min(self.height);
        SIZES.into_iter().filter(move |side| *side <= longest)
    }

    /// The upload itself answers for its own size, unless it may be
    /// transparent: sizes come out on a white ground.
    fn serves_verbatim(&self, size: Size) -> bool {
        self.single_size
            || (size == self.dimensions()
                && matches!(self.media_type, MediaType::Jpeg | MediaType::Pjpeg))
    }

    /// Whether [`Photo::sized`] would answer without decoding anything.
    pub(crate) fn is_rendered(&self, size: Size) -> bool {
        match &self.template {
            _ if self.serves_verbatim(size) => true,
            Some((template, _)) => template.is_rendered(size),
            None => self.renditions.get().is_some(),
        }
    }

    /// The bytes of one size, or `None` when there is no such size. The first
    /// call makes all sizes of this upload, which takes some milliseconds;
    /// later ones copy nothing.
    pub(crate) fn sized(
        &self,
        size: Size,
        renders: &AtomicU64,
    ) -> Result<Option<Bytes>, PhotoError> {
        if !self.has_size(size) {
            return Ok(None);
        }
        if self.serves_verbatim(size) {
            return Ok(Some(self.bytes.clone()));
        }
        if let Some((template, comment)) = &self.template {
            let bytes = template.sized(size, renders)?;
            return Ok(bytes.map(|bytes| with_comment(&bytes, comment)));
        }
        let renditions = match self.renditions.get() {
            Some(renditions) => renditions,
            None => {
                // Rendered inside get_or_init, so that of many first requests
                // one does the work and the others wait for it.
                let mut failure = None;
                let renditions = self.renditions.get_or_init(|| {
                    renders.fetch_add(1, Ordering::Relaxed);
                    self.render().unwrap_or_else(|error| {
                        failure = Some(error);
                        Vec::new()
                    })
                });
                if let Some(error) = failure {
                    return Err(error);
                }
                renditions
            }
        };
        let at = SIZES.iter().position(|side| *side == size.width);
        Ok(at.and_then(|at| renditions.get(at)).cloned())
    }

    fn render(&self) -> Result<Vec<Bytes>, PhotoError> {
        let square = on_white(decode(&self.bytes, self.media_type)?);
        self.documented_sides()
            .map(|side| {
                let small = image::imageops::resize(&square, side, side, FilterType::CatmullRom);
                encode_jpeg(&small, 88)
            })
            .collect()
    }
}

/// The centre square of an image, at most twice the largest size, without
/// transparency.
fn on_white(image: DynamicImage) -> RgbImage {
    let side = image.width().min(image.height());
    let (left, top) = ((image.width() - side) / 2, (image.height() - side) / 2);
    // Averaging first keeps the slow, good filter off a camera's picture; doing
    // so on a view keeps a second copy of it out of memory.
    let image = if side > 1296 {
        let square = image::imageops::crop_imm(&image, left, top, side, side);
        image::imageops::thumbnail(&*square, 1296, 1296).into()
    } else {
        image.crop_imm(left, top, side, side)
    };
    if !image.color().has_alpha() {
        return image.into_rgb8();
    }
    let rgba = image.into_rgba8();
    RgbImage::from_fn(rgba.width(), rgba.height(), |x, y| {
        let [r, g, b, a] = rgba.get_pixel(x, y).0;
        let blend =
            |c: u8| ((u32::from(c) * u32::from(a) + 255 * (255 - u32::from(a))) / 255) as u8;
        image::Rgb([blend(r), blend(g), blend(b)])
    })
}

/// What a comment segment takes besides the comment: a marker and a length.
pub(crate) const COMMENT_OVERHEAD: usize = 4;

/// Fills a JPEG up to at least `length` bytes, and at most three more, with comments that say
/// nothing.
pub(crate) fn padded(jpeg: &[u8], length: usize) -> Bytes {
    /// The most that a segment of JPEG holds.
    const LONGEST: usize = 65_533;
    let (start, rest) = jpeg.split_at(jpeg.len().min(2));
    let mut out = BytesMut::with_capacity(length.max(jpeg.len()) + COMMENT_OVERHEAD);
    out.put_slice(start);
    let mut missing = length.saturating_sub(jpeg.len());
    while missing > 0 {
        let comment = missing.saturating_sub(COMMENT_OVERHEAD).min(LONGEST);
        out.put_slice(&[0xff, 0xfe]);
        out.put_u16(comment as u16 + 2);
        out.put_bytes(b' ', comment);
        missing = missing.saturating_sub(comment + COMMENT_OVERHEAD);
    }
    out.put_slice(rest);
    out.freeze()
}

/// Puts a comment segment behind the marker that starts every JPEG.
fn with_comment(jpeg: &[u8], comment: &str) -> Bytes {
    let comment = &comment.as_bytes()[..comment.len().min(1000)];
    let (start, rest) = jpeg.split_at(jpeg.len().min(2));
    let mut out = BytesMut::with_capacity(jpeg.len() + comment.len() + 4);
    out.put_slice(start);
    out.put_slice(&[0xff, 0xfe]);
    out.put_u16(comment.len() as u16 + 2);
    out.put_slice(comment);
    out.put_slice(rest);
    out.freeze()
}

/// Encodes as JPEG. Fails only for images without pixels or wider than
/// JPEG's 65,535.
pub(crate) fn encode_jpeg(image: &RgbImage, quality: u8) -> Result<Bytes, PhotoError> {
    let mut out = Vec::new();
    JpegEncoder::new_with_quality(&mut out, quality)
        .encode_image(image)
        .map_err(|_| PhotoError::NotAnImage)?;
    Ok(out.into())
}

fn decoder(bytes: &[u8], media_type: MediaType) -> Result<impl ImageDecoder + '_, PhotoError> {
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_DECODED_BYTES);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), media_type.format());
    reader.limits(limits);
    reader.into_decoder().map_err(|_| PhotoError::NotAnImage)
}

/// Width and height from the header, without decoding a pixel.
fn dimensions(bytes: &[u8], media_type: MediaType) -> Result<(u32, u32), PhotoError> {
    let (width, height) = decoder(bytes, media_type)?.dimensions();
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(PhotoError::NotAnImage);
    }
    Ok((width, height))
}

fn decode(bytes: &[u8], media_type: MediaType) -> Result<DynamicImage, PhotoError> {
    let mut decoder = decoder(bytes, media_type)?;
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_DECODED_BYTES);
    limits
        .reserve(decoder.total_bytes())
        .map_err(|_| PhotoError::NotAnImage)?;
    decoder
        .set_limits(limits)
        .map_err(|_| PhotoError::NotAnImage)?;
    DynamicImage::from_decoder(decoder).map_err(|_| PhotoError::NotAnImage)
}
