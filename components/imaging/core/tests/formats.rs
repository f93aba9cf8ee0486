//! Every kind of JPEG and PNG that is accepted comes out upright, in its colours and without its metadata. The other formats
//! are in `others.rs`.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use imaging_core::{Limits, Media, RENDITIONS, Rendered, Size, render};
use libjpeg_turbo_rs::{Encoder, PixelFormat};
use png::{BitDepth, ColorType};
use support::*;

fn rendered(file: &[u8]) -> Rendered {
    render(file, &Limits::default()).unwrap()
}

fn assert_corners(file: &[u8], expected: [[u8; 3]; 4], what: &str) {
    for rendition in rendered(file).renditions {
        let found = corners(&rendition.bytes);
        let right = found.iter().zip(expected).all(|(found, expected)| close(*found, expected));
        assert!(right, "{what}, {}: {found:?}, not {expected:?}", rendition.name);
    }
}

fn named_sizes(rendered: &Rendered) -> Vec<(&'static str, u32, u32)> {
    rendered.renditions.iter().map(|it| (it.name, it.size.width, it.size.height)).collect()
}

const UPRIGHT: [[u8; 3]; 4] = [RED, GREEN, BLUE, YELLOW];

#[test]
fn every_rendition_fits_its_square_and_keeps_the_proportions() {
    for file in [jpeg(2000, 1000), png(2000, 1000, ColorType::Rgb, BitDepth::Eight, &quarters(2000, 1000))] {
        let rendered = rendered(&file);
        assert_eq!(rendered.original, Size { width: 2000, height: 1000 });
        let sizes = [
            ("thumb", 256, 256),
            ("small", 320, 160),
            ("medium", 640, 320),
            ("large", 1280, 640),
            ("full", 2000, 1000),
        ];
        assert_eq!(named_sizes(&rendered), sizes);
        for rendition in &rendered.renditions {
            let image = seen(&rendition.bytes);
            assert_eq!((image.width, image.height), (rendition.size.width as usize, rendition.size.height as usize));
        }
    }
}

#[test]
fn nothing_is_enlarged_and_no_rendition_is_left_out() {
    let rendered = rendered(&jpeg(400, 100));
    let sizes =
        [("thumb", 100, 100), ("small", 320, 80), ("medium", 400, 100), ("large", 400, 100), ("full", 400, 100)];
    assert_eq!(named_sizes(&rendered), sizes);
    assert_eq!(rendered.renditions[2].bytes, rendered.renditions[4].bytes);
}

#[test]
fn a_single_pixel_and_a_single_line_are_pictures() {
    for (width, height) in [(1, 1), (1, 3000), (3000, 1), (7, 5)] {
        for file in [
            jpeg(width, height),
            png(width as u32, height as u32, ColorType::Rgb, BitDepth::Eight, &quarters(width, height)),
        ] {
            assert_eq!(rendered(&file).renditions.len(), RENDITIONS.len() + 1, "{width} x {height}");
        }
    }
}

#[test]
fn jpeg_baseline_progressive_gray_and_cmyk() {
    assert_corners(&jpeg(200, 120), UPRIGHT, "baseline");
    assert_corners(&jpeg(2900, 210), UPRIGHT, "baseline, scaled while decoding");
    assert_corners(&progressive(200, 120), UPRIGHT, "progressive");
    assert_corners(&progressive(2700, 160), UPRIGHT, "progressive, scaled while decoding");

    let gray: Vec<u8> = quarters(64, 64).chunks(3).map(|pixel| pixel[1]).collect();
    let file = Encoder::new(&gray, 64, 64, PixelFormat::Grayscale).quality(90).encode().unwrap();
    assert_corners(&file, UPRIGHT.map(|colour| [colour[1]; 3]), "gray");

    // Adobe stores CMYK inverted: 255 is no ink.
    let ink = |colour: [u8; 3]| [colour[0], colour[1], colour[2], 255];
    let cmyk: Vec<u8> = quarters(64, 64).chunks(3).flat_map(|it| ink([it[0], it[1], it[2]])).collect();
    let file = Encoder::new(&cmyk, 64, 64, PixelFormat::Cmyk).quality(95).write_adobe_marker(true).encode().unwrap();
    assert_corners(&file, UPRIGHT, "CMYK");
}

#[test]
fn each_exif_orientation_of_jpeg_and_png_comes_out_upright() {
    let (width, height) = (60, 40);
    // Where EXIF says that the stored rows and columns belong: which upright corner each stored corner shows.
    let stored = [
        (1, [RED, GREEN, BLUE, YELLOW]),
        (2, [GREEN, RED, YELLOW, BLUE]),
        (3, [YELLOW, BLUE, GREEN, RED]),
        (4, [BLUE, YELLOW, RED, GREEN]),
        (5, [RED, BLUE, GREEN, YELLOW]),
        (6, [GREEN, YELLOW, RED, BLUE]),
        (7, [YELLOW, GREEN, BLUE, RED]),
        (8, [BLUE, RED, YELLOW, GREEN]),
    ];
    for (orientation, [upper_left, upper_right, lower_left, lower_right]) in stored {
        let (width, height) = if orientation >= 5 { (height, width) } else { (width, height) };
        let pixels: Vec<u8> = (0..height)
            .flat_map(|y| (0..width).map(move |x| (x, y)))
            .flat_map(|(x, y)| match (x * 2 < width, y * 2 < height) {
                (true, true) => upper_left,
                (false, true) => upper_right,
                (true, false) => lower_left,
                (false, false) => lower_right,
            })
            .collect();
        let jpeg = oriented(&pixels, width, height, orientation);
        let rows: Vec<u8> = pixels.chunks(width * 3).flat_map(|row| [&[0], row].concat()).collect();
        let chunks = [chunk(b"eXIf", &exif(orientation)), chunk(b"IDAT", &stored_zlib(&rows))];
        let png = raw_png(width as u32, height as u32, false, &chunks);
        for file in [jpeg, png] {
            assert_eq!(rendered(&file).original, Size { width: 60, height: 40 }, "orientation {orientation}");
            assert_corners(&file, UPRIGHT, &format!("orientation {orientation}"));
        }
    }
}

#[test]
fn png_gray_palette_sixteen_bits_and_transparency() {
    let pixels = quarters(64, 48);
    let rgb = || pixels.chunks(3);
    let wide: Vec<u8> = pixels.iter().flat_map(|&sample| [sample, sample]).collect();
    assert_corners(&png(64, 48, ColorType::Rgb, BitDepth::Eight, &pixels), UPRIGHT, "rgb");
    assert_corners(&png(64, 48, ColorType::Rgb, BitDepth::Sixteen, &wide), UPRIGHT, "rgb, 16 bits");

    let gray: Vec<u8> = rgb().map(|pixel| pixel[0]).collect();
    let grays = UPRIGHT.map(|colour| [colour[0]; 3]);
    assert_corners(&png(64, 48, ColorType::Grayscale, BitDepth::Eight, &gray), grays, "gray");
    let wide: Vec<u8> = gray.iter().flat_map(|&sample| [sample, 0]).collect();
    assert_corners(&png(64, 48, ColorType::Grayscale, BitDepth::Sixteen, &wide), grays, "gray, 16 bits");
    assert_corners(
        &png(16, 16, ColorType::Grayscale, BitDepth::One, &[0xF0, 0x0F].repeat(16)),
        [[255; 3], [255; 3], [255; 3], [255; 3]],
        "one bit",
    );

    // Upper half opaque, lower half clear.
    let alpha = quarters_with(64, 48, [255, 255, 0, 0]);
    let file = png(64, 48, ColorType::Rgba, BitDepth::Eight, &alpha);
    for rendition in rendered(&file).renditions {
        let [[r, g, b, a], _, clear, _] = corner_pixels(&rendition.bytes);
        assert!(close([r, g, b], RED) && (a, clear[3]) == (255, 0), "rgba, {}", rendition.name);
    }
    let half: Vec<u8> = (0..64 * 48).flat_map(|_| [60, 128]).collect();
    for rendition in rendered(&png(64, 48, ColorType::GrayscaleAlpha, BitDepth::Eight, &half)).renditions {
        assert_eq!(corner_pixels(&rendition.bytes), [[60, 60, 60, 128]; 4], "gray and alpha, {}", rendition.name);
    }
    // An alpha that hides nothing is none.
    let opaque = quarters_with(64, 48, [255; 4]);
    let plain = png(64, 48, ColorType::Rgb, BitDepth::Eight, &pixels);
    assert_eq!(rendered(&png(64, 48, ColorType::Rgba, BitDepth::Eight, &opaque)), rendered(&plain));
}

#[test]
fn png_palette_with_a_transparent_entry() {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, 32, 32);
    encoder.set_color(ColorType::Indexed);
    encoder.set_depth(BitDepth::Two);
    encoder.set_palette([RED, GREEN, BLUE, YELLOW].concat());
    encoder.set_trns(vec![255, 255, 255, 0]);
    let rows: Vec<u8> = (0..32)
        .flat_map(|y| {
            if y < 16 {
                [0x00, 0x00, 0x00, 0x00, 0x55, 0x55, 0x55, 0x55]
            } else {
                [0xAA, 0xAA, 0xAA, 0xAA, 0xFF, 0xFF, 0xFF, 0xFF]
            }
        })
        .collect();
    encoder.write_header().unwrap().write_image_data(&rows).unwrap();
    for rendition in rendered(&file).renditions {
        let [red, green, blue, clear] = corner_pixels(&rendition.bytes);
        assert_eq!([red, green, blue].map(|it| it[3]), [255; 3], "{}", rendition.name);
        assert!(close([blue[0], blue[1], blue[2]], BLUE) && clear[3] == 0, "{}", rendition.name);
    }
}

#[test]
fn interlaced_png_is_put_together_from_its_seven_passes() {
    const PASSES: [[usize; 4]; 7] =
        [[0, 0, 8, 8], [4, 0, 8, 8], [0, 4, 4, 8], [2, 0, 4, 4], [0, 2, 2, 4], [1, 0, 2, 2], [0, 1, 1, 2]];
    for (width, height) in [(64, 40), (3, 3), (1, 1), (2600, 30)] {
        let pixels = quarters(width, height);
        let mut rows = Vec::new();
        for [first_x, first_y, step_x, step_y] in PASSES {
            for y in (first_y..height).step_by(step_y) {
                let row: Vec<u8> = (first_x..width)
                    .step_by(step_x)
                    .flat_map(|x| pixels[(y * width + x) * 3..][..3].to_vec())
                    .collect();
                if !row.is_empty() {
                    rows.push(0);
                    rows.extend(row);
                }
            }
        }
        let interlaced = raw_png(width as u32, height as u32, true, &[chunk(b"IDAT", &stored_zlib(&rows))]);
        let plain = png(width as u32, height as u32, ColorType::Rgb, BitDepth::Eight, &pixels);
        assert_eq!(rendered(&interlaced), rendered(&plain), "{width} x {height}");
    }
}

#[test]
fn no_metadata_survives() {
    let pixels = quarters(64, 48);
    let exif = exif(1);
    let jpeg = Encoder::new(&pixels, 64, 48, PixelFormat::Rgb)
        .exif_data(&exif)
        .xmp_data(SECRET)
        .icc_profile(SECRET)
        .comment("22.31N 114.01E")
        .encode()
        .unwrap();
    let rows: Vec<u8> = pixels.chunks(64 * 3).flat_map(|row| [&[0], row].concat()).collect();
    let text = [b"GPS\0", SECRET].concat();
    let chunks = [chunk(b"tEXt", &text), chunk(b"eXIf", &exif), chunk(b"IDAT", &stored_zlib(&rows))];
    for file in [jpeg, raw_png(64, 48, false, &chunks)] {
        let needle = &SECRET[..SECRET.len() - 1];
        assert!(file.windows(needle.len()).any(|window| window == needle), "the original carries it");
        for rendition in rendered(&file).renditions {
            assert!(!rendition.bytes.windows(needle.len()).any(|window| window == needle));
            if rendition.media == Media::Webp {
                // The simple form, which has no place for metadata: one stream, and nothing behind it.
                let (head, stream) = rendition.bytes.split_at(20);
                let length = u32::from_le_bytes([head[16], head[17], head[18], head[19]]) as usize;
                assert_eq!((&head[12..16], stream.len()), (&b"VP8L"[..], length + length % 2));
                continue;
            }
            let markers = libjpeg_turbo_rs::probe(&rendition.bytes).unwrap();
            assert!(
                !markers.has_exif
                    && !markers.has_icc
                    && !markers.has_xmp
                    && !markers.has_iptc
                    && markers.comment.is_none()
            );
        }
    }
}

#[test]
fn the_same_bytes_give_the_same_renditions() {
    let file = jpeg(1500, 900);
    assert_eq!(rendered(&file), rendered(&file));
}

/// Files that libjpeg-turbo and libpng wrote, with what cameras and editors add: EXIF with GPS and a maker's note, a comment, a
/// colour profile, compressed text.
#[test]
fn files_of_other_encoders() {
    let camera = include_bytes!("data/camera.jpg");
    let files: [(&[u8], &str, Size); 3] = [
        (camera, "camera", Size { width: 144, height: 96 }),
        (include_bytes!("data/progressive.jpg"), "progressive", Size { width: 144, height: 96 }),
        (include_bytes!("data/palette.png"), "palette", Size { width: 144, height: 96 }),
    ];
    let holds = |file: &[u8], text: &[u8]| file.windows(text.len()).any(|window| window == text);
    let place = SECRET.strip_suffix(b"\0").unwrap();
    assert!(holds(camera, place) && holds(camera, b"Test camera"));
    for (file, what, size) in files {
        assert_eq!(rendered(file).original, size, "{what}");
        assert_corners(file, UPRIGHT, what);
        for rendition in rendered(file).renditions {
            for trace in [place, b"Exif", b"Test camera", b"ICC_PROFILE"] {
                assert!(!holds(&rendition.bytes, trace), "{what}, {}", rendition.name);
            }
        }
    }
}
