//! What a failure is called to the person whose picture it was: what is wrong, with numbers, and what to do.
use crate::engine::{Defect, Failure, Feature, Format, Quantity};

/// One or two sentences.
pub(crate) fn reason(failure: Failure) -> String {
    match failure {
        Failure::Empty => "The file is empty.".to_owned(),
        Failure::UnknownFormat => {
            "This is no picture that we know. Upload a JPEG, PNG, WebP, GIF, TIFF, BMP or QOI.".to_owned()
        }
        Failure::UnsupportedFormat(format) => {
            format!("This is {}, which is not accepted. Upload a JPEG or a PNG.", article(format))
        }
        Failure::UnsupportedFeature(format, feature) => format!(
            "This {} uses {}, which is not accepted. Save it again with ordinary settings.",
            name(format),
            match feature {
                Feature::ArithmeticCoding => "arithmetic coding",
                Feature::Process => "a special kind of compression",
                Feature::SamplePrecision => "an unusual number of bits for each colour",
                Feature::Compression => "a kind of compression that is hardly ever used",
                Feature::Components => "an unusual set of colours",
            }
        ),
        Failure::Corrupt(format, Defect::Truncated) => {
            format!("The {} is incomplete: the file ends before the picture does. Upload it again.", name(format))
        }
        Failure::Corrupt(format, Defect::Header) => {
            format!("The {} is damaged: its headers make no sense.", name(format))
        }
        Failure::Corrupt(format, Defect::Data) => {
            format!("The {} is damaged: its picture data cannot be read.", name(format))
        }
        Failure::TooLarge { quantity, value, limit } => too_large(quantity, value, limit),
        Failure::Internal(_) => "The picture could be read, but no smaller version of it could be made.".to_owned(),
    }
}

fn too_large(quantity: Quantity, value: u64, limit: u64) -> String {
    match quantity {
        Quantity::Bytes => {
            format!("The file has {}; at most {} are accepted.", megabytes(value), megabytes(limit))
        }
        Quantity::Side => format!("The picture is {value} pixels long on one side; at most {limit} are accepted."),
        Quantity::Pixels => {
            format!("The picture has {}; at most {} are accepted.", megapixels(value), megapixels(limit))
        }
        Quantity::Frames => {
            format!("The file holds more than {limit} pictures. Upload one with fewer frames or pages.")
        }
        Quantity::Scans => {
            format!("The progressive JPEG has more than {limit} scans. Save it again as a baseline JPEG.")
        }
        Quantity::Memory => "The picture needs more memory than is allowed to decode it. \
             Save it smaller, or as a JPEG that is not progressive."
            .to_owned(),
    }
}

fn megabytes(bytes: u64) -> String {
    format!("{} MB", tenths(bytes))
}

fn megapixels(pixels: u64) -> String {
    format!("{} megapixels", tenths(pixels))
}

/// Millions, with one digit after the point where it says something; rounded up, so that what is over a limit never
/// looks like the limit.
fn tenths(value: u64) -> String {
    let tenths = value.div_ceil(100_000);
    if tenths.is_multiple_of(10) { (tenths / 10).to_string() } else { format!("{}.{}", tenths / 10, tenths % 10) }
}

fn name(format: Format) -> &'static str {
    match format {
        Format::Jpeg => "JPEG",
        Format::Png => "PNG",
        Format::Gif => "GIF",
        Format::Webp => "WebP",
        Format::Tiff => "TIFF",
        Format::Bmp => "BMP",
        Format::Qoi => "QOI",
        Format::Heif => "HEIC or AVIF",
        Format::Svg => "SVG",
        Format::Pdf => "PDF",
    }
}

fn article(format: Format) -> String {
    let name = name(format);
    match format {
        Format::Heif => "a HEIC or AVIF picture".to_owned(),
        Format::Svg => format!("an {name}"),
        _ => format!("a {name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_said_in_the_units_of_people() {
        let too_large = |quantity, value, limit| reason(Failure::TooLarge { quantity, value, limit });
        assert_eq!(
            too_large(Quantity::Pixels, 100_000_000, 80_000_000),
            "The picture has 100 megapixels; at most 80 megapixels are accepted."
        );
        assert_eq!(
            too_large(Quantity::Pixels, 80_000_001, 80_000_000),
            "The picture has 80.1 megapixels; at most 80 megapixels are accepted."
        );
        assert!(too_large(Quantity::Bytes, 60_000_000, 52_428_800).starts_with("The file has 60 MB"));
    }

    #[test]
    fn a_refusal_names_the_format_and_what_to_do() {
        assert_eq!(
            reason(Failure::UnsupportedFormat(Format::Pdf)),
            "This is a PDF, which is not accepted. Upload a JPEG or a PNG."
        );
        assert!(reason(Failure::Corrupt(Format::Jpeg, Defect::Truncated)).contains("JPEG is incomplete"));
        assert!(reason(Failure::UnsupportedFormat(Format::Svg)).contains("an SVG"));
    }
}
