//! WebP: lossy, lossless, with alpha; of an animation the first frame.
use std::io::{Cursor, ErrorKind};

use image_webp::{DecodingError, WebPDecoder};

use crate::colour::{self, Profile};
use crate::error::{Defect, Failure, Format};
use crate::head::{Head, beyond};
use crate::model::{Limits, Size};
use crate::orientation::Orientation;
use crate::raster::{Pixel, Raster};
use crate::riff;
use crate::shrink::{Shrink, shrink};

/// A WebP whose headers are within the limits.
pub(crate) struct Webp<'a> {
    decoder: WebPDecoder<Cursor<&'a [u8]>>,
    limits: Limits,
    /// The most pixels of a stream inside, which the header of the file need not know.
    inner: u64,
    pub(crate) head: Head,
}

impl<'a> Webp<'a> {
    /// Reads the headers of the file and of the streams in it.
    pub(crate) fn open(bytes: &'a [u8], limits: &Limits) -> Result<Self, Failure> {
        let streams = riff::streams(bytes, limits)?;
        let reader = |error| failure(&error, limits, Defect::Header);
        let mut decoder = WebPDecoder::new(Cursor::new(bytes)).map_err(reader)?;
        let (width, height) = decoder.dimensions();
        let head = Head::new(Format::Webp, Size { width, height }, limits)?;
        // Metadata beyond this is nothing that is needed; what cannot be read is not there.
        decoder.set_memory_limit(colour::LONGEST);
        let exif = decoder.exif_metadata().ok().flatten();
        let orientation = exif.map_or(Orientation::UPRIGHT, |exif| Orientation::from_exif(&exif));
        let profile = decoder.icc_profile().ok().flatten().and_then(|icc| Profile::read(&icc));
        let lossless = !decoder.is_lossy();
        let frames = if decoder.is_animated() { streams.frames } else { 1 };
        let head = Head { orientation, profile, lossless, ..head }.frames(frames, limits)?;
        Ok(Self { decoder, limits: *limits, inner: streams.pixels, head })
    }

    /// Decodes the picture, or the first frame on a transparent canvas, shrunk to no less than `target` on either side.
    pub(crate) fn decode(mut self, target: Size) -> Result<Raster, Failure> {
        let size = self.head.size;
        let pixel = if self.decoder.has_alpha() { Pixel::Rgba } else { Pixel::Rgb };
        // The whole picture, and beside it what a stream is decoded to: planes, or four bytes a pixel.
        let whole = size.pixels() * pixel.bytes() as u64 + self.inner * 4;
        self.limits.check_memory(whole + Shrink::<4>::memory(size, target))?;
        self.decoder.set_memory_limit(usize::try_from(self.limits.memory).unwrap_or(usize::MAX));
        let mut data = vec![0; size.pixels() as usize * pixel.bytes()];
        self.decoder.read_image(&mut data).map_err(|error| failure(&error, &self.limits, Defect::Data))?;
        drop(self.decoder);
        let whole = Raster::new(size, pixel, data);
        whole.and_then(|whole| shrink(whole, target)).ok_or(Failure::Corrupt(Format::Webp, Defect::Data))
    }
}

/// Says what the decoder's error means to the sender. `otherwise` is what a contradiction is at this stage.
fn failure(error: &DecodingError, limits: &Limits, otherwise: Defect) -> Failure {
    match error {
        DecodingError::IoError(error) if error.kind() == ErrorKind::UnexpectedEof => {
            Failure::Corrupt(Format::Webp, Defect::Truncated)
        }
        DecodingError::MemoryLimitExceeded | DecodingError::ImageTooLarge => beyond(limits),
        _ => Failure::Corrupt(Format::Webp, otherwise),
    }
}
