//! One decode, all renditions and the description.
use crate::colour::to_srgb;
use crate::describe::describe as seen;
use crate::encode::{encode, media};
use crate::error::Failure;
use crate::model::{Description, Limits, Probed, RENDITIONS, Rendered, Rendition, Size, THUMB};
use crate::raster::Raster;
use crate::resize::Scaler;
use crate::source::Source;

/// Reads the headers of a picture file; no pixel is decoded.
///
/// # Errors
/// [`Failure`], for all that headers show.
pub fn probe(bytes: &[u8], limits: &Limits) -> Result<Probed, Failure> {
    let source = Source::open(bytes, limits)?;
    let head = source.head();
    Ok(Probed { format: head.format, size: head.upright(), frames: head.frames })
}

/// Renders a picture file. The same bytes always give the same renditions.
///
/// # Errors
/// [`Failure`].
pub fn render(bytes: &[u8], limits: &Limits) -> Result<Rendered, Failure> {
    let source = Source::open(bytes, limits)?;
    let (lossless, original) = (source.head().lossless, source.head().upright());
    let mut scaler = Scaler::default();
    let largest = decoded(source, &mut scaler)?;
    let media = media(&largest, lossless);
    let mut renditions: Vec<Rendition> = Vec::with_capacity(RENDITIONS.len() + 1);
    let small = scaled(largest, original, &mut scaler, |name, raster| {
        let size = raster.size();
        // A small picture has the same size in every square: it is written once.
        let same = renditions.iter().find(|larger| larger.size == size && name != THUMB.0 && larger.name != THUMB.0);
        let bytes = match same {
            Some(larger) => larger.bytes.clone(),
            None => encode(raster, media)?,
        };
        renditions.push(Rendition { name, size, media, bytes });
        Ok(())
    })?;
    let order = |name: &str| RENDITIONS.iter().position(|(known, _)| *known == name).map_or(0, |place| place + 1);
    renditions.sort_by_key(|rendition| order(rendition.name));
    Ok(Rendered { original, renditions, description: seen(&small)? })
}

/// Describes a picture file, as [`render`] does beside its renditions.
///
/// # Errors
/// [`Failure`].
pub fn describe(bytes: &[u8], limits: &Limits) -> Result<Description, Failure> {
    let source = Source::open(bytes, limits)?;
    let original = source.head().upright();
    let mut scaler = Scaler::default();
    let largest = decoded(source, &mut scaler)?;
    seen(&scaled(largest, original, &mut scaler, |_, _| Ok(()))?)
}

/// Decodes at no less than the largest rendition, scales to it, and puts that into sRGB and upright: the fewest pixels to
/// touch.
fn decoded(source: Source<'_>, scaler: &mut Scaler) -> Result<Raster, Failure> {
    let (orientation, profile) = (source.head().orientation, source.head().profile.clone());
    let target = orientation.size(source.head().upright().covering());
    let stored = scaler.scale(source.decode(target)?, target)?;
    Ok(orientation.apply(to_srgb(stored, profile.as_ref()).without_idle_alpha()))
}

/// Makes each smaller rendition from the one above it: each is shown once, larger ones first, and the thumbnail when the
/// smallest is at hand that it can be cut from. Gives the smallest that shows the whole picture.
fn scaled(
    mut raster: Raster,
    original: Size,
    scaler: &mut Scaler,
    mut show: impl FnMut(&'static str, &Raster) -> Result<(), Failure>,
) -> Result<Raster, Failure> {
    let mut thumb = Some(raster.size().thumb());
    for (name, side) in RENDITIONS.into_iter().rev() {
        let size = original.fit(side);
        if let Some(square) = thumb.take_if(|square| size.width.min(size.height) < square.width) {
            show(THUMB.0, &scaler.centre(&raster, square)?)?;
        }
        raster = scaler.scale(raster, size)?;
        show(name, &raster)?;
    }
    if let Some(square) = thumb {
        show(THUMB.0, &scaler.centre(&raster, square)?)?;
    }
    Ok(raster)
}
