//! What is seen on a picture: a blurred preview, its colours, and a hash by which pictures that look alike are found. All of it
//! from one small raster.
use crate::error::Failure;
use crate::model::{Description, Size};
use crate::palette::palette;
use crate::raster::{Pixel, Raster};
use crate::resize::Scaler;

/// The longest side that ThumbHash takes.
const SIDE: u32 = 100;

/// Describes a picture by a smaller version of it.
pub(crate) fn describe(raster: &Raster) -> Result<Description, Failure> {
    let small = Scaler::default().scale(raster.clone(), raster.size().fit(SIDE))?;
    let size = small.size();
    let pixels = opaque(&small);
    let thumbhash = thumbhash::rgba_to_thumb_hash(size.width as usize, size.height as usize, pixels.as_flattened());
    Ok(Description { thumbhash, palette: palette(&pixels), perceptual_hash: perceptual_hash(size, &pixels) })
}

/// The pixels with their alpha, opaque where the raster has none.
fn opaque(raster: &Raster) -> Vec<[u8; 4]> {
    let data = raster.data();
    match raster.pixel() {
        Pixel::Rgb => data.as_chunks().0.iter().map(|&[red, green, blue]| [red, green, blue, u8::MAX]).collect(),
        Pixel::Rgba | Pixel::Cmyk => data.as_chunks().0.to_vec(),
    }
}

/// Nine columns of eight rows of mean brightness over white; each bit says that a field is brighter than its right
/// neighbour. The first field is the highest bit, row by row. (A difference hash.)
fn perceptual_hash(size: Size, pixels: &[[u8; 4]]) -> u64 {
    let (columns, rows) = (bounds(size.width, 9), bounds(size.height, 8));
    let width = size.width as usize;
    let mut hash = 0;
    for &(top, bottom) in &rows {
        let field = |&(left, right): &(usize, usize)| {
            let lines = (top..bottom).filter_map(|y| pixels.get(y * width + left..y * width + right));
            let (sum, count) =
                lines.flatten().fold((0, 0), |(sum, count), pixel| (sum + brightness(*pixel), count + 1));
            sum / u64::max(count, 1)
        };
        let fields: Vec<u64> = columns.iter().map(field).collect();
        for pair in fields.windows(2) {
            hash = hash << 1 | u64::from(pair.first() > pair.last());
        }
    }
    hash
}

/// Where `parts` fields of a side begin and end; each has a pixel at least, which it shares where there are too few.
fn bounds(side: u32, parts: usize) -> Vec<(usize, usize)> {
    let side = side as usize;
    let at = |part: usize| part * side / parts;
    (0..parts).map(|part| (at(part).min(side - 1), at(part + 1).max(at(part) + 1).min(side))).collect()
}

/// Rec. 601 luma in 65,536ths of a level, over white.
fn brightness([red, green, blue, alpha]: [u8; 4]) -> u64 {
    let [red, green, blue, alpha] = [red, green, blue, alpha].map(u64::from);
    let luma = red * 19_595 + green * 38_470 + blue * 7_471;
    (luma * alpha + (255 << 16) * (255 - alpha)) / 255
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(width: u32, height: u32, pixel: impl Fn(u32, u32) -> u8) -> u64 {
        let pixels = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        let pixels: Vec<_> = pixels.map(|(x, y)| [pixel(x, y), pixel(x, y), pixel(x, y), 255]).collect();
        perceptual_hash(Size { width, height }, &pixels)
    }

    #[test]
    fn bits_say_where_it_gets_darker_to_the_right() {
        assert_eq!(hash(90, 80, |x, _| 255 - x as u8), u64::MAX);
        assert_eq!(hash(90, 80, |x, _| x as u8), 0);
        assert_eq!(hash(90, 80, |_, _| 7), 0);
        assert_eq!(hash(90, 80, |x, y| if y < 10 { 255 - x as u8 } else { x as u8 }), 0xFF << 56);
    }

    #[test]
    fn the_same_picture_in_another_size_and_light_has_nearly_the_same_hash() {
        let wave = |x: u32, y: u32, side: u32| ((x * 7 / side) * 30 % 90 + (y * 5 / side) * 11 % 70) as u8;
        let one = hash(100, 100, |x, y| wave(x, y, 100));
        let other = hash(70, 70, |x, y| wave(x, y, 70) + 40);
        assert!((one ^ other).count_ones() <= 6, "{one:x} {other:x}");
    }

    #[test]
    fn what_has_fewer_pixels_than_fields_has_a_hash_too() {
        assert_eq!(hash(1, 1, |_, _| 9), 0);
        assert_eq!(hash(2, 1, |x, _| 9 - x as u8).count_ones(), 8);
    }
}
