//! What is no picture, a broken one, or more than the engine takes on, is refused with a reason, and quickly.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::time::{Duration, Instant};

use image::ExtendedColorType;
use imaging_core::{Defect, Failure, Feature, Format, Limits, Quantity, render};
use libjpeg_turbo_rs::{Encoder, PixelFormat};
use support::*;

/// Without optimisation a decoder is many times slower than the two seconds that a sender waits at most.
const AT_ONCE: Duration = Duration::from_secs(if cfg!(debug_assertions) { 20 } else { 2 });

fn refused(file: &[u8]) -> Failure {
    let start = Instant::now();
    let failure = render(file, &Limits::default()).unwrap_err();
    assert!(start.elapsed() < AT_ONCE, "{failure} took {:?}", start.elapsed());
    failure
}

#[test]
fn what_is_no_picture() {
    assert_eq!(refused(b""), Failure::Empty);
    assert_eq!(refused(b"hello"), Failure::UnknownFormat);
    assert_eq!(refused(&[0; 1 << 20]), Failure::UnknownFormat);
    assert_eq!(refused(b"%PDF-1.7"), Failure::UnsupportedFormat(Format::Pdf));
    assert_eq!(refused(b"\0\0\0\x1Cftypavif"), Failure::UnsupportedFormat(Format::Heif));
    assert_eq!(refused(b"<svg onload='x()'/>"), Failure::UnsupportedFormat(Format::Svg));
}

#[test]
fn a_file_that_ends_early() {
    let progressive = progressive(300, 200);
    let jpeg = jpeg(300, 200);
    let png = png(300, 200, png::ColorType::Rgb, png::BitDepth::Eight, &quarters(300, 200));
    let pixels = quarters(300, 200);
    let written = |format| written(format, 300, 200, ExtendedColorType::Rgb8, &pixels);
    for (format, file) in [
        (Format::Jpeg, jpeg),
        (Format::Jpeg, progressive),
        (Format::Png, png),
        (Format::Gif, gif([300, 200], &[([0, 0, 300, 200], quarter_indices(300, 200))], false)),
        (Format::Webp, include_bytes!("data/lossy.webp").to_vec()),
        (Format::Webp, include_bytes!("data/animated.webp").to_vec()),
        (Format::Webp, lossless_webp(300, 200, &pixels)),
        (Format::Tiff, include_bytes!("data/deflate.tiff").to_vec()),
        (Format::Tiff, written(Written::Tiff)),
        (Format::Bmp, written(Written::Bmp)),
        (Format::Qoi, written(Written::Qoi)),
    ] {
        assert!(render(&file, &Limits::default()).is_ok(), "{format:?} is whole");
        for part in [4, 3, 2] {
            let failure = refused(&file[..file.len() - file.len() / part]);
            assert!(matches!(failure, Failure::Corrupt(found, _) if found == format), "{format:?}: {failure}");
        }
        assert!(matches!(refused(&file[..12]), Failure::Corrupt(..)));
    }
}

#[test]
fn a_size_that_no_picture_has() {
    let zero = raw_png(0, 10, false, &[]);
    assert_eq!(refused(&zero), Failure::Corrupt(Format::Png, Defect::Header));
    let mut jpeg = jpeg(16, 16);
    let frame = jpeg.windows(2).position(|marker| marker == [0xFF, 0xC0]).unwrap();
    jpeg[frame + 5..frame + 9].copy_from_slice(&[0, 0, 0, 16]);
    assert!(matches!(refused(&jpeg), Failure::Corrupt(Format::Jpeg, _) | Failure::UnsupportedFeature(..)));
}

#[test]
fn a_declared_size_beyond_the_limits_before_anything_is_allocated() {
    let bomb = raw_png(60_000, 60_000, false, &[chunk(b"IDAT", &stored_zlib(&[0; 16]))]);
    let pixels = Failure::TooLarge { quantity: Quantity::Pixels, value: 3_600_000_000, limit: 80_000_000 };
    assert_eq!(refused(&bomb), pixels);
    let side = Failure::TooLarge { quantity: Quantity::Side, value: 2_000_000_000, limit: 65_535 };
    assert_eq!(refused(&raw_png(2_000_000_000, 1, false, &[])), side);

    let mut jpeg = jpeg(16, 16);
    let frame = jpeg.windows(2).position(|marker| marker == [0xFF, 0xC0]).unwrap();
    jpeg[frame + 5..frame + 9].copy_from_slice(&[0x27, 0x10, 0x27, 0x10]);
    assert_eq!(refused(&jpeg), Failure::TooLarge { quantity: Quantity::Pixels, value: 100_000_000, limit: 80_000_000 });
}

#[test]
fn sizes_of_the_other_formats_beyond_the_limits() {
    let pixels = |value| Failure::TooLarge { quantity: Quantity::Pixels, value, limit: 80_000_000 };
    let one = [[0; 3]; 1].concat();
    let mut gif = gif([1, 1], &[([0, 0, 1, 1], vec![0])], false);
    gif[6..10].copy_from_slice(&[0xFF; 4]);
    assert_eq!(refused(&gif), pixels(65_535 * 65_535));

    let mut webp = include_bytes!("data/lossy.webp").to_vec();
    let stream = webp.windows(3).position(|start| start == [0x9D, 0x01, 0x2A]).unwrap();
    webp[stream + 3..stream + 7].copy_from_slice(&[0xFF, 0x3F, 0xFF, 0x3F]);
    assert_eq!(refused(&webp), pixels(16_383 * 16_383));
    // A stream larger than the file that holds it, so that nobody but its decoder would see.
    let mut inner = include_bytes!("data/lossy-alpha.webp").to_vec();
    let stream = inner.windows(3).position(|start| start == [0x9D, 0x01, 0x2A]).unwrap();
    inner[stream + 3..stream + 7].copy_from_slice(&[0xFF, 0x3F, 0xFF, 0x3F]);
    assert_eq!(refused(&inner), pixels(16_383 * 16_383));

    let mut bmp = written(Written::Bmp, 1, 1, ExtendedColorType::Rgb8, &one);
    bmp[18..26].copy_from_slice(&[0x00, 0x80, 0, 0, 0x00, 0x80, 0, 0]);
    assert_eq!(refused(&bmp), pixels(32_768 * 32_768));
    let mut qoi = written(Written::Qoi, 1, 1, ExtendedColorType::Rgb8, &one);
    qoi[4..12].copy_from_slice(&[0, 0, 0x40, 0, 0, 0, 0x40, 0]);
    assert_eq!(refused(&qoi), pixels(16_384 * 16_384));
    let tiff = written(Written::Tiff, 1, 1, ExtendedColorType::Rgb8, &one);
    assert_eq!(refused(&with_tiff_size(tiff, 40_000)), pixels(40_000 * 40_000));
}

/// A little-endian TIFF that says it is that wide and high (tags 256 and 257).
fn with_tiff_size(mut file: Vec<u8>, side: u32) -> Vec<u8> {
    // Where the first directory is; two bytes of it count its entries.
    let directory = u32::from_le_bytes(file[4..8].try_into().unwrap()) as usize;
    for tag in [256_u16, 257] {
        let mut entries = (directory + 2..file.len()).step_by(12);
        let entry = entries.find(|&entry| file[entry..].starts_with(&tag.to_le_bytes())).unwrap();
        // A 32-bit number, whatever it was.
        file[entry + 2..entry + 4].copy_from_slice(&[4, 0]);
        file[entry + 8..entry + 12].copy_from_slice(&side.to_le_bytes());
    }
    file
}

#[test]
fn more_frames_or_pages_than_the_limit() {
    let frames = |value| Failure::TooLarge { quantity: Quantity::Frames, value, limit: 200 };
    let still = || ([0, 0, 1, 1], vec![0]);
    let moving: Vec<_> = std::iter::repeat_with(still).take(200).collect();
    assert!(render(&gif([1, 1], &moving, false), &Limits::default()).is_ok());
    let moving: Vec<_> = std::iter::repeat_with(still).take(50_000).collect();
    assert_eq!(refused(&gif([1, 1], &moving, false)), frames(201));

    let control = [&50_000_u32.to_be_bytes()[..], &[0; 4]].concat();
    let apng = raw_png(8, 8, false, &[chunk(b"acTL", &control), chunk(b"IDAT", &stored_zlib(&[0; 8 * 25]))]);
    assert_eq!(refused(&apng), frames(50_000));

    let webp = include_bytes!("data/animated.webp");
    let start = webp.windows(4).position(|kind| kind == b"ANMF").unwrap();
    let frame = webp[start..].to_vec();
    assert_eq!(refused(&[webp.to_vec(), frame.repeat(300)].concat()), frames(201));
}

#[test]
fn pictures_that_would_not_fit_in_memory() {
    let limits = Limits { memory: 1 << 20, ..Limits::default() };
    let pixels = quarters(900, 900);
    for (what, file) in [
        ("GIF", gif([900, 900], &[([0, 0, 900, 900], quarter_indices(900, 900))], false)),
        ("WebP", lossless_webp(900, 900, &pixels)),
        ("TIFF", written(Written::Tiff, 900, 900, ExtendedColorType::Rgb8, &pixels)),
        ("BMP", written(Written::Bmp, 900, 900, ExtendedColorType::Rgb8, &pixels)),
        ("QOI", written(Written::Qoi, 900, 900, ExtendedColorType::Rgb8, &pixels)),
    ] {
        assert!(render(&file, &Limits::default()).is_ok(), "{what}");
        let failure = render(&file, &limits).unwrap_err();
        assert!(matches!(failure, Failure::TooLarge { quantity: Quantity::Memory, .. }), "{what}: {failure}");
    }
}

#[test]
fn samples_of_tiff_that_are_no_whole_numbers() {
    let floats: Vec<u8> = [0.5_f32; 3].iter().flat_map(|sample| sample.to_ne_bytes()).collect();
    let file = written(Written::Tiff, 1, 1, ExtendedColorType::Rgb32F, &floats);
    assert_eq!(refused(&file), Failure::UnsupportedFeature(Format::Tiff, Feature::SamplePrecision));
}

#[test]
fn a_file_longer_than_the_limit() {
    let limits = Limits { bytes: 100, ..Limits::default() };
    let failure = render(&jpeg(64, 64), &limits).unwrap_err();
    assert!(matches!(failure, Failure::TooLarge { quantity: Quantity::Bytes, limit: 100, .. }), "{failure}");
}

/// The compressed data of a PNG.
fn idat(file: &[u8]) -> Vec<u8> {
    let (mut data, mut at) = (Vec::new(), 8);
    while let Some(&[l0, l1, l2, l3, k0, k1, k2, k3]) = file.get(at..at + 8) {
        let length = u32::from_be_bytes([l0, l1, l2, l3]) as usize;
        if [k0, k1, k2, k3] == *b"IDAT" {
            data.extend(&file[at + 8..at + 8 + length]);
        }
        at += 12 + length;
    }
    data
}

/// A progressive JPEG whose last scan is repeated.
fn many_scans(count: usize) -> Vec<u8> {
    let file = progressive(64, 64);
    let scan = file.windows(2).rposition(|marker| marker == [0xFF, 0xDA]).unwrap();
    let end = file.len() - 2;
    [&file[..scan], &file[scan..end].repeat(count), &file[end..]].concat()
}

#[test]
fn a_progressive_jpeg_with_more_scans_than_the_limit() {
    let failure = refused(&many_scans(200));
    assert!(matches!(failure, Failure::TooLarge { quantity: Quantity::Scans, limit: 100, .. }), "{failure}");
}

#[test]
fn the_scans_of_a_picture_are_bounded_by_its_size_too() {
    let file = many_scans(20);
    assert!(render(&file, &Limits::default()).is_ok());
    let limits = Limits { scanned_pixels: 64 * 64 * 15, ..Limits::default() };
    let failure = render(&file, &limits).unwrap_err();
    assert!(matches!(failure, Failure::TooLarge { quantity: Quantity::Scans, limit: 15, .. }), "{failure}");
}

#[test]
fn a_progressive_jpeg_whose_coefficients_would_not_fit() {
    let limits = Limits { memory: 1 << 20, ..Limits::default() };
    let failure = render(&progressive(1000, 1000), &limits).unwrap_err();
    assert!(matches!(failure, Failure::TooLarge { quantity: Quantity::Memory, .. }), "{failure}");
    assert!(render(&jpeg(400, 400), &limits).is_ok());
}

#[test]
fn what_a_jpeg_may_be_and_the_web_does_not_use() {
    let pixels = quarters(32, 32);
    let encoder = || Encoder::new(&pixels, 32, 32, PixelFormat::Rgb);
    let feature = |file: &[u8]| match refused(file) {
        Failure::UnsupportedFeature(Format::Jpeg, feature) => feature,
        other => panic!("{other}"),
    };
    assert_eq!(feature(&encoder().arithmetic(true).encode().unwrap()), Feature::ArithmeticCoding);
    assert_eq!(feature(&encoder().lossless(true).encode().unwrap()), Feature::Process);
}

#[test]
fn compressed_text_is_not_inflated_and_a_hostile_profile_is_ignored() {
    let picture = {
        let rows: Vec<u8> = quarters(32, 32).chunks(32 * 3).flat_map(|row| [&[0], row].concat()).collect();
        chunk(b"IDAT", &stored_zlib(&rows))
    };
    // Not even well formed: whoever inflated it would fail.
    let bomb = [&b"name\0\0"[..], &[0xAA; 4096]].concat();
    for kind in [b"zTXt", b"iCCP", b"iTXt"] {
        let file = raw_png(32, 32, false, &[chunk(kind, &bomb), picture.clone()]);
        assert!(render(&file, &Limits::default()).is_ok(), "{}", String::from_utf8_lossy(kind));
    }
    // A profile that is inflated to 64 MB, longer than any.
    let zeros = png(8192, 8192, png::ColorType::Grayscale, png::BitDepth::Eight, &vec![0; 8192 * 8192]);
    let endless = [b"name\0\0", &idat(&zeros)[..]].concat();
    assert!(endless.len() < 1 << 20);
    let (with, without) = (vec![chunk(b"iCCP", &endless), picture.clone()], vec![picture]);
    let result = |chunks: &[Vec<u8>]| render(&raw_png(32, 32, false, chunks), &Limits::default()).unwrap();
    assert_eq!(result(&with), result(&without));
}

#[test]
fn nothing_behind_the_last_row_is_inflated() {
    // Every row, a little more that a decoder may read ahead, and then what is no deflate stream at all.
    for (side, interlaced) in [(32, false), (1, true)] {
        let rows = quarters(side, side).chunks(side * 3).flat_map(|row| [&[0], row].concat()).collect::<Vec<u8>>();
        let ahead = [rows, vec![0; 60_000]].concat();
        let length = u16::try_from(ahead.len()).unwrap();
        let block = [&[0x78, 0x01, 0x00][..], &length.to_le_bytes(), &(!length).to_le_bytes(), &ahead].concat();
        let surplus = chunk(b"IDAT", &[0xFF; 4096]);
        let side = u32::try_from(side).unwrap();
        let file = raw_png(side, side, interlaced, &[chunk(b"IDAT", &block), surplus]);
        assert_eq!(render(&file, &Limits::default()).map(|_| ()), Ok(()), "{side}");
    }
}
