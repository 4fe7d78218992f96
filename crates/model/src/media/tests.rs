use std::io::Cursor;

use image::{DynamicImage, ImageFormat};
use proptest::prelude::*;

use super::*;
use crate::error::ErrorKind;

fn encoded(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    DynamicImage::new_rgb8(width, height)
        .write_to(&mut file, format)
        .unwrap();
    file.into_inner()
}

/// A JPEG's start: a 60 KB metadata segment, a comment after fill bytes, then a frame header.
fn jpeg_header(frame_marker: u8, width: u16, height: u16) -> Vec<u8> {
    let mut file = vec![0xFF, 0xD8, 0xFF, 0xE1, 0xEA, 0x60];
    file.resize(4 + 0xEA60, 0x55);
    file.extend([0xFF, 0xFF, 0xFF, 0xFE, 0, 4, 0xFF, 0xC0]);
    // A Huffman table, whose marker lies in the range of the frame headers.
    file.extend([0xFF, 0xC4, 0, 3, 0]);
    file.extend([0xFF, frame_marker, 0, 17, 8]);
    file.extend(height.to_be_bytes());
    file.extend(width.to_be_bytes());
    file.extend([3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1]);
    file
}

#[test]
fn kinds_are_told_by_their_first_bytes() {
    for (start, kind) in [
        (b"\xFF\xD8\xFF\xE0rest".as_slice(), Some(ImageKind::Jpeg)),
        (b"GIF89a", Some(ImageKind::Gif)),
        (b"GIF87a", Some(ImageKind::Gif)),
        (b"BM\x3A\0\0\0\0\0\0\0", Some(ImageKind::Bmp)),
        (b"BMW is a car", None),
        (b"RIFF\0\0\0\0WEBPVP8 ", Some(ImageKind::Webp)),
        (b"RIFF\0\0\0\0WAVE", None),
        (b"\0\0\0\x18ftypheic", Some(ImageKind::Heic)),
        (b"\0\0\0\x18ftypavif", Some(ImageKind::Avif)),
        (b"\0\0\0\x18ftypisom", None),
        (b"II*\0", Some(ImageKind::Tiff)),
        (b"MM\0*", Some(ImageKind::Tiff)),
        (b"/9j/4AAQSkZJRg", None),
        (b"", None),
    ] {
        assert_eq!(sniff(start), kind, "{start:?}");
        if let Some(kind) = kind {
            assert_eq!(
                ImageKind::from_content_type(kind.content_type()),
                Some(kind)
            );
        }
    }
}

#[test]
fn jpeg_frames_of_every_kind_are_found_behind_metadata() {
    for marker in (0xC0..=0xCF).filter(|marker| !matches!(marker, 0xC4 | 0xC8 | 0xCC)) {
        assert_eq!(
            dimensions(&jpeg_header(marker, 640, 480)),
            Size::new(640, 480).ok(),
            "{marker:X}"
        );
    }
    assert_eq!(dimensions(&jpeg_header(0xC0, 0, 480)), None);
    let whole = jpeg_header(0xC2, 64, 64);
    let frame = whole.len() - 19;
    for cut in (0..100).chain(frame - 100..whole.len() - 9) {
        assert_eq!(dimensions(&whole[..cut]), None, "{cut}");
    }
}

#[test]
fn headers_that_lie_state_no_size() {
    // A segment that is shorter than its own length field, in front of a frame.
    let mut jpeg = jpeg_header(0xC0, 64, 64);
    let frame = jpeg.split_off(jpeg.len() - 19);
    let short = [b"\xFF\xD8\xFF\xE0\0\x01".as_slice(), &frame[..]].concat();
    assert_eq!(dimensions(&short), None);
    let sound = [b"\xFF\xD8\xFF\xE0\0\x02".as_slice(), &frame[..]].concat();
    assert_eq!(dimensions(&sound), Some(Size::S64));

    let png = encoded(64, 64, ImageFormat::Png);
    for at in [16, 20] {
        let mut huge = png.clone();
        huge[at] = 0x80;
        assert_eq!(dimensions(&huge), None);
        let mut flat = png.clone();
        flat[at + 3] = 0;
        assert_eq!(dimensions(&flat), None);
    }
}

#[test]
fn uploads_the_service_would_refuse_are_refused_here() {
    let jpeg = encoded(64, 48, ImageFormat::Jpeg);
    let info = check_upload(&jpeg).unwrap();
    assert_eq!(info.content_type(), "image/jpeg");
    assert_eq!(info.size, Size::new(64, 48).ok());
    assert_eq!(info.length, jpeg.len() as u64);

    let mut at_the_limit = jpeg.clone();
    at_the_limit.resize(4_194_304, 0);
    assert!(check_upload(&at_the_limit).is_ok());
    at_the_limit.push(0);

    let cases = [
        ("empty", Vec::new(), ErrorKind::InvalidInput),
        ("too large", at_the_limit, ErrorKind::TooLarge),
        (
            "base64",
            b"/9j/4AAQSkZJRg".to_vec(),
            ErrorKind::InvalidInput,
        ),
        ("cut JPEG", jpeg[..20].to_vec(), ErrorKind::InvalidInput),
        (
            "cut PNG",
            encoded(64, 64, ImageFormat::Png)[..30].to_vec(),
            ErrorKind::InvalidInput,
        ),
        (
            "too narrow",
            encoded(47, 100, ImageFormat::Png),
            ErrorKind::InvalidInput,
        ),
        (
            "too low",
            encoded(100, 47, ImageFormat::Gif),
            ErrorKind::InvalidInput,
        ),
    ];
    let mut lines = String::new();
    for (what, bytes, kind) in cases {
        let error = check_upload(&bytes).unwrap_err();
        assert_eq!(error.kind(), kind, "{what}");
        lines += &format!("{what}: {error}\n");
    }
    insta::assert_snapshot!(lines);
}

#[test]
fn other_images_pass_as_what_they_are() {
    let info = check_upload(b"RIFF\0\0\0\0WEBPVP8 ").unwrap();
    assert_eq!((info.content_type(), info.size), ("image/webp", None));
}

#[test]
fn the_start_of_a_stream_is_enough() {
    let header = jpeg_header(0xC0, 100, 100);
    let info = check_upload_start(&header[..1000], 2_000_000).unwrap();
    assert_eq!((info.size, info.length), (None, 2_000_000));
    let info = check_upload_start(&header, 2_000_000).unwrap();
    assert_eq!(info.size, Size::new(100, 100).ok());
    assert_eq!(
        check_upload_start(&header, MAX_UPLOAD_BYTES + 1)
            .unwrap_err()
            .kind(),
        ErrorKind::TooLarge
    );
}

proptest! {
    // Encoding takes its time in an unoptimised build.
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn headers_of_real_files_are_read(width in 1_u32..300, height in 1_u32..300) {
        for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::Gif] {
            prop_assert_eq!(
                dimensions(&encoded(width, height, format)),
                Size::new(width, height).ok()
            );
        }
    }
}

proptest! {
    #[test]
    fn no_bytes_panic(
        start in prop::sample::select(vec![
            b"".as_slice(), b"\xFF\xD8\xFF", b"\x89PNG\r\n\x1A\n", b"\x89PNG\r\n\x1A\n\0\0\0\x0DIHDR",
            b"GIF89a", b"\0\0\0\0ftyp",
        ]),
        rest in prop::collection::vec(prop_oneof![any::<u8>(), Just(0xFF), Just(0xC0)], 0..200),
    ) {
        let bytes = [start, &rest].concat();
        if let Some(size) = dimensions(&bytes) {
            prop_assert!(size.area() > 0);
        }
        let _ = check_upload(&bytes);
        let _ = check_upload_start(&bytes, u64::MAX);
    }
}
