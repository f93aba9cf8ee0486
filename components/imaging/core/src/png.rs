//! PNG: rows are decoded one at a time and shrunk as they come. Text and colour profiles are skipped, never inflated.
use std::io::{Cursor, ErrorKind};

use png::{ColorType, Decoder, DecodingError, Limits as PngLimits, Reader, Transformations};

use crate::error::Format;
use crate::error::{Defect, Failure, Quantity};
use crate::model::{Limits, Raster, Size};
use crate::orientation::Orientation;
use crate::shrink::Shrink;

/// The most that chunks other than the picture's own may hold: a palette, an `eXIf`, buffers of a row.
const CHUNK_BYTES: usize = 16 << 20;

/// Where the pixels of each pass of Adam7 lie: first column, first row, and the steps to the next (W3C PNG, 8.1).
const ADAM7: [[u32; 4]; 7] =
    [[0, 0, 8, 8], [4, 0, 8, 8], [0, 4, 4, 8], [2, 0, 4, 4], [0, 2, 2, 4], [1, 0, 2, 2], [0, 1, 1, 2]];

/// The only pass of a picture that is not interlaced.
const WHOLE: [[u32; 4]; 1] = [[0, 0, 1, 1]];

/// A PNG whose headers are within the limits.
pub(crate) struct Png<'a> {
    reader: Reader<Cursor<&'a [u8]>>,
    limits: Limits,
    /// Of the stored pixels.
    pub(crate) size: Size,
    /// How to turn the stored pixels upright.
    pub(crate) orientation: Orientation,
}

impl<'a> Png<'a> {
    /// Reads everything before the first pixel.
    pub(crate) fn open(bytes: &'a [u8], limits: &Limits) -> Result<Self, Failure> {
        let mut decoder = Decoder::new_with_limits(Cursor::new(bytes), PngLimits { bytes: CHUNK_BYTES });
        decoder.set_ignore_text_chunk(true);
        decoder.set_ignore_iccp_chunk(true);
        decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16);
        // The size is checked as soon as it is known, before anything is allocated for a row.
        let header = decoder.read_header_info().map_err(|error| failure(&error, Defect::Header))?;
        let size = Size { width: header.width, height: header.height };
        if size.pixels() == 0 {
            return Err(Failure::Corrupt(Format::Png, Defect::Header));
        }
        limits.check_size(size)?;
        let reader = decoder.read_info().map_err(|error| failure(&error, Defect::Header))?;
        let exif = reader.info().exif_metadata.as_deref();
        let orientation = exif.map_or(Orientation::UPRIGHT, Orientation::from_exif);
        Ok(Self { reader, limits: *limits, size, orientation })
    }

    /// Decodes the default image, shrunk to no less than `target` on either side, on white.
    pub(crate) fn decode(mut self, target: Size) -> Result<Raster, Failure> {
        self.limits.check_memory(Shrink::memory(self.size, target))?;
        let passes: &[_] = if self.reader.info().interlaced { &ADAM7 } else { &WHOLE };
        let flatten = match self.reader.output_color_type().0 {
            ColorType::Grayscale | ColorType::Indexed => gray,
            ColorType::GrayscaleAlpha => gray_alpha,
            ColorType::Rgb => rgb,
            ColorType::Rgba => rgb_alpha,
        };
        let mut shrink = Shrink::new(self.size, target);
        // Rows are counted here, because asking for one more would inflate whatever follows the picture.
        for &[first_x, first_y, step_x, step_y] in passes {
            if first_x >= self.size.width {
                continue;
            }
            for y in (first_y..self.size.height).step_by(step_y as usize) {
                let row = self.reader.next_row().map_err(|error| failure(&error, Defect::Data))?;
                let row = row.ok_or(Failure::Corrupt(Format::Png, Defect::Truncated))?;
                flatten(&mut shrink, [y, first_x, step_x], row.data());
            }
        }
        shrink.finish().ok_or(Failure::Corrupt(Format::Png, Defect::Data))
    }
}

/// Lays one sample over white.
fn over_white(sample: u8, alpha: u8) -> u8 {
    let (sample, alpha) = (u32::from(sample), u32::from(alpha));
    u8::try_from((sample * alpha + 255 * (255 - alpha) + 127) / 255).unwrap_or(u8::MAX)
}

fn gray(shrink: &mut Shrink, [y, first, step]: [u32; 3], row: &[u8]) {
    shrink.add(y, first, step, row.iter().map(|&gray| [gray; 3]));
}

fn gray_alpha(shrink: &mut Shrink, [y, first, step]: [u32; 3], row: &[u8]) {
    let pixels = row.as_chunks::<2>().0.iter();
    shrink.add(y, first, step, pixels.map(|&[gray, alpha]| [over_white(gray, alpha); 3]));
}

fn rgb(shrink: &mut Shrink, [y, first, step]: [u32; 3], row: &[u8]) {
    shrink.add(y, first, step, row.as_chunks::<3>().0.iter().copied());
}

fn rgb_alpha(shrink: &mut Shrink, [y, first, step]: [u32; 3], row: &[u8]) {
    let pixels = row.as_chunks::<4>().0.iter();
    let flat = pixels.map(|&[red, green, blue, alpha]| [red, green, blue].map(|sample| over_white(sample, alpha)));
    shrink.add(y, first, step, flat);
}

/// Says what the decoder's error means to the sender. `otherwise` is what a contradiction is at this stage.
fn failure(error: &DecodingError, otherwise: Defect) -> Failure {
    match error {
        DecodingError::IoError(error) if error.kind() == ErrorKind::UnexpectedEof => {
            Failure::Corrupt(Format::Png, Defect::Truncated)
        }
        DecodingError::LimitsExceeded => {
            let limit = CHUNK_BYTES as u64;
            Failure::TooLarge { quantity: Quantity::Memory, value: limit + 1, limit }
        }
        _ => Failure::Corrupt(Format::Png, otherwise),
    }
}
