//! The imaging engine: decodes and renders pictures, and holds no grants.
//!
//! Wiring only: the words of `imaging-core` said in those of `wit/imaging`.
use imaging_core::{Defect, Failure, Feature, Format, Limits, Quantity, Rendered, Stage};

mod bindings {
    #![allow(missing_docs, unsafe_code, clippy::all, reason = "generated from wit/")]
    wit_bindgen::generate!({
        path: ["../../wit/imaging/0.1.0", "../../wit/worlds.wit"],
        world: "vitrine:worlds/imaging",
        generate_all,
    });
}

use bindings::exports::vitrine::imaging::engine;

struct Engine;

impl engine::Guest for Engine {
    fn render(picture: Vec<u8>) -> Result<engine::Rendered, engine::Failure> {
        imaging_core::render(&picture, &Limits::default()).map(rendered).map_err(failure)
    }
}

bindings::export!(Engine with_types_in bindings);

fn rendered(from: Rendered) -> engine::Rendered {
    let renditions = from.renditions.into_iter().map(|rendition| engine::Rendition {
        name: rendition.name.to_owned(),
        width: rendition.size.width,
        height: rendition.size.height,
        bytes: rendition.bytes,
    });
    engine::Rendered { width: from.original.width, height: from.original.height, renditions: renditions.collect() }
}

fn failure(from: Failure) -> engine::Failure {
    match from {
        Failure::Empty => engine::Failure::Empty,
        Failure::UnknownFormat => engine::Failure::UnknownFormat,
        Failure::UnsupportedFormat(kind) => engine::Failure::UnsupportedFormat(format(kind)),
        Failure::UnsupportedFeature(kind, part) => {
            engine::Failure::UnsupportedFeature(engine::Refusal { format: format(kind), feature: feature(part) })
        }
        Failure::Corrupt(kind, at) => {
            engine::Failure::Corrupt(engine::Damage { format: format(kind), defect: defect(at) })
        }
        Failure::TooLarge { quantity: counted, value, limit } => {
            engine::Failure::TooLarge(engine::Excess { quantity: quantity(counted), value, limit })
        }
        Failure::Internal(Stage::Resize) => engine::Failure::Internal(engine::Stage::Resize),
        Failure::Internal(Stage::Encode) => engine::Failure::Internal(engine::Stage::Encode),
    }
}

fn format(from: Format) -> engine::Format {
    match from {
        Format::Jpeg => engine::Format::Jpeg,
        Format::Png => engine::Format::Png,
        Format::Gif => engine::Format::Gif,
        Format::Webp => engine::Format::Webp,
        Format::Tiff => engine::Format::Tiff,
        Format::Bmp => engine::Format::Bmp,
        Format::Heif => engine::Format::Heif,
        Format::Svg => engine::Format::Svg,
        Format::Pdf => engine::Format::Pdf,
    }
}

fn feature(from: Feature) -> engine::Feature {
    match from {
        Feature::ArithmeticCoding => engine::Feature::ArithmeticCoding,
        Feature::Process => engine::Feature::Process,
        Feature::SamplePrecision => engine::Feature::SamplePrecision,
        Feature::Components => engine::Feature::Components,
    }
}

fn defect(from: Defect) -> engine::Defect {
    match from {
        Defect::Truncated => engine::Defect::Truncated,
        Defect::Header => engine::Defect::Header,
        Defect::Data => engine::Defect::Data,
    }
}

fn quantity(from: Quantity) -> engine::Quantity {
    match from {
        Quantity::Bytes => engine::Quantity::Bytes,
        Quantity::Side => engine::Quantity::Side,
        Quantity::Pixels => engine::Quantity::Pixels,
        Quantity::Scans => engine::Quantity::Scans,
        Quantity::Memory => engine::Quantity::Memory,
    }
}
