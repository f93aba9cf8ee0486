//! TIFF (its first page), BMP and QOI, by the decoders of `image`.
use std::io::{Cursor, ErrorKind};

use image::codecs::{bmp::BmpDecoder, qoi::QoiDecoder, tiff::TiffDecoder};
use image::error::{ImageError, LimitErrorKind};
use image::{ColorType, ExtendedColorType, ImageDecoder};

use crate::colour::{self, Profile};
use crate::error::{Defect, Failure, Feature, Format};
use crate::head::{Head, beyond};
use crate::model::{Limits, Size};
use crate::orientation::Orientation;
use crate::raster::{Pixel, Raster};
use crate::shrink::{Shrink, shrink};
use crate::tiff;

/// A picture whose headers are within the limits.
pub(crate) struct Still<'a> {
    decoder: Box<dyn ImageDecoder + 'a>,
    limits: Limits,
    pub(crate) head: Head,
}

impl<'a> Still<'a> {
    /// Reads the headers of one of the three formats.
    pub(crate) fn open(format: Format, bytes: &'a [u8], limits: &Limits) -> Result<Self, Failure> {
        let header = |error: ImageError| failure(&error, format, limits, Defect::Header);
        let pages = if format == Format::Tiff { tiff::pages(bytes, limits)? } else { 1 };
        let file = Cursor::new(bytes);
        let mut decoder: Box<dyn ImageDecoder + 'a> = match format {
            Format::Tiff => Box::new(TiffDecoder::new(file).map_err(header)?),
            Format::Bmp => Box::new(BmpDecoder::new(file).map_err(header)?),
            _ => Box::new(QoiDecoder::new(file).map_err(header)?),
        };
        let (width, height) = decoder.dimensions();
        let head = Head::new(format, Size { width, height }, limits)?.frames(pages, limits)?;
        let orientation = decoder.orientation().map_or(1, |orientation| orientation.to_exif().into());
        let icc = decoder.icc_profile().ok().flatten().filter(|icc| icc.len() < colour::LONGEST);
        // The decoder turns inks into colours by itself.
        let profile = icc.and_then(|icc| Profile::read(&icc)).filter(|profile| !profile.is_of_inks());
        let head = Head { orientation: Orientation::of(orientation), profile, ..head };
        Ok(Self { decoder, limits: *limits, head })
    }

    /// Decodes the whole picture, shrunk to no less than `target` on either side.
    pub(crate) fn decode(mut self, target: Size) -> Result<Raster, Failure> {
        let Head { format, size, .. } = self.head;
        let limits = self.limits;
        let (colours, stored) = (self.decoder.color_type(), self.decoder.original_color_type());
        let samples = u64::from(stored.channel_count().max(colours.channel_count()));
        let bytes = size.pixels() * samples * u64::from(colours.bytes_per_pixel() / colours.channel_count());
        // A decoder may hold all of it a second time, in another order.
        let pixel = if colours.has_alpha() { Pixel::Rgba } else { Pixel::Rgb };
        let narrow = if bytes == size.pixels() * pixel.bytes() as u64 { 0 } else { size.pixels() * 4 };
        limits.check_memory((bytes * 2).max(bytes + narrow) + Shrink::<4>::memory(size, target))?;
        let refused = |error: &ImageError| failure(error, format, &limits, Defect::Data);
        let mut bounds = image::Limits::no_limits();
        bounds.max_alloc = Some(limits.memory);
        self.decoder.set_limits(bounds).map_err(|error| refused(&error))?;
        let mut data = vec![0; usize::try_from(self.decoder.total_bytes()).unwrap_or(0)];
        self.decoder.read_image_boxed(&mut data).map_err(|error| refused(&error))?;
        let mut data = narrowed(colours, data).ok_or(unsupported(format, stored))?;
        if format == Format::Bmp && pixel == Pixel::Rgba {
            make_opaque_if_clear(&mut data);
        }
        let whole = Raster::new(size, pixel, data);
        whole.and_then(|whole| shrink(whole, target)).ok_or(Failure::Corrupt(format, Defect::Data))
    }
}

/// Eight bits a sample, three or four samples a pixel; `None` of kinds of samples that are not decoded.
fn narrowed(colours: ColorType, data: Vec<u8>) -> Option<Vec<u8>> {
    let wide = || {
        let samples = data.as_chunks().0.iter().map(|&sample| u32::from(u16::from_ne_bytes(sample)));
        // 65,535 is 255 times 257.
        samples.map(|sample| u8::try_from((sample + 128) / 257).unwrap_or(u8::MAX)).collect::<Vec<_>>()
    };
    let gray = |data: &[u8]| data.iter().flat_map(|&gray| [gray; 3]).collect();
    let gray_alpha =
        |data: &[u8]| data.as_chunks().0.iter().flat_map(|&[gray, alpha]| [gray, gray, gray, alpha]).collect();
    Some(match colours {
        ColorType::Rgb8 | ColorType::Rgba8 => data,
        ColorType::Rgb16 | ColorType::Rgba16 => wide(),
        ColorType::L8 => gray(&data),
        ColorType::La8 => gray_alpha(&data),
        ColorType::L16 => gray(&wide()),
        ColorType::La16 => gray_alpha(&wide()),
        _ => return None,
    })
}

/// Many programs write four bytes a pixel and leave the last at zero, without meaning that nothing is to be seen.
fn make_opaque_if_clear(data: &mut [u8]) {
    let (pixels, _) = data.as_chunks_mut::<4>();
    if pixels.iter().all(|&[.., alpha]| alpha == 0) {
        for [.., alpha] in pixels {
            *alpha = u8::MAX;
        }
    }
}

fn unsupported(format: Format, colours: ExtendedColorType) -> Failure {
    let bits = colours.bits_per_pixel() / u16::from(colours.channel_count().max(1));
    let feature = if matches!(bits, 8 | 16) { Feature::Components } else { Feature::SamplePrecision };
    Failure::UnsupportedFeature(format, feature)
}

/// Says what the decoder's error means to the sender. `otherwise` is what a contradiction is at this stage.
fn failure(error: &ImageError, format: Format, limits: &Limits, otherwise: Defect) -> Failure {
    use image::error::UnsupportedErrorKind::Color;
    match error {
        ImageError::IoError(error) if error.kind() == ErrorKind::UnexpectedEof => {
            Failure::Corrupt(format, Defect::Truncated)
        }
        ImageError::Limits(error) if matches!(error.kind(), LimitErrorKind::InsufficientMemory) => beyond(limits),
        ImageError::Limits(_) => beyond(limits),
        ImageError::Unsupported(error) => match error.kind() {
            Color(colours) => unsupported(format, colours),
            _ => Failure::UnsupportedFeature(format, Feature::Compression),
        },
        _ => Failure::Corrupt(format, otherwise),
    }
}
