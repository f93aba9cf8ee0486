//! JPEG: checked before it is decoded, and decoded no larger than the largest rendition needs.
use libjpeg_turbo_rs::{ComponentInfo, DecodeLimits, Decoder, JpegError, PixelFormat, ScalingFactor};

use crate::colour::Profile;
use crate::error::{Defect, Failure, Feature, Format, Quantity};
use crate::head::Head;
use crate::model::{Limits, Size};
use crate::orientation::Orientation;
use crate::raster::{Pixel, Raster};

/// Scales that the inverse DCT gives for nothing, smallest first, in eighths.
const EIGHTHS: [u32; 4] = [1, 2, 4, 8];

/// A JPEG whose headers are within the limits.
pub(crate) struct Jpeg<'a> {
    decoder: Decoder<'a>,
    limits: Limits,
    pub(crate) head: Head,
}

impl<'a> Jpeg<'a> {
    /// Reads the headers: no pixel is decoded, and nothing is allocated for any.
    pub(crate) fn open(bytes: &'a [u8], limits: &Limits) -> Result<Self, Failure> {
        let mut decoder = reader(bytes, limits, limits.scans)?;
        let size = size(&decoder);
        let head = Head::new(Format::Jpeg, size, limits)?;
        let scans = limits.scans_of(size);
        if scans < limits.scans {
            // How many may be read is told before the size is known.
            decoder = reader(bytes, limits, scans)?;
        }
        let frame = decoder.header();
        for (refused, feature) in [
            (decoder.is_arithmetic(), Feature::ArithmeticCoding),
            (frame.is_lossless, Feature::Process),
            (frame.precision != 8, Feature::SamplePrecision),
            (!is_usual_sampling(&frame.components), Feature::Components),
        ] {
            if refused {
                return Err(Failure::UnsupportedFeature(Format::Jpeg, feature));
            }
        }
        let orientation = decoder.exif_data().map_or(Orientation::UPRIGHT, Orientation::from_exif);
        let profile = decoder.icc_profile().ok().flatten().and_then(|icc| Profile::read(&icc));
        // A profile of inks belongs to a picture of inks, and to no other.
        let profile = profile.filter(|profile| profile.is_of_inks() == (decoder.header().components.len() == 4));
        let head = Head { orientation, profile, lossless: false, ..head };
        Ok(Self { decoder, limits: *limits, head })
    }

    /// Decodes the whole picture at the smallest scale that is not below `target` on either side.
    pub(crate) fn decode(mut self, target: Size) -> Result<Raster, Failure> {
        let eighths = self.eighths(target);
        let scale = ScalingFactor::SUPPORTED.into_iter().find(|scale| scale.num() * 8 == eighths * scale.denom());
        self.limits.check_memory(self.memory(eighths))?;
        self.decoder.set_scale(scale.unwrap_or_default());
        // Inks stay inks where a profile knows what they look like.
        let inks = self.head.profile.as_ref().is_some_and(Profile::is_of_inks);
        let (format, pixel) = if inks { (PixelFormat::Cmyk, Pixel::Cmyk) } else { (PixelFormat::Rgb, Pixel::Rgb) };
        self.decoder.set_output_format(format);
        let image = self.decoder.decode_image().map_err(|error| failure(&error, Defect::Data))?;
        let size = |edge: usize| u32::try_from(edge).unwrap_or(0);
        let size = Size { width: size(image.width), height: size(image.height) };
        Raster::new(size, pixel, image.data).ok_or(Failure::Corrupt(Format::Jpeg, Defect::Data))
    }

    fn eighths(&self, target: Size) -> u32 {
        let reaches = |edge: u32, wanted: u32, eighths: u32| (edge * eighths).div_ceil(8) >= wanted;
        let fits = |eighths: &u32| {
            let size = self.head.size;
            reaches(size.width, target.width, *eighths) && reaches(size.height, target.height, *eighths)
        };
        EIGHTHS.into_iter().find(fits).unwrap_or(8)
    }

    /// What decoding holds at once, at most: coefficients of the full picture where scans build on one another, and
    /// planes and pixels of the scaled one.
    fn memory(&self, eighths: u32) -> u64 {
        let components = self.decoder.header().components.iter();
        let samples = |component: &ComponentInfo| {
            u64::from(component.horizontal_sampling) * u64::from(component.vertical_sampling)
        };
        let most = components.clone().map(samples).max().unwrap_or(1).max(1);
        let pixels = self.head.size.pixels();
        let planes = pixels * components.map(samples).sum::<u64>() / most;
        let coefficients = if self.decoder.has_multiple_scans() { planes * 2 } else { 0 };
        let scaled = u64::from(eighths * eighths);
        coefficients + (planes + pixels * Pixel::Cmyk.bytes() as u64) * scaled / 64
    }
}

/// Reads the headers, and no more than so many scans later.
fn reader<'a>(bytes: &'a [u8], limits: &Limits, scans: u64) -> Result<Decoder<'a>, Failure> {
    let bounds = DecodeLimits {
        max_pixels: limits.pixels,
        max_scans: usize::try_from(scans).unwrap_or(usize::MAX),
        ..DecodeLimits::default()
    };
    Decoder::new_with_limits(bytes, bounds).map_err(|error| failure(&error, Defect::Header))
}

fn size(decoder: &Decoder<'_>) -> Size {
    let frame = decoder.header();
    Size { width: frame.width.into(), height: frame.height.into() }
}

/// Whether the components are gray, or colours of which the first (and the fourth, black) has full resolution and the
/// other two share one that divides it by 1, 2 or 4. Cameras and editors write nothing else, and the decoder does not
/// survive everything else.
fn is_usual_sampling(components: &[ComponentInfo]) -> bool {
    let sampling = |component: &ComponentInfo| (component.horizontal_sampling, component.vertical_sampling);
    let (first, chroma) = match components {
        [gray] => return matches!(sampling(gray), (1..=4, 1..=4)),
        [first, cb, cr] if sampling(cb) == sampling(cr) => (sampling(first), sampling(cb)),
        [first, cb, cr, black] if sampling(cb) == sampling(cr) && sampling(black) == sampling(first) => {
            (sampling(first), sampling(cb))
        }
        _ => return false,
    };
    let divides = |full: u8, part: u8| matches!(part, 1..=4) && [1, 2, 4].iter().any(|ratio| part * ratio == full);
    divides(first.0, chroma.0) && divides(first.1, chroma.1)
}

/// Says what the decoder's error means to the sender. `otherwise` is what a contradiction is at this stage.
fn failure(error: &JpegError, otherwise: Defect) -> Failure {
    match error {
        JpegError::UnexpectedEof => Failure::Corrupt(Format::Jpeg, Defect::Truncated),
        JpegError::LimitExceeded { what, actual, limit } => {
            let quantity = if what.contains("scan") { Quantity::Scans } else { Quantity::Pixels };
            Failure::TooLarge { quantity, value: *actual, limit: *limit }
        }
        JpegError::AllocationFailed { bytes, .. } => {
            Failure::TooLarge { quantity: Quantity::Memory, value: *bytes, limit: Limits::default().memory }
        }
        JpegError::Unsupported(_) if otherwise == Defect::Header => {
            Failure::UnsupportedFeature(Format::Jpeg, Feature::Process)
        }
        JpegError::Unsupported(_) => Failure::UnsupportedFeature(Format::Jpeg, Feature::Components),
        _ => Failure::Corrupt(Format::Jpeg, otherwise),
    }
}
