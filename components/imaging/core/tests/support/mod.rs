//! Pictures made by the tests themselves, and numbers that come out the same every time.
#![allow(dead_code, reason = "each test file uses a part of it")]

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

/// A rendition's pixels, and the colour near each of its corners: upper left, upper right, lower left, lower right.
pub(crate) fn corners(file: &[u8]) -> [[u8; 3]; 4] {
    let image = libjpeg_turbo_rs::decompress_to(file, PixelFormat::Rgb).unwrap();
    let (width, height) = (image.width, image.height);
    let at = |x: usize, y: usize| {
        let start = (y * width + x) * 3;
        [image.data[start], image.data[start + 1], image.data[start + 2]]
    };
    let (near_x, near_y) = (width / 8, height / 8);
    let (far_x, far_y) = (width - 1 - near_x, height - 1 - near_y);
    [at(near_x, near_y), at(far_x, near_y), at(near_x, far_y), at(far_x, far_y)]
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
