//! GIF, WebP, TIFF, BMP and QOI, colour profiles, and what animations and pages become.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use image::ExtendedColorType;
use imaging_core::{Format, Limits, Rendered, Size, probe, render};
use libjpeg_turbo_rs::{Encoder, PixelFormat};
use support::*;

const UPRIGHT: [[u8; 3]; 4] = [RED, GREEN, BLUE, YELLOW];
const DATA: Size = Size { width: 144, height: 96 };

fn rendered(file: &[u8]) -> Rendered {
    render(file, &Limits::default()).unwrap()
}

/// Checks the colours of every rendition, within what JPEG and conversions lose.
fn assert_upright(file: &[u8], what: &str) {
    for rendition in rendered(file).renditions {
        let found = corners(&rendition.bytes);
        let right = found.iter().zip(UPRIGHT).all(|(found, expected)| close(*found, expected));
        assert!(right, "{what}, {}: {found:?}", rendition.name);
    }
}

#[test]
fn webp_lossy_lossless_animated_and_turned() {
    for (what, file, frames) in [
        ("lossy", &include_bytes!("data/lossy.webp")[..], 1),
        ("animated", include_bytes!("data/animated.webp"), 2),
        ("turned", include_bytes!("data/turned.webp"), 1),
        ("lossless", &lossless_webp(144, 96, &quarters(144, 96)), 1),
    ] {
        let probed = probe(file, &Limits::default()).unwrap();
        assert_eq!((probed.format, probed.size, probed.frames), (Format::Webp, DATA, frames), "{what}");
        assert_upright(file, what);
    }
    // Too large for one step of scaling.
    assert_upright(&lossless_webp(4500, 900, &quarters(4500, 900)), "shrunk");
}

#[test]
fn webp_keeps_its_transparency() {
    for rendition in rendered(include_bytes!("data/lossy-alpha.webp")).renditions {
        let [red, green, blue, yellow] = corner_pixels(&rendition.bytes);
        assert!(close([red[0], red[1], red[2]], RED) && close([green[0], green[1], green[2]], GREEN));
        assert_eq!([red[3], green[3], blue[3], yellow[3]], [255, 255, 0, 0], "{}", rendition.name);
    }
}

#[test]
fn gif_is_laid_on_its_canvas_and_counted() {
    let file = include_bytes!("data/animated.gif");
    let probed = probe(file, &Limits::default()).unwrap();
    assert_eq!((probed.format, probed.size, probed.frames), (Format::Gif, DATA, 2));
    assert_upright(file, "animated");
    assert_upright(&gif([200, 120], &[([0, 0, 200, 120], quarter_indices(200, 120))], false), "still");

    // A frame in the right half of a canvas, and in it an index that is transparent.
    let part = gif([80, 40], &[([40, 0, 40, 40], quarter_indices(40, 40))], true);
    let full = &rendered(&part).renditions[4];
    let seen = seen(&full.bytes);
    let at = |x: usize, y: usize| seen.pixels[y * seen.width + x];
    assert_eq!((seen.width, seen.height), (80, 40));
    assert_eq!([at(10, 10)[3], at(45, 5)[3], at(45, 35)[3], at(75, 35)[3]], [0, 255, 255, 0]);
    assert_eq!(at(45, 5)[..3], RED);
}

#[test]
fn tiff_in_its_usual_ways() {
    for (what, file) in
        [("LZW, turned", &include_bytes!("data/turned.tiff")[..]), ("Deflate", include_bytes!("data/deflate.tiff"))]
    {
        assert_eq!(probe(file, &Limits::default()).unwrap().size, DATA, "{what}");
        assert_upright(file, what);
    }
    let pixels = quarters(64, 48);
    let wide: Vec<u8> = pixels.iter().flat_map(|&sample| (u16::from(sample) * 257).to_ne_bytes()).collect();
    assert_upright(&written(Written::Tiff, 64, 48, ExtendedColorType::Rgb8, &pixels), "8 bits");
    assert_upright(&written(Written::Tiff, 64, 48, ExtendedColorType::Rgb16, &wide), "16 bits");
    assert_upright(&written(Written::Tiff, 4200, 800, ExtendedColorType::Rgb8, &quarters(4200, 800)), "shrunk");
}

#[test]
fn bmp_and_qoi() {
    for (format, known) in [(Written::Bmp, Format::Bmp), (Written::Qoi, Format::Qoi), (Written::Tiff, Format::Tiff)] {
        let file = written(format, 64, 48, ExtendedColorType::Rgb8, &quarters(64, 48));
        assert_eq!(probe(&file, &Limits::default()).unwrap().format, known);
        assert_upright(&file, "opaque");
        let half = quarters_with(64, 48, [255, 255, 0, 0]);
        let file = written(format, 64, 48, ExtendedColorType::Rgba8, &half);
        for rendition in rendered(&file).renditions {
            assert_eq!(corner_pixels(&rendition.bytes).map(|it| it[3]), [255, 255, 0, 0], "{known:?}");
        }
    }
    // Four bytes a pixel of which the last means nothing.
    let idle = quarters_with(64, 48, [0; 4]);
    assert_upright(&written(Written::Bmp, 64, 48, ExtendedColorType::Rgba8, &idle), "idle alpha");
}

#[test]
fn colour_profiles_become_srgb() {
    for (what, file) in [
        ("JPEG", &include_bytes!("data/p3.jpg")[..]),
        ("PNG", include_bytes!("data/p3.png")),
        ("WebP", include_bytes!("data/p3.webp")),
    ] {
        assert_upright(file, what);
    }
}

#[test]
fn a_profile_of_inks_decides_what_they_look_like() {
    // As Adobe stores it: 255 is no ink. The left half has no cyan, the right half is full of it.
    let cmyk: Vec<u8> = (0..48 * 64).flat_map(|at| [if at % 64 < 32 { 255 } else { 0 }, 90, 20, 200]).collect();
    let file = |profile: Option<&[u8]>| {
        let mut encoder = Encoder::new(&cmyk, 64, 48, PixelFormat::Cmyk).quality(95).write_adobe_marker(true);
        if let Some(profile) = profile {
            encoder = encoder.icc_profile(profile);
        }
        encoder.encode().unwrap()
    };
    let profile = profile_of_inks();
    for rendition in rendered(&file(Some(&profile))).renditions {
        let [left, right, ..] = corners(&rendition.bytes);
        assert!(close(left, [255; 3]) && close(right, [0; 3]), "{}: {left:?} {right:?}", rendition.name);
    }
    // One that is broken is not used, and the picture is read as if it had none.
    let mut broken = profile;
    broken[128..132].copy_from_slice(&[0xFF; 4]);
    assert_eq!(rendered(&file(Some(&broken))), rendered(&file(None)));
}
