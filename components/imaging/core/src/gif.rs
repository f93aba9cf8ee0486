//! GIF: every frame is counted, and the first is laid on the canvas.
use std::io::{Cursor, ErrorKind};
use std::num::NonZeroU64;

use gif::{ColorOutput, DecodeOptions, Decoder, DecodingError, MemoryLimit};

use crate::error::{Defect, Failure, Format};
use crate::head::{Head, beyond};
use crate::model::{Limits, Size};
use crate::raster::Raster;
use crate::shrink::Shrink;

/// A GIF whose headers are within the limits.
pub(crate) struct Gif<'a> {
    decoder: Decoder<Cursor<&'a [u8]>>,
    limits: Limits,
    pub(crate) head: Head,
}

impl<'a> Gif<'a> {
    /// Reads all headers; no frame is inflated. Colour profiles, which GIF does not know, are not looked for.
    pub(crate) fn open(bytes: &'a [u8], limits: &Limits) -> Result<Self, Failure> {
        let decoder = reader(bytes, limits, false)?;
        let size = Size { width: decoder.width().into(), height: decoder.height().into() };
        let head = Head::new(Format::Gif, size, limits)?.frames(count(bytes, limits)?, limits)?;
        Ok(Self { decoder, limits: *limits, head })
    }

    /// Decodes the first frame on a transparent canvas, shrunk to no less than `target` on either side.
    pub(crate) fn decode(mut self, target: Size) -> Result<Raster, Failure> {
        let data = |error: &DecodingError| failure(error, &self.limits, Defect::Data);
        let size = self.head.size;
        let corrupt = Failure::Corrupt(Format::Gif, Defect::Data);
        // A byte for each pixel of the frame, which is checked to lie on the canvas.
        self.limits.check_memory(size.pixels() + Shrink::<4>::memory(size, target))?;
        let frame = self.decoder.next_frame_info().map_err(|error| data(&error))?;
        let frame = frame.ok_or(Failure::Corrupt(Format::Gif, Defect::Truncated))?;
        let (left, top) = (u32::from(frame.left), u32::from(frame.top));
        let (width, height) = (u32::from(frame.width), u32::from(frame.height));
        let clear = frame.transparent;
        if width == 0 || height == 0 {
            return Err(corrupt);
        }
        let mut indices = vec![0; width as usize * height as usize];
        self.decoder.read_into_buffer(&mut indices).map_err(|error| data(&error))?;
        let palette = self.decoder.palette().map_err(|error| data(&error))?;
        let colour = |index: &u8| match palette.as_chunks().0.get(usize::from(*index)) {
            Some(&[red, green, blue]) if Some(*index) != clear => [red, green, blue, u8::MAX],
            _ => [0; 4],
        };
        let mut shrink = Shrink::new(size, target);
        let clear_pixels = |count: u32| std::iter::repeat_n([0; 4], count as usize);
        let mut rows = indices.chunks_exact(width as usize);
        for y in 0..size.height {
            let row = if (top..top + height).contains(&y) { rows.next() } else { None }.unwrap_or_default();
            let inside = clear_pixels(left).chain(row.iter().map(colour));
            shrink.add(y, 0, 1, inside.chain(clear_pixels(size.width)).take(size.width as usize));
        }
        shrink.finish().ok_or(corrupt)
    }
}

fn reader<'a>(bytes: &'a [u8], limits: &Limits, only_headers: bool) -> Result<Decoder<Cursor<&'a [u8]>>, Failure> {
    let mut options = DecodeOptions::new();
    options.set_color_output(ColorOutput::Indexed);
    options.set_memory_limit(MemoryLimit::Bytes(NonZeroU64::new(limits.memory).unwrap_or(NonZeroU64::MIN)));
    options.check_frame_consistency(true);
    options.skip_frame_decoding(only_headers);
    options.read_info(Cursor::new(bytes)).map_err(|error| failure(&error, limits, Defect::Header))
}

/// Counts frames, to one beyond the limit. A file may end within the last frame: whether that matters is seen when the
/// first is decoded.
fn count(bytes: &[u8], limits: &Limits) -> Result<u32, Failure> {
    let mut decoder = reader(bytes, limits, true)?;
    let mut frames = 0;
    while u64::from(frames) <= limits.frames {
        match decoder.next_frame_info() {
            Ok(Some(_)) => frames += 1,
            Ok(None) => break,
            Err(_) if frames > 0 => break,
            Err(error) => return Err(failure(&error, limits, Defect::Header)),
        }
    }
    if frames == 0 { Err(Failure::Corrupt(Format::Gif, Defect::Truncated)) } else { Ok(frames) }
}

/// Says what the decoder's error means to the sender. `otherwise` is what a contradiction is at this stage.
fn failure(error: &DecodingError, limits: &Limits, otherwise: Defect) -> Failure {
    match error {
        DecodingError::Io(error) if error.kind() == ErrorKind::UnexpectedEof => {
            Failure::Corrupt(Format::Gif, Defect::Truncated)
        }
        DecodingError::MemoryLimit | DecodingError::OutOfMemory => beyond(limits),
        _ => Failure::Corrupt(Format::Gif, otherwise),
    }
}
