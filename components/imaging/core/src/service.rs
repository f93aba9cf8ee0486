//! One decode, all renditions.
use crate::encode::encode;
use crate::error::Failure;
use crate::error::Format;
use crate::jpeg::Jpeg;
use crate::model::{Limits, RENDITIONS, Raster, Rendered, Rendition, Size};
use crate::orientation::Orientation;
use crate::png::Png;
use crate::resize::Scaler;
use crate::sniff::sniff;

/// Renders a JPEG or PNG file. The same bytes always give the same renditions.
pub fn render(bytes: &[u8], limits: &Limits) -> Result<Rendered, Failure> {
    if bytes.is_empty() {
        return Err(Failure::Empty);
    }
    limits.check_bytes(bytes.len())?;
    match sniff(bytes).ok_or(Failure::UnknownFormat)? {
        Format::Jpeg => {
            let jpeg = Jpeg::open(bytes, limits)?;
            let (size, orientation) = (jpeg.size, jpeg.orientation);
            renditions(size, orientation, |target| jpeg.decode(target))
        }
        Format::Png => {
            let png = Png::open(bytes, limits)?;
            let (size, orientation) = (png.size, png.orientation);
            renditions(size, orientation, |target| png.decode(target))
        }
        other => Err(Failure::UnsupportedFormat(other)),
    }
}

/// Decodes at no less than the largest rendition, scales to it, turns that upright (the fewest pixels to turn), and
/// makes each smaller rendition from the one above it.
fn renditions(
    stored: Size,
    orientation: Orientation,
    decode: impl FnOnce(Size) -> Result<Raster, Failure>,
) -> Result<Rendered, Failure> {
    let original = orientation.size(stored);
    let largest = RENDITIONS.iter().map(|(_, side)| *side).max().unwrap_or(0);
    let target = orientation.size(original.fit(largest));
    let mut scaler = Scaler::default();
    let scaled = scaler.scale(decode(target)?, target)?;
    let mut raster = orientation.apply(scaled);
    let mut renditions: Vec<Rendition> = Vec::with_capacity(RENDITIONS.len());
    for (name, side) in RENDITIONS.into_iter().rev() {
        let size = original.fit(side);
        raster = scaler.scale(raster, size)?;
        // A small picture has the same size in every square: it is written once.
        let bytes = match renditions.last() {
            Some(larger) if larger.size == size => larger.bytes.clone(),
            _ => encode(&raster)?,
        };
        renditions.push(Rendition { name, size, bytes });
    }
    renditions.reverse();
    Ok(Rendered { original, renditions })
}
