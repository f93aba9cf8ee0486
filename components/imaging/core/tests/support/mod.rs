//! Pictures made by the tests themselves, and numbers that come out the same every time.
#![allow(
    dead_code,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "each test file uses a part of it; a test that cannot go on has failed"
)]

use image::{ExtendedColorType, ImageEncoder};
use libjpeg_turbo_rs::{Encoder, PixelFormat, Subsampling};
use png::{BitDepth, ColorType};

/// Four quarters of one colour each: red and green above, blue and yellow below. Which corner is which shows how a
/// picture was turned.
pub(crate) const RED: [u8; 3] = [220, 30, 30];
pub(crate) const GREEN: [u8; 3] = [30, 200, 30];
pub(crate) const BLUE: [u8; 3] = [30, 30, 220];
pub(crate) const YELLOW: [u8; 3] = [230, 220, 40];

/// The pixels of the four quarters.
pub(crate) fn quarters(width: usize, height: usize) -> Vec<u8> {
    let colour = |x: usize, y: usize| match (x * 2 < width, y * 2 < height) {
        (true, true) => RED,
        (false, true) => GREEN,
        (true, false) => BLUE,
        (false, false) => YELLOW,
    };
    (0..height).flat_map(|y| (0..width).flat_map(move |x| colour(x, y))).collect()
}

/// A baseline JPEG of the four quarters.
pub(crate) fn jpeg(width: usize, height: usize) -> Vec<u8> {
    let pixels = quarters(width, height);
    Encoder::new(&pixels, width, height, PixelFormat::Rgb).quality(90).subsampling(Subsampling::S420).encode().unwrap()
}

/// A progressive one.
pub(crate) fn progressive(width: usize, height: usize) -> Vec<u8> {
    let pixels = quarters(width, height);
    Encoder::new(&pixels, width, height, PixelFormat::Rgb).quality(90).progressive(true).encode().unwrap()
}

/// A JPEG that says in EXIF how it is to be turned.
pub(crate) fn oriented(stored: &[u8], width: usize, height: usize, orientation: u8) -> Vec<u8> {
    let exif = exif(orientation);
    Encoder::new(stored, width, height, PixelFormat::Rgb).quality(90).exif_data(&exif).encode().unwrap()
}

/// A TIFF block with an orientation and a copyright notice that no rendition may repeat.
pub(crate) fn exif(orientation: u8) -> Vec<u8> {
    let mut tiff = b"II*\0\x08\0\0\0\x02\0".to_vec();
    tiff.extend([0x12, 0x01, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0]);
    tiff.extend([0x98, 0x82, 2, 0, SECRET.len() as u8, 0, 0, 0, 38, 0, 0, 0]);
    tiff.extend([0; 4]);
    tiff.extend(SECRET);
    tiff
}

/// Text hidden in metadata.
pub(crate) const SECRET: &[u8] = b"22.31N 114.01E\0";

/// A PNG of raw samples.
pub(crate) fn png(width: u32, height: u32, color: ColorType, depth: BitDepth, data: &[u8]) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(color);
    encoder.set_depth(depth);
    encoder.write_header().unwrap().write_image_data(data).unwrap();
    file
}

/// A picture in a format that `image` writes.
pub(crate) fn written(format: Written, width: u32, height: u32, colours: ExtendedColorType, data: &[u8]) -> Vec<u8> {
    use image::codecs::{bmp::BmpEncoder, qoi::QoiEncoder, tiff::TiffEncoder};
    let mut file = std::io::Cursor::new(Vec::new());
    match format {
        Written::Bmp => BmpEncoder::new(&mut file).write_image(data, width, height, colours),
        Written::Qoi => QoiEncoder::new(&mut file).write_image(data, width, height, colours),
        Written::Tiff => TiffEncoder::new(&mut file).write_image(data, width, height, colours),
    }
    .unwrap();
    file.into_inner()
}

/// A lossless WebP without alpha.
pub(crate) fn lossless_webp(width: u32, height: u32, rgb: &[u8]) -> Vec<u8> {
    let mut file = Vec::new();
    image_webp::WebPEncoder::new(&mut file).encode(rgb, width, height, image_webp::ColorType::Rgb8).unwrap();
    file
}

/// Formats that `image` writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Written {
    Bmp,
    Qoi,
    Tiff,
}

/// A GIF of frames at `left` and `top` on a canvas; index 3 is transparent where `clear`.
pub(crate) fn gif(canvas: [u16; 2], frames: &[([u16; 4], Vec<u8>)], clear: bool) -> Vec<u8> {
    let mut file = Vec::new();
    let palette = [RED, GREEN, BLUE, YELLOW].concat();
    let mut encoder = gif::Encoder::new(&mut file, canvas[0], canvas[1], &palette).unwrap();
    for ([left, top, width, height], indices) in frames {
        let frame = gif::Frame {
            left: *left,
            top: *top,
            width: *width,
            height: *height,
            transparent: clear.then_some(3),
            buffer: indices.as_slice().into(),
            ..gif::Frame::default()
        };
        encoder.write_frame(&frame).unwrap();
    }
    drop(encoder);
    file
}

/// The four quarters as numbers 0 to 3.
pub(crate) fn quarter_indices(width: usize, height: usize) -> Vec<u8> {
    let index = |x: usize, y: usize| u8::from(x * 2 >= width) + if y * 2 >= height { 2 } else { 0 };
    (0..height).flat_map(|y| (0..width).map(move |x| index(x, y))).collect()
}

/// The four quarters with the alpha of each.
pub(crate) fn quarters_with(width: usize, height: usize, alpha: [u8; 4]) -> Vec<u8> {
    let pixels = quarters(width, height);
    let alphas = quarter_indices(width, height).into_iter().map(|index| alpha[usize::from(index)]);
    pixels.chunks(3).zip(alphas).flat_map(|(rgb, alpha)| [rgb[0], rgb[1], rgb[2], alpha]).collect()
}

/// A profile of inks that looks at nothing but cyan, and calls it gray (ICC.1, `lut8Type`): full cyan is black, none is
/// white.
pub(crate) fn profile_of_inks() -> Vec<u8> {
    let mut lut = b"mft1\0\0\0\0".to_vec();
    // Four inks, three values of CIELAB, two steps a side; then a matrix that is not used.
    lut.extend([4, 3, 2, 0]);
    for entry in [1, 0, 0, 0, 1, 0, 0, 0, 1_i32] {
        lut.extend((entry << 16).to_be_bytes());
    }
    (0..4).for_each(|_| lut.extend(0..=255));
    for corner in 0..16 {
        lut.extend([if corner & 8 == 0 { 255 } else { 0 }, 128, 128]);
    }
    (0..3).for_each(|_| lut.extend(0..=255));
    let mut profile = vec![0; 128];
    profile[8] = 2;
    profile[12..16].copy_from_slice(b"prtr");
    profile[16..20].copy_from_slice(b"CMYK");
    profile[20..24].copy_from_slice(b"Lab ");
    profile[36..40].copy_from_slice(b"acsp");
    // The white of the connection space, D50.
    profile[68..80].copy_from_slice(&[0, 0, 0xF6, 0xD6, 0, 1, 0, 0, 0, 0, 0xD3, 0x2D]);
    profile.extend(1_u32.to_be_bytes());
    profile.extend(b"A2B0");
    profile.extend(144_u32.to_be_bytes());
    profile.extend((lut.len() as u32).to_be_bytes());
    profile.extend(lut);
    let length = (profile.len() as u32).to_be_bytes();
    profile[..4].copy_from_slice(&length);
    profile
}

/// One chunk: length, type, data, checksum.
pub(crate) fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let body = [kind, data].concat();
    [&(data.len() as u32).to_be_bytes()[..], &body, &crc32(&body).to_be_bytes()].concat()
}

/// A PNG put together by hand, so that headers may lie.
pub(crate) fn raw_png(width: u32, height: u32, interlaced: bool, chunks: &[Vec<u8>]) -> Vec<u8> {
    let (width, height) = (width.to_be_bytes(), height.to_be_bytes());
    let header = [&width[..], &height, &[8, 2, 0, 0, u8::from(interlaced)]].concat();
    [&b"\x89PNG\r\n\x1A\n"[..], &chunk(b"IHDR", &header), &chunks.concat(), &chunk(b"IEND", &[])].concat()
}

/// The CRC of ISO 3309, as PNG's annex D computes it.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| if crc & 1 == 1 { 0xEDB8_8320 ^ (crc >> 1) } else { crc >> 1 })
    })
}

/// `data` as zlib stores it without compression (RFC 1950, RFC 1951 3.2.4).
pub(crate) fn stored_zlib(data: &[u8]) -> Vec<u8> {
    let mut out = vec![0x78, 0x01];
    let blocks = data.len().div_ceil(65_535).max(1);
    for (index, block) in data.chunks(65_535).enumerate() {
        let length = block.len() as u16;
        out.push(u8::from(index + 1 == blocks));
        out.extend(length.to_le_bytes());
        out.extend((!length).to_le_bytes());
        out.extend(block);
    }
    let (a, b) = data.iter().fold((1_u32, 0_u32), |(a, b), &byte| {
        let a = (a + u32::from(byte)) % 65_521;
        (a, (b + a) % 65_521)
    });
    out.extend((b << 16 | a).to_be_bytes());
    out
}

/// A decoded rendition.
pub(crate) struct Seen {
    pub(crate) width: usize,
    pub(crate) height: usize,
    /// Red, green, blue and alpha.
    pub(crate) pixels: Vec<[u8; 4]>,
}

/// Decodes a rendition of either type.
pub(crate) fn seen(file: &[u8]) -> Seen {
    if file.starts_with(b"RIFF") {
        let mut decoder = image_webp::WebPDecoder::new(std::io::Cursor::new(file)).unwrap();
        let (width, height) = decoder.dimensions();
        let mut data = vec![0; decoder.output_buffer_size().unwrap()];
        decoder.read_image(&mut data).unwrap();
        let pixel = |it: &[u8]| [it[0], it[1], it[2], it.get(3).copied().unwrap_or(255)];
        let pixels = data.chunks(if decoder.has_alpha() { 4 } else { 3 }).map(pixel).collect();
        return Seen { width: width as usize, height: height as usize, pixels };
    }
    let image = libjpeg_turbo_rs::decompress_to(file, PixelFormat::Rgba).unwrap();
    Seen { width: image.width, height: image.height, pixels: image.data.as_chunks().0.to_vec() }
}

/// The pixel near each corner of a rendition: upper left, upper right, lower left, lower right.
pub(crate) fn corner_pixels(file: &[u8]) -> [[u8; 4]; 4] {
    let seen = seen(file);
    let (near_x, near_y) = (seen.width / 8, seen.height / 8);
    let (far_x, far_y) = (seen.width - 1 - near_x, seen.height - 1 - near_y);
    [(near_x, near_y), (far_x, near_y), (near_x, far_y), (far_x, far_y)].map(|(x, y)| seen.pixels[y * seen.width + x])
}

/// Likewise, the colours alone.
pub(crate) fn corners(file: &[u8]) -> [[u8; 3]; 4] {
    corner_pixels(file).map(|[red, green, blue, _]| [red, green, blue])
}

/// Whether two colours are the same but for what JPEG loses.
pub(crate) fn close(one: [u8; 3], other: [u8; 3]) -> bool {
    one.iter().zip(other).all(|(a, b)| a.abs_diff(b) <= 12)
}

/// Marsaglia's xorshift64: enough to choose what to break.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }
}
