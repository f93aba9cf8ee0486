//! The tests' own pictures: four colours in four corners, so that a turn or a flip shows.

use std::io::Cursor;

use anyhow::{Context as _, Result, ensure};
use image::codecs::jpeg::JpegEncoder;
use image::metadata::Orientation;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};

/// Red, green, blue, yellow: top left, top right, bottom left, bottom right.
pub const CORNERS: [[u8; 3]; 4] = [[220, 30, 30], [30, 200, 30], [30, 30, 220], [220, 210, 30]];

/// A picture with one of [`CORNERS`] in each quarter.
#[must_use]
pub fn quarters(width: u32, height: u32) -> DynamicImage {
    DynamicImage::ImageRgb8(RgbImage::from_fn(width, height, |x, y| {
        let [top_left, top_right, bottom_left, bottom_right] = CORNERS;
        Rgb(match (x < width / 2, y < height / 2) {
            (true, true) => top_left,
            (false, true) => top_right,
            (true, false) => bottom_left,
            (false, false) => bottom_right,
        })
    }))
}

/// Encodes as JPEG without any metadata.
///
/// # Errors
/// When the encoder fails.
pub fn jpeg(picture: &DynamicImage) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, 90).encode_image(picture)?;
    Ok(bytes)
}

/// Encodes red, green and blue bytes likewise.
///
/// # Errors
/// When they are not as many as the size says, or the encoder fails.
pub fn jpeg_of(rgb: Vec<u8>, width: u32, height: u32) -> Result<Vec<u8>> {
    let picture = RgbImage::from_raw(width, height, rgb).context("too few or too many bytes")?;
    jpeg(&DynamicImage::ImageRgb8(picture))
}

/// A JPEG whose pixels are stored turned, and whose Exif block says how to turn them back (`orientation` 1 to 8), with a GPS
/// position in it.
///
/// # Errors
/// When `orientation` is none, or the encoder fails.
pub fn jpeg_with_exif(upright: &DynamicImage, orientation: u8) -> Result<Vec<u8>> {
    let inverse = match orientation {
        6 => 8,
        8 => 6,
        other => other,
    };
    let mut stored = upright.clone();
    stored.apply_orientation(Orientation::from_exif(inverse).context("an Exif orientation is 1 to 8")?);
    let plain = jpeg(&stored)?;
    let (start, rest) = plain.split_at_checked(2).context("a JPEG has two bytes at least")?;
    let exif = exif(orientation);
    let length = u16::try_from(exif.len() + 2)?.to_be_bytes();
    Ok([start, &[0xFF, 0xE1], &length, &exif, rest].concat())
}

/// Words that are in the Exif block only, to look for in what comes out.
pub const CAMERA: &str = "VitrineTestCamera";

/// An Exif block (Exif 3.0, TIFF 6.0, little-endian): camera maker, orientation, and 48° 12′ 30″ north as GPS position.
fn exif(orientation: u8) -> Vec<u8> {
    let maker = [CAMERA.as_bytes(), &[0]].concat();
    // Header 8, then a directory of 3 entries (2 + 3 * 12 + 4), then the maker's name, then the GPS directory.
    let maker_at = 8 + 42;
    let gps_at = maker_at + maker.len() as u32 + (maker.len() as u32 % 2);
    let position_at = gps_at + 2 + 2 * 12 + 4;
    let mut tiff = b"II*\0\x08\0\0\0".to_vec();
    tiff.extend(3_u16.to_le_bytes());
    entry(&mut tiff, 0x010F, 2, maker.len() as u32, maker_at);
    entry(&mut tiff, 0x0112, 3, 1, u32::from(orientation));
    entry(&mut tiff, 0x8825, 4, 1, gps_at);
    tiff.extend(0_u32.to_le_bytes());
    tiff.extend(&maker);
    tiff.resize(gps_at as usize, 0);
    tiff.extend(2_u16.to_le_bytes());
    entry(&mut tiff, 1, 2, 2, u32::from(b'N'));
    entry(&mut tiff, 2, 5, 3, position_at);
    tiff.extend(0_u32.to_le_bytes());
    for number in [48_u32, 1, 12, 1, 30, 1] {
        tiff.extend(number.to_le_bytes());
    }
    [b"Exif\0\0".as_slice(), &tiff].concat()
}

fn entry(tiff: &mut Vec<u8>, tag: u16, kind: u16, count: u32, value: u32) {
    tiff.extend(tag.to_le_bytes());
    tiff.extend(kind.to_le_bytes());
    tiff.extend(count.to_le_bytes());
    tiff.extend(value.to_le_bytes());
}

/// A PNG of 900 by 600 pixels that nothing but arithmetic decides. The tests of the engine make the same one.
///
/// # Errors
/// When the encoder fails.
pub fn pattern() -> Result<Vec<u8>> {
    let pixel = |x: u32, y: u32| [x * y / 9, (x * x + y) / 13, (x + y * y) / 17].map(|value| value as u8);
    let mut bytes = Vec::new();
    RgbImage::from_fn(900, 600, |x, y| Rgb(pixel(x, y))).write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png)?;
    Ok(bytes)
}

/// A PNG: the four quarters, with a transparent square in the middle.
///
/// # Errors
/// When the encoder fails.
pub fn png_with_hole(width: u32, height: u32) -> Result<Vec<u8>> {
    let solid = quarters(width, height).to_rgba8();
    let picture = RgbaImage::from_fn(width, height, |x, y| {
        let inside = (width / 3..width * 2 / 3).contains(&x) && (height / 3..height * 2 / 3).contains(&y);
        if inside { Rgba([0, 0, 0, 0]) } else { *solid.get_pixel(x, y) }
    });
    let mut bytes = Vec::new();
    picture.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png)?;
    Ok(bytes)
}

/// A JPEG whose header promises 65,500 × 65,500 pixels: 12 GB, if somebody believed it.
///
/// # Errors
/// When the encoder fails.
pub fn jpeg_bomb() -> Result<Vec<u8>> {
    let mut bytes = jpeg(&quarters(16, 16))?;
    let frame = bytes.windows(2).position(|marker| marker == [0xFF, 0xC0]).context("a baseline JPEG has SOF0")?;
    // Marker 2, length 2, precision 1; then height and width.
    let size = bytes.get_mut(frame + 5..frame + 9).context("SOF0 holds the size")?;
    size.copy_from_slice(&[0xFF, 0xDC, 0xFF, 0xDC]);
    Ok(bytes)
}

/// A PNG whose header promises 60,000 × 60,000 pixels.
///
/// # Errors
/// When the encoder fails.
pub fn png_bomb() -> Result<Vec<u8>> {
    let mut bytes = png_with_hole(16, 16)?;
    // Signature 8, length 4, "IHDR" 4; then width and height, and 13 bytes on the checksum of type and data.
    bytes.get_mut(16..24).context("IHDR holds the size")?.copy_from_slice(&[0, 0, 0xEA, 0x60, 0, 0, 0xEA, 0x60]);
    let checksum = crc32(bytes.get(12..29).context("IHDR is 13 bytes long")?);
    bytes.get_mut(29..33).context("IHDR has a checksum")?.copy_from_slice(&checksum.to_be_bytes());
    Ok(bytes)
}

/// CRC-32 as PNG has it (PNG specification, annex D).
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| if crc & 1 == 1 { 0xEDB8_8320 ^ (crc >> 1) } else { crc >> 1 })
    })
}

/// A decoded rendition, for looking at.
pub struct Seen(RgbaImage);

impl Seen {
    /// Decodes a picture of that media type, JPEG or WebP.
    ///
    /// # Errors
    /// When it is no such picture.
    pub fn decoded(bytes: &[u8], media_type: &str) -> Result<Self> {
        let format = ImageFormat::from_mime_type(media_type).with_context(|| format!("{media_type} is unknown"))?;
        Ok(Self(image::load_from_memory_with_format(bytes, format)?.to_rgba8()))
    }

    /// Width and height.
    #[must_use]
    pub fn size(&self) -> (u32, u32) {
        self.0.dimensions()
    }

    /// The colour at a place given in hundredths of width and height.
    ///
    /// # Errors
    /// When that is outside.
    pub fn at(&self, x: u32, y: u32) -> Result<[u8; 3]> {
        let [red, green, blue, _] = self.pixel(x, y)?;
        Ok([red, green, blue])
    }

    /// How opaque it is there.
    ///
    /// # Errors
    /// When that is outside.
    pub fn alpha(&self, x: u32, y: u32) -> Result<u8> {
        let [.., alpha] = self.pixel(x, y)?;
        Ok(alpha)
    }

    fn pixel(&self, x: u32, y: u32) -> Result<[u8; 4]> {
        let (width, height) = self.0.dimensions();
        Ok(self.0.get_pixel_checked(width * x / 100, height * y / 100).context("outside the picture")?.0)
    }

    /// Checks that the four quarters are where they belong.
    ///
    /// # Errors
    /// When one is not.
    pub fn upright(&self) -> Result<()> {
        for (place, expected) in [(12, 12), (87, 12), (12, 87), (87, 87)].into_iter().zip(CORNERS) {
            let found = self.at(place.0, place.1)?;
            ensure!(near(found, expected), "at {place:?} % there is {found:?} instead of {expected:?}");
        }
        Ok(())
    }
}

/// Whether two colours are the same but for JPEG's losses.
#[must_use]
pub fn near(one: [u8; 3], other: [u8; 3]) -> bool {
    one.iter().zip(other).all(|(one, other)| one.abs_diff(other) < 40)
}

/// Whether a JPEG holds metadata: an Exif, XMP, IPTC or comment segment, or the camera's name anywhere.
#[must_use]
pub fn has_metadata(jpeg: &[u8]) -> bool {
    let needles: [&[u8]; 5] = [b"Exif\0", b"http://ns.adobe.com/xap", b"Photoshop 3.0", CAMERA.as_bytes(), b"GPS"];
    let segments = [[0xFF, 0xE1], [0xFF, 0xED], [0xFF, 0xFE]];
    needles.iter().any(|needle| jpeg.windows(needle.len()).any(|window| window == *needle))
        || header_segments(jpeg).iter().any(|marker| segments.contains(marker))
}

/// The markers before the first scan.
fn header_segments(jpeg: &[u8]) -> Vec<[u8; 2]> {
    let mut markers = Vec::new();
    let mut at = 2;
    while let Some(&[first, second, high, low]) = jpeg.get(at..at + 4) {
        markers.push([first, second]);
        if second == 0xDA {
            break;
        }
        at += 2 + usize::from(u16::from_be_bytes([high, low]));
    }
    markers
}
