//! What is no picture, a broken one, or more than the engine takes on, is refused with a reason, and quickly.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::time::{Duration, Instant};

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
    assert_eq!(refused(b"GIF89a\x01\0\x01\0"), Failure::UnsupportedFormat(Format::Gif));
    assert_eq!(refused(b"<svg onload='x()'/>"), Failure::UnsupportedFormat(Format::Svg));
}

#[test]
fn a_file_that_ends_early() {
    let progressive = progressive(300, 200);
    let jpeg = jpeg(300, 200);
    let png = png(300, 200, png::ColorType::Rgb, png::BitDepth::Eight, &quarters(300, 200));
    for (format, file) in [(Format::Jpeg, jpeg), (Format::Jpeg, progressive), (Format::Png, png)] {
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
fn a_file_longer_than_the_limit() {
    let limits = Limits { bytes: 100, ..Limits::default() };
    let failure = render(&jpeg(64, 64), &limits).unwrap_err();
    assert!(matches!(failure, Failure::TooLarge { quantity: Quantity::Bytes, limit: 100, .. }), "{failure}");
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
fn compressed_text_and_profiles_are_not_inflated() {
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
