//! Photos made to fit for an upload.

use std::io::Cursor;

use bytes::Bytes;
use image::codecs::jpeg::JpegEncoder;
use image::imageops::FilterType;
use image::{DynamicImage, ImageDecoder, ImageReader, Limits};

use crate::error::Error;
use crate::media::{self, ImageKind, MAX_UPLOAD_BYTES};
use crate::size::Size;

/// The longest side that is decoded, in pixels; what cameras make today is below.
const MAX_SIDE: u32 = 20_000;

/// The most memory that decoding may take, in bytes.
const MAX_DECODED: u64 = 512 * 1024 * 1024;

/// A photo that the service takes: not larger than `size` in either direction and not above
/// [`MAX_UPLOAD_BYTES`]. It is turned upright as its EXIF says, scaled down with its proportions
/// kept, and written as JPEG; metadata is left out, the place where it was taken included. A JPEG
/// or PNG that fits already and stands upright is returned as it is.
///
/// # Errors
///
/// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) if it is no image that can be
/// decoded (JPEG, PNG, GIF), or larger than 20,000 pixels in a direction.
pub fn fit(photo: Bytes, size: Size) -> Result<Bytes, Error> {
    let refused = |error: image::ImageError| {
        Error::invalid_input("the photo", "cannot be decoded; use JPEG or PNG").with_source(error)
    };
    let mut reader = ImageReader::new(Cursor::new(photo.clone()))
        .with_guessed_format()
        .map_err(|error| refused(error.into()))?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_DECODED);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(refused)?;
    let orientation = decoder.orientation().map_err(refused)?;
    let upright = orientation == image::metadata::Orientation::NoTransforms;
    let fits = media::dimensions(&photo).is_some_and(|own| own.fits_in(size))
        && photo.len() as u64 <= MAX_UPLOAD_BYTES
        && matches!(media::sniff(&photo), Some(ImageKind::Jpeg | ImageKind::Png));
    if fits && upright {
        return Ok(photo);
    }
    let mut image = DynamicImage::from_decoder(decoder).map_err(refused)?;
    image.apply_orientation(orientation);
    if image.width() > size.width() || image.height() > size.height() {
        image = image.resize(size.width(), size.height(), FilterType::Lanczos3);
    }
    let image = on_white(&image);
    for quality in [90, 80, 65, 50, 30] {
        let mut jpeg = Vec::new();
        JpegEncoder::new_with_quality(&mut jpeg, quality)
            .encode_image(&image)
            .map_err(refused)?;
        if jpeg.len() as u64 <= MAX_UPLOAD_BYTES {
            return Ok(jpeg.into());
        }
    }
    Err(Error::invalid_input(
        "the photo",
        format!("stays above {MAX_UPLOAD_BYTES} bytes at {size}; ask for a smaller size"),
    ))
}

/// JPEG has no transparency; what was transparent becomes white, not black.
fn on_white(image: &DynamicImage) -> image::RgbImage {
    if !image.color().has_alpha() {
        return image.to_rgb8();
    }
    let rgba = image.to_rgba8();
    image::RgbImage::from_fn(rgba.width(), rgba.height(), |x, y| {
        let [r, g, b, alpha] = rgba.get_pixel(x, y).0;
        let mix = |c: u8| {
            let alpha = u16::from(alpha);
            u8::try_from((u16::from(c) * alpha + 255 * (255 - alpha)) / 255).unwrap_or(u8::MAX)
        };
        image::Rgb([mix(r), mix(g), mix(b)])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(width: u32, height: u32, alpha: u8) -> Bytes {
        let image = image::RgbaImage::from_fn(width, height, |x, y| {
            image::Rgba([
                (x * 7 % 256) as u8,
                (y * 5 % 256) as u8,
                (x * y % 256) as u8,
                alpha,
            ])
        });
        let mut bytes = Cursor::new(Vec::new());
        image.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
        bytes.into_inner().into()
    }

    #[test]
    fn what_fits_is_left_alone() {
        let photo = png(100, 80, 255);
        assert_eq!(fit(photo.clone(), Size::S648).unwrap(), photo);
    }

    #[test]
    fn what_is_too_large_keeps_its_proportions() {
        let fitted = fit(png(1200, 600, 255), Size::S648).unwrap();
        assert_eq!(media::sniff(&fitted), Some(ImageKind::Jpeg));
        assert_eq!(
            media::dimensions(&fitted),
            Some(Size::new(648, 324).unwrap())
        );
        assert!(media::check_upload(&fitted).is_ok());
    }

    #[test]
    fn transparency_becomes_white() {
        let fitted = fit(png(700, 700, 0), Size::S96).unwrap();
        let pixel = *image::load_from_memory(&fitted)
            .unwrap()
            .to_rgb8()
            .get_pixel(50, 50);
        assert!(pixel.0.iter().all(|c| *c > 250), "{pixel:?}");
    }

    #[test]
    fn what_is_no_image_is_refused() {
        for bytes in [
            &b""[..],
            b"<html>",
            b"\xff\xd8\xff\xe0",
            b"\x89PNG\r\n\x1a\n",
        ] {
            let error = fit(Bytes::from_static(bytes), Size::S648).unwrap_err();
            assert_eq!(error.kind(), crate::ErrorKind::InvalidInput);
        }
    }
}
