//! Thousands of broken pictures, the same ones every time. The engine aborts on a panic, and an abort takes the worker
//! with it: here a panic fails the test, and so does an overflow or a debug assertion of any decoder.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::panic::catch_unwind;
use std::time::{Duration, Instant};

use image::ExtendedColorType;
use imaging_core::{Limits, render};
use libjpeg_turbo_rs::{Encoder, PixelFormat, Subsampling};
use png::{BitDepth, ColorType};
use support::*;

/// Mutations of each seed; `MUTATION_ROUNDS` asks for more.
const ROUNDS: usize = 600;

fn seeds() -> Vec<(&'static str, Vec<u8>)> {
    let pixels = quarters(40, 24);
    let gray: Vec<u8> = pixels.chunks(3).map(|pixel| pixel[1]).collect();
    let cmyk: Vec<u8> = pixels.chunks(3).flat_map(|pixel| [pixel[0], pixel[1], pixel[2], 200]).collect();
    let rows: Vec<u8> = pixels.chunks(40 * 3).flat_map(|row| [&[4], row].concat()).collect();
    let rgb = || Encoder::new(&pixels, 40, 24, PixelFormat::Rgb).quality(75);
    let inks = profile_of_inks();
    let inks = Encoder::new(&cmyk, 40, 24, PixelFormat::Cmyk).write_adobe_marker(true).icc_profile(&inks);
    let interlaced: Vec<u8> = vec![1; 40 * 24 * 3 + 80];
    vec![
        ("baseline 4:2:0", rgb().subsampling(Subsampling::S420).encode().unwrap()),
        ("baseline 4:4:4 with restarts", rgb().subsampling(Subsampling::S444).restart_blocks(2).encode().unwrap()),
        ("baseline 4:2:2, own tables", rgb().subsampling(Subsampling::S422).optimize_huffman(true).encode().unwrap()),
        ("progressive", rgb().progressive(true).encode().unwrap()),
        ("gray", Encoder::new(&gray, 40, 24, PixelFormat::Grayscale).encode().unwrap()),
        ("CMYK", Encoder::new(&cmyk, 40, 24, PixelFormat::Cmyk).write_adobe_marker(true).encode().unwrap()),
        ("turned by EXIF", oriented(&pixels, 40, 24, 6)),
        ("rgb", png(40, 24, ColorType::Rgb, BitDepth::Eight, &pixels)),
        ("gray, 1 bit", png(40, 24, ColorType::Grayscale, BitDepth::One, &[0x5A; 5 * 24])),
        (
            "stored, with metadata",
            raw_png(40, 24, false, &[chunk(b"eXIf", &exif(5)), chunk(b"IDAT", &stored_zlib(&rows))]),
        ),
        ("interlaced", raw_png(40, 24, true, &[chunk(b"IDAT", &stored_zlib(&interlaced))])),
        ("large enough to be scaled", jpeg(1400, 24)),
        ("inks with a profile", inks.encode().unwrap()),
        ("JPEG, P3", include_bytes!("data/p3.jpg").to_vec()),
        ("PNG, P3", include_bytes!("data/p3.png").to_vec()),
        ("WebP, P3", include_bytes!("data/p3.webp").to_vec()),
        ("WebP, lossy", include_bytes!("data/lossy.webp").to_vec()),
        ("WebP, lossy with alpha", include_bytes!("data/lossy-alpha.webp").to_vec()),
        ("WebP, animated", include_bytes!("data/animated.webp").to_vec()),
        ("WebP, turned", include_bytes!("data/turned.webp").to_vec()),
        ("WebP, lossless", lossless_webp(40, 24, &pixels)),
        ("GIF, animated", include_bytes!("data/animated.gif").to_vec()),
        ("GIF, a part of the canvas", gif([60, 30], &[([9, 3, 40, 24], quarter_indices(40, 24))], true)),
        ("TIFF, LZW, turned", include_bytes!("data/turned.tiff").to_vec()),
        ("TIFF, Deflate", include_bytes!("data/deflate.tiff").to_vec()),
        ("TIFF, JPEG", include_bytes!("data/jpeg.tiff").to_vec()),
        ("TIFF", written(Written::Tiff, 40, 24, ExtendedColorType::Rgb8, &pixels)),
        ("BMP", written(Written::Bmp, 40, 24, ExtendedColorType::Rgb8, &pixels)),
        ("BMP, gray", written(Written::Bmp, 40, 24, ExtendedColorType::L8, &gray)),
        ("QOI", written(Written::Qoi, 40, 24, ExtendedColorType::Rgb8, &pixels)),
    ]
}

/// Breaks a file in one of the ways that files break, or are broken.
fn mutate(file: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut broken = file.to_vec();
    for _ in 0..=dice.below(4) {
        let at = dice.below(broken.len());
        match dice.below(7) {
            0 => broken.truncate(at.max(1)),
            1 => broken[at] ^= 1 << dice.below(8),
            2 => broken[at] = [0x00, 0x01, 0x7F, 0x80, 0xFF][dice.below(5)],
            3 => {
                // Headers are a small part of a file and deserve more than their share.
                let at = at % broken.len().min(200);
                broken[at] = dice.below(256) as u8;
            }
            4 => {
                let end = (at + 1 + dice.below(16)).min(broken.len());
                broken.drain(at..end);
            }
            5 => {
                let end = (at + 1 + dice.below(64)).min(broken.len());
                let copy = broken[at..end].to_vec();
                let to = dice.below(broken.len());
                broken.splice(to..to, copy);
            }
            _ => broken.insert(at, dice.below(256) as u8),
        }
        if broken.is_empty() {
            broken.push(0);
        }
    }
    repair_checksums(broken, dice)
}

/// Half of the time a PNG gets right checksums again, so that what they protect is reached as well.
fn repair_checksums(mut file: Vec<u8>, dice: &mut Dice) -> Vec<u8> {
    if !file.starts_with(b"\x89PNG") || dice.below(2) == 0 {
        return file;
    }
    let mut at = 8;
    while let Some(head) = file.get(at..at + 8) {
        let length = u32::from_be_bytes([head[0], head[1], head[2], head[3]]) as usize;
        let kind = [head[4], head[5], head[6], head[7]];
        let Some(whole) = file.get_mut(at..at.saturating_add(length + 12)) else { break };
        let fixed = chunk(&kind, &whole[8..length + 8]);
        whole.copy_from_slice(&fixed);
        at += length + 12;
    }
    file
}

#[test]
fn no_broken_picture_panics_or_takes_long() {
    // A limit that small pictures keep and lying headers do not, so that thousands of them take seconds.
    let limits = Limits { pixels: 4_000_000, memory: 64 << 20, ..Limits::default() };
    let rounds = std::env::var("MUTATION_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(ROUNDS);
    let mut dice = Dice(0x5EED_0F71_C704_E5A1);
    let (mut accepted, mut refused) = (0, 0);
    for (name, seed) in seeds() {
        assert!(render(&seed, &limits).is_ok() || ["interlaced", "TIFF, JPEG"].contains(&name), "{name} is whole");
        for round in 0..rounds {
            let file = mutate(&seed, &mut dice);
            let start = Instant::now();
            match catch_unwind(|| render(&file, &limits)) {
                Ok(Ok(_)) => accepted += 1,
                Ok(Err(_)) => refused += 1,
                Err(_) => panic!("{name}, round {round}: {}", hex(&file)),
            }
            assert!(start.elapsed() < Duration::from_secs(10), "{name}, round {round}: {}", hex(&file));
        }
    }
    // Neither kind may be missing, or the mutations are too weak or too strong to say anything.
    assert!(accepted > 100 && refused > 1000, "{accepted} accepted, {refused} refused");
}

fn hex(file: &[u8]) -> String {
    file.iter().map(|byte| format!("{byte:02x}")).collect()
}
