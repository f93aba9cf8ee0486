//! The words of `wit/imaging` said in those of `image-processor-core`.
use image_processor_core::{Defect, Engine, Failure, Feature, Format, Media, Quantity, Rendered, Rendition, Stage};

mod bindings {
    #![allow(missing_docs, unreachable_pub, unsafe_code, clippy::all, reason = "generated from wit/")]
    wit_bindgen::generate!({
        path: ["../../wit/imaging/0.1.0", "../../wit/worlds.wit"],
        world: "vitrine:worlds/image-processor",
        generate_all,
    });
}

use bindings::vitrine::imaging::engine;

/// The engine that the manifest composes into this component.
#[derive(Debug)]
pub(crate) struct Imaging;

impl Engine for Imaging {
    fn render(&self, picture: &[u8]) -> Result<Rendered, Failure> {
        engine::render(picture).map(rendered).map_err(failure)
    }
}

fn rendered(from: engine::Rendered) -> Rendered {
    let rendition = |it: engine::Rendition| {
        let engine::Rendition { name, width, height, media, bytes } = it;
        let media = match media {
            engine::Media::Jpeg => Media::Jpeg,
            engine::Media::Webp => Media::Webp,
        };
        Rendition { name, width, height, media, bytes }
    };
    let renditions = from.renditions.into_iter().map(rendition).collect();
    Rendered { width: from.width, height: from.height, renditions }
}

fn failure(from: engine::Failure) -> Failure {
    match from {
        engine::Failure::Empty => Failure::Empty,
        engine::Failure::UnknownFormat => Failure::UnknownFormat,
        engine::Failure::UnsupportedFormat(kind) => Failure::UnsupportedFormat(format(kind)),
        engine::Failure::UnsupportedFeature(it) => Failure::UnsupportedFeature(format(it.format), feature(it.feature)),
        engine::Failure::Corrupt(it) => Failure::Corrupt(format(it.format), defect(it.defect)),
        engine::Failure::TooLarge(engine::Excess { quantity: counted, value, limit }) => {
            Failure::TooLarge { quantity: quantity(counted), value, limit }
        }
        engine::Failure::Internal(engine::Stage::Resize) => Failure::Internal(Stage::Resize),
        engine::Failure::Internal(engine::Stage::Encode) => Failure::Internal(Stage::Encode),
    }
}

fn format(from: engine::Format) -> Format {
    match from {
        engine::Format::Jpeg => Format::Jpeg,
        engine::Format::Png => Format::Png,
        engine::Format::Gif => Format::Gif,
        engine::Format::Webp => Format::Webp,
        engine::Format::Tiff => Format::Tiff,
        engine::Format::Bmp => Format::Bmp,
        engine::Format::Qoi => Format::Qoi,
        engine::Format::Heif => Format::Heif,
        engine::Format::Svg => Format::Svg,
        engine::Format::Pdf => Format::Pdf,
    }
}

fn feature(from: engine::Feature) -> Feature {
    match from {
        engine::Feature::ArithmeticCoding => Feature::ArithmeticCoding,
        engine::Feature::Process => Feature::Process,
        engine::Feature::SamplePrecision => Feature::SamplePrecision,
        engine::Feature::Components => Feature::Components,
        engine::Feature::Compression => Feature::Compression,
    }
}

fn defect(from: engine::Defect) -> Defect {
    match from {
        engine::Defect::Truncated => Defect::Truncated,
        engine::Defect::Header => Defect::Header,
        engine::Defect::Data => Defect::Data,
    }
}

fn quantity(from: engine::Quantity) -> Quantity {
    match from {
        engine::Quantity::Bytes => Quantity::Bytes,
        engine::Quantity::Side => Quantity::Side,
        engine::Quantity::Pixels => Quantity::Pixels,
        engine::Quantity::Frames => Quantity::Frames,
        engine::Quantity::Scans => Quantity::Scans,
        engine::Quantity::Memory => Quantity::Memory,
    }
}
