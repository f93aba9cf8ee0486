//! The imaging engine: decodes and renders pictures, and holds no grants.
//!
//! Wiring only: the words of `imaging-core` said in those of `wit/imaging`.
use imaging_core::{Defect, Description, Failure, Feature, Format, Limits, Media, Quantity, Rendered, Stage};

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
    fn probe(picture: Vec<u8>) -> Result<engine::Probed, engine::Failure> {
        let probed = imaging_core::probe(&picture, &Limits::default()).map_err(failure)?;
        let (size, frames) = (probed.size, probed.frames);
        Ok(engine::Probed { format: format(probed.format), width: size.width, height: size.height, frames })
    }

    fn render(picture: Vec<u8>) -> Result<engine::Rendered, engine::Failure> {
        imaging_core::render(&picture, &Limits::default()).map(rendered).map_err(failure)
    }

    fn describe(picture: Vec<u8>) -> Result<engine::Description, engine::Failure> {
        imaging_core::describe(&picture, &Limits::default()).map(description).map_err(failure)
    }
}

bindings::export!(Engine with_types_in bindings);

fn rendered(from: Rendered) -> engine::Rendered {
    let renditions = from.renditions.into_iter().map(|rendition| engine::Rendition {
        name: rendition.name.to_owned(),
        width: rendition.size.width,
        height: rendition.size.height,
        media: match rendition.media {
            Media::Jpeg => engine::Media::Jpeg,
            Media::Webp => engine::Media::Webp,
        },
        bytes: rendition.bytes,
    });
    engine::Rendered {
        width: from.original.width,
        height: from.original.height,
        renditions: renditions.collect(),
        description: description(from.description),
    }
}

fn description(from: Description) -> engine::Description {
    let swatch = |it: imaging_core::Swatch| {
        let [red, green, blue] = it.rgb;
        engine::Swatch { name: it.name.to_owned(), red, green, blue, share: it.share }
    };
    engine::Description {
        thumbhash: from.thumbhash,
        palette: from.palette.into_iter().map(swatch).collect(),
        perceptual_hash: from.perceptual_hash,
    }
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
        Format::Qoi => engine::Format::Qoi,
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
        Feature::Compression => engine::Feature::Compression,
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
        Quantity::Frames => engine::Quantity::Frames,
        Quantity::Scans => engine::Quantity::Scans,
        Quantity::Memory => engine::Quantity::Memory,
    }
}
