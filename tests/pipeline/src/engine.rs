//! Engines for the worker: the real one without its sandbox, and one that dies.
use image_processor_core::{Defect, Engine, Failure, Feature, Format, Quantity, Rendered, Rendition, Stage};

/// `imaging-core`, called directly.
#[derive(Debug, Clone, Copy)]
pub struct Native;

impl Engine for Native {
    fn render(&self, picture: &[u8]) -> Result<Rendered, Failure> {
        let rendered = imaging_core::render(picture, &imaging_core::Limits::default()).map_err(failure)?;
        let renditions = rendered.renditions.into_iter().map(|rendition| Rendition {
            name: rendition.name.to_owned(),
            width: rendition.size.width,
            height: rendition.size.height,
            bytes: rendition.bytes,
        });
        let size = rendered.original;
        Ok(Rendered { width: size.width, height: size.height, renditions: renditions.collect() })
    }
}

/// Takes down whoever calls it, as a trap in the sandbox does.
#[derive(Debug, Clone, Copy)]
pub struct Deadly;

impl Engine for Deadly {
    fn render(&self, _: &[u8]) -> Result<Rendered, Failure> {
        std::panic::resume_unwind(Box::new("the engine trapped"))
    }
}

fn failure(from: imaging_core::Failure) -> Failure {
    use imaging_core::Failure as From;
    match from {
        From::Empty => Failure::Empty,
        From::UnknownFormat => Failure::UnknownFormat,
        From::UnsupportedFormat(kind) => Failure::UnsupportedFormat(format(kind)),
        From::UnsupportedFeature(kind, part) => Failure::UnsupportedFeature(format(kind), feature(part)),
        From::Corrupt(kind, at) => Failure::Corrupt(format(kind), defect(at)),
        From::TooLarge { quantity: counted, value, limit } => {
            Failure::TooLarge { quantity: quantity(counted), value, limit }
        }
        From::Internal(imaging_core::Stage::Resize) => Failure::Internal(Stage::Resize),
        From::Internal(imaging_core::Stage::Encode) => Failure::Internal(Stage::Encode),
    }
}

fn format(from: imaging_core::Format) -> Format {
    use imaging_core::Format as From;
    match from {
        From::Jpeg => Format::Jpeg,
        From::Png => Format::Png,
        From::Gif => Format::Gif,
        From::Webp => Format::Webp,
        From::Tiff => Format::Tiff,
        From::Bmp => Format::Bmp,
        From::Heif => Format::Heif,
        From::Svg => Format::Svg,
        From::Pdf => Format::Pdf,
    }
}

fn feature(from: imaging_core::Feature) -> Feature {
    use imaging_core::Feature as From;
    match from {
        From::ArithmeticCoding => Feature::ArithmeticCoding,
        From::Process => Feature::Process,
        From::SamplePrecision => Feature::SamplePrecision,
        From::Components => Feature::Components,
    }
}

fn defect(from: imaging_core::Defect) -> Defect {
    match from {
        imaging_core::Defect::Truncated => Defect::Truncated,
        imaging_core::Defect::Header => Defect::Header,
        imaging_core::Defect::Data => Defect::Data,
    }
}

fn quantity(from: imaging_core::Quantity) -> Quantity {
    use imaging_core::Quantity as From;
    match from {
        From::Bytes => Quantity::Bytes,
        From::Side => Quantity::Side,
        From::Pixels => Quantity::Pixels,
        From::Scans => Quantity::Scans,
        From::Memory => Quantity::Memory,
    }
}
