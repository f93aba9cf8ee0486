//! PNG: rows are decoded one at a time and shrunk as they come. Text is skipped, never inflated.
use std::io::{Cursor, ErrorKind};

use png::{ColorType, Decoder, DecodingError, Limits as PngLimits, Reader, Transformations};

use crate::colour::{self, Profile};
use crate::error::{Defect, Failure, Format, Quantity};
use crate::head::Head;
use crate::model::{Limits, Size};
use crate::orientation::Orientation;
use crate::raster::Raster;
use crate::shrink::Shrink;

/// The most that chunks other than the picture's own may hold, inflated: a colour profile, a palette, an `eXIf`, buffers
/// of a row.
const CHUNK_BYTES: usize = colour::LONGEST + (4 << 20);

/// Where the pixels of each pass of Adam7 lie: first column, first row, and the steps to the next (W3C PNG, 8.1).
const ADAM7: [[u32; 4]; 7] =
    [[0, 0, 8, 8], [4, 0, 8, 8], [0, 4, 4, 8], [2, 0, 4, 4], [0, 2, 2, 4], [1, 0, 2, 2], [0, 1, 1, 2]];

/// The only pass of a picture that is not interlaced.
const WHOLE: [[u32; 4]; 1] = [[0, 0, 1, 1]];

/// A PNG whose headers are within the limits.
pub(crate) struct Png<'a> {
    reader: Reader<Cursor<&'a [u8]>>,
    limits: Limits,
    pub(crate) head: Head,
}

impl<'a> Png<'a> {
    /// Reads everything before the first pixel.
    pub(crate) fn open(bytes: &'a [u8], limits: &Limits) -> Result<Self, Failure> {
        let mut decoder = Decoder::new_with_limits(Cursor::new(bytes), PngLimits { bytes: CHUNK_BYTES });
        decoder.set_ignore_text_chunk(true);
        decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16);
        // The size is checked as soon as it is known, before anything is allocated for a row.
        let header = decoder.read_header_info().map_err(|error| failure(&error, Defect::Header))?;
        let size = Size { width: header.width, height: header.height };
        let head = Head::new(Format::Png, size, limits)?;
        let reader = decoder.read_info().map_err(|error| failure(&error, Defect::Header))?;
        let info = reader.info();
        let exif = info.exif_metadata.as_deref();
        let orientation = exif.map_or(Orientation::UPRIGHT, Orientation::from_exif);
        // The standard says that `sRGB` outweighs a profile.
        let profile = info.icc_profile.as_deref().filter(|_| info.srgb.is_none()).and_then(Profile::read);
        // The default image may stand before the animation, and is no part of it then.
        let frames = info.animation_control.map_or(1, |control| control.num_frames);
        let head = Head { orientation, profile, ..head }.frames(frames.max(1), limits)?;
        Ok(Self { reader, limits: *limits, head })
    }

    /// Decodes the default image, shrunk to no less than `target` on either side.
    pub(crate) fn decode(self, target: Size) -> Result<Raster, Failure> {
        match self.reader.output_color_type().0 {
            ColorType::Grayscale | ColorType::Indexed => self.rows(target, |&[gray]| [gray; 3]),
            ColorType::GrayscaleAlpha => self.rows(target, |&[gray, alpha]| [gray, gray, gray, alpha]),
            ColorType::Rgb => self.rows::<3, 3>(target, |pixel| *pixel),
            ColorType::Rgba => self.rows::<4, 4>(target, |pixel| *pixel),
        }
    }

    /// Decodes pixels of `N` samples and keeps `M` of each.
    fn rows<const N: usize, const M: usize>(
        mut self,
        target: Size,
        pixel: impl Fn(&[u8; N]) -> [u8; M],
    ) -> Result<Raster, Failure> {
        let size = self.head.size;
        self.limits.check_memory(Shrink::<M>::memory(size, target))?;
        let passes: &[_] = if self.reader.info().interlaced { &ADAM7 } else { &WHOLE };
        let mut shrink = Shrink::new(size, target);
        // Rows are counted here, because asking for one more would inflate whatever follows the picture.
        for &[first_x, first_y, step_x, step_y] in passes {
            if first_x >= size.width {
                continue;
            }
            for y in (first_y..size.height).step_by(step_y as usize) {
                let row = self.reader.next_row().map_err(|error| failure(&error, Defect::Data))?;
                let row = row.ok_or(Failure::Corrupt(Format::Png, Defect::Truncated))?;
                shrink.add(y, first_x, step_x, row.data().as_chunks().0.iter().map(&pixel));
            }
        }
        shrink.finish().ok_or(Failure::Corrupt(Format::Png, Defect::Data))
    }
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
