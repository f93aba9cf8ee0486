//! The photos: given ones, or such that look like photos to a codec.

use std::path::Path;

use anyhow::{Context as _, Result};
use vitrine_scenarios::picture::jpeg_of;

/// A photo, and how long it may take.
pub(super) struct Photo {
    pub(super) name: &'static str,
    pub(super) bytes: Vec<u8>,
    /// At most this many times what sharp takes.
    pub(super) target: f64,
    /// Whether it has 12 megapixels, for which there is a limit of memory.
    pub(super) is_large: bool,
}

/// Each kind: its name, the file in a folder of photos, the size of one that is made, the target.
const KINDS: [(&str, &str, [u32; 2], f64); 2] = [
    ("12 megapixels", "formats/phone-12mp-exif.jpg", [3072, 4096], 0.4),
    ("2.8 megapixels", "photo-02.jpg", [2048, 1358], 1.5),
];

/// Both kinds, from a folder if there is one.
pub(super) fn photos(folder: Option<&Path>) -> Result<Vec<Photo>> {
    let photo = |(name, file, [width, height], target): (&'static str, &str, [u32; 2], f64)| {
        let bytes = match folder.map(|folder| folder.join(file)) {
            Some(path) => std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?,
            None => made(width, height)?,
        };
        Ok(Photo { name, bytes, target, is_large: width * height > 10_000_000 })
    };
    KINDS.into_iter().map(photo).collect()
}

/// Soft shapes of every size with a grain over them, the same each time: as many bytes a pixel as a photo has.
fn made(width: u32, height: u32) -> Result<Vec<u8>> {
    let mut seed = 0x9E37_79B9_7F4A_7C15_u64;
    let mut random = move || {
        // Marsaglia's xorshift64.
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed
    };
    let waves: Vec<[f32; 4]> = (0..24)
        .map(|octave| {
            let length = 12.0 * 1.25_f32.powi(octave);
            let angle = (random() % 6283) as f32 / 1000.0;
            [angle.cos() / length, angle.sin() / length, (random() % 6283) as f32 / 1000.0, length.sqrt()]
        })
        .collect();
    let most: f32 = waves.iter().map(|[.., height]| height).sum();
    let mut pixels = Vec::with_capacity(width as usize * height as usize * 3);
    for y in 0..height {
        for x in 0..width {
            let tone = |from: usize| {
                let part = waves.iter().skip(from).step_by(3);
                part.map(|[dx, dy, phase, height]| height * (dx * x as f32 + dy * y as f32 + phase).sin()).sum::<f32>()
            };
            let tones = [tone(0), tone(1), tone(2)];
            let common = tones.iter().sum::<f32>();
            let grain = (random() % 13) as f32 - 6.0;
            pixels.extend(tones.map(|tone| (128.0 + (common * 0.8 + tone * 0.6) * 210.0 / most + grain) as u8));
        }
    }
    jpeg_of(pixels, width, height)
}
