//! What renditions are, what is said of a picture, and that both are the same every time and everywhere.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use imaging_core::{Limits, Media, describe, probe, render};
use png::{BitDepth, ColorType};
use support::*;

fn media(file: &[u8]) -> Media {
    let rendered = render(file, &Limits::default()).unwrap();
    let media = rendered.renditions[0].media;
    for rendition in rendered.renditions {
        assert_eq!((rendition.media, Media::of(&rendition.bytes)), (media, Some(media)), "{}", rendition.name);
    }
    media
}

/// What a camera sees: no pixel is like its neighbour.
fn noise(width: usize, height: usize) -> Vec<u8> {
    let mut dice = Dice(0x5EED);
    (0..width * height * 3).map(|at| (at / 700 % 200 + dice.below(40)) as u8).collect()
}

#[test]
fn photos_are_jpeg_and_graphics_are_lossless() {
    let rgb = |pixels: &[u8]| png(400, 300, ColorType::Rgb, BitDepth::Eight, pixels);
    assert_eq!(media(&jpeg(400, 300)), Media::Jpeg, "flat, but with the traces of JPEG already");
    assert_eq!(media(include_bytes!("data/lossy.webp")), Media::Jpeg);
    assert_eq!(media(&rgb(&noise(400, 300))), Media::Jpeg, "a photo, whatever it is stored in");
    assert_eq!(media(&rgb(&quarters(400, 300))), Media::Webp);
    assert_eq!(media(include_bytes!("data/lossy-alpha.webp")), Media::Webp);
    let photo: Vec<u8> = noise(400, 300).chunks(3).flat_map(|it| [it[0], it[1], it[2], it[0]]).collect();
    assert_eq!(media(&png(400, 300, ColorType::Rgba, BitDepth::Eight, &photo)), Media::Webp, "transparent");
}

#[test]
fn half_of_the_pixels_like_their_neighbour_are_flat_graphics() {
    // Runs of equal pixels: in a row of 101 pixels there are 100 pairs.
    let picture = |equal: usize| {
        let row: Vec<u8> = (0..101).flat_map(|x: usize| [if x <= equal { 9 } else { (x * 2) as u8 }; 3]).collect();
        png(101, 10, ColorType::Rgb, BitDepth::Eight, &row.repeat(10))
    };
    assert_eq!(media(&picture(50)), Media::Webp);
    assert_eq!(media(&picture(49)), Media::Jpeg);
}

#[test]
fn what_is_not_seen_is_not_kept() {
    let hidden = quarters_with(64, 48, [255, 255, 0, 0]);
    let file = png(64, 48, ColorType::Rgba, BitDepth::Eight, &hidden);
    for rendition in render(&file, &Limits::default()).unwrap().renditions {
        let clear = seen(&rendition.bytes).pixels.into_iter().filter(|pixel| pixel[3] == 0).collect::<Vec<_>>();
        assert!(!clear.is_empty() && clear.iter().all(|pixel| *pixel == [0; 4]), "{}", rendition.name);
    }
}

#[test]
fn the_thumbnail_is_the_square_in_the_centre() {
    // A band of red, a square of green, a band of blue, in both directions.
    for (width, height) in [(1200, 400), (400, 1200), (4000, 1000), (90, 30)] {
        let short = width.min(height);
        let colour = |x: usize, y: usize| {
            let along = if width > height { x } else { y };
            let before = (width.max(height) - short) / 2;
            if along < before {
                RED
            } else if along < before + short {
                GREEN
            } else {
                BLUE
            }
        };
        let pixels: Vec<u8> = (0..height).flat_map(|y| (0..width).flat_map(move |x| colour(x, y))).collect();
        let file = png(width as u32, height as u32, ColorType::Rgb, BitDepth::Eight, &pixels);
        let thumb = &render(&file, &Limits::default()).unwrap().renditions[0];
        let side = short.min(256) as u32;
        assert_eq!((thumb.name, thumb.size.width, thumb.size.height), ("thumb", side, side));
        for corner in corners(&thumb.bytes) {
            assert!(close(corner, GREEN), "{width} x {height}: {corner:?}");
        }
    }
}

#[test]
fn what_is_said_alone_is_what_is_said_beside_the_renditions() {
    for file in [&jpeg(1500, 900)[..], include_bytes!("data/lossy-alpha.webp"), include_bytes!("data/animated.gif")] {
        let alone = describe(file, &Limits::default()).unwrap();
        assert_eq!(alone, render(file, &Limits::default()).unwrap().description);
    }
}

#[test]
fn a_picture_is_described() {
    let description = describe(&jpeg(600, 400), &Limits::default()).unwrap();
    let names: Vec<_> = description.palette.iter().map(|swatch| swatch.name).collect();
    for name in ["red", "green", "blue", "yellow"] {
        assert!(names.contains(&name), "{names:?}");
    }
    assert!(description.palette[..4].iter().all(|swatch| (230..=260).contains(&swatch.share)), "{description:?}");
    let (width, height, _) = thumbhash::thumb_hash_to_rgba(&description.thumbhash).unwrap();
    assert!(width > height, "the preview has the proportions");
}

#[test]
fn what_looks_alike_has_nearly_the_same_hash() {
    let hash = |file: &[u8]| describe(file, &Limits::default()).unwrap().perceptual_hash;
    let picture = |width: usize, height: usize, seed: u64| {
        let tone = |x: usize, y: usize| {
            let field = (x * 6 / width) as u64 * 31 + (y * 5 / height) as u64 * 17 + seed;
            (field.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 57) as u8 * 2
        };
        (0..height).flat_map(|y| (0..width).flat_map(move |x| [tone(x, y); 3])).collect::<Vec<u8>>()
    };
    let as_png = |width: usize, height: usize, seed| {
        png(width as u32, height as u32, ColorType::Rgb, BitDepth::Eight, &picture(width, height, seed))
    };
    let small = picture(450, 300, 1);
    let again = libjpeg_turbo_rs::Encoder::new(&small, 450, 300, libjpeg_turbo_rs::PixelFormat::Rgb).quality(40);
    let original = hash(&as_png(1200, 800, 1));
    assert!((original ^ hash(&again.encode().unwrap())).count_ones() <= 6, "smaller, and a JPEG");
    assert!((original ^ hash(&as_png(1200, 800, 2))).count_ones() >= 16, "another picture");
}

#[test]
fn headers_are_enough_to_probe() {
    let file = oriented(&quarters(60, 40), 60, 40, 6);
    let scan = file.windows(2).position(|marker| marker == [0xFF, 0xDA]).unwrap();
    let probed = probe(&file[..scan + 14], &Limits::default()).unwrap();
    assert_eq!((probed.size.width, probed.size.height, probed.frames), (40, 60, 1));
}
