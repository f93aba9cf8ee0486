//! Writing renditions: baseline JPEG, quality 80, 4:2:0, or lossless WebP; never any metadata. Which of the two, and why, is
//! in docs/adr/0010.
use image_webp::{ColorType, EncodingError, WebPEncoder};
use libjpeg_turbo_rs::{Encoder, PixelFormat, Subsampling};

use crate::error::{Failure, Media, Stage};
use crate::raster::{Pixel, Raster};

/// libjpeg's scale, 1 to 100.
const QUALITY: u8 = 80;

/// What all renditions of a picture are, seen on the largest: WebP where anything is transparent, and where the original was
/// stored without loss and is flat graphics, which is to say that at least half of its pixels are exactly like their left
/// neighbour. Everything else is JPEG.
pub(crate) fn media(raster: &Raster, lossless: bool) -> Media {
    if raster.pixel() == Pixel::Rgba || lossless && is_flat(raster) { Media::Webp } else { Media::Jpeg }
}

fn is_flat(raster: &Raster) -> bool {
    let (mut same, mut pairs) = (0_u64, 0_u64);
    for row in raster.rows() {
        let (pixels, _) = row.as_chunks::<3>();
        pairs += pixels.len().saturating_sub(1) as u64;
        same += pixels.windows(2).filter(|pair| pair.first() == pair.last()).count() as u64;
    }
    pairs > 0 && same * 2 >= pairs
}

/// Writes one rendition.
pub(crate) fn encode(raster: &Raster, media: Media) -> Result<Vec<u8>, Failure> {
    match media {
        Media::Jpeg => jpeg(raster),
        Media::Webp => webp(raster).map_err(|_| Failure::Internal(Stage::Encode)),
    }
}

fn jpeg(raster: &Raster) -> Result<Vec<u8>, Failure> {
    let size = raster.size();
    Encoder::new(raster.data(), size.width as usize, size.height as usize, PixelFormat::Rgb)
        .quality(QUALITY)
        .subsampling(Subsampling::S420)
        .encode()
        .map_err(|_| Failure::Internal(Stage::Encode))
}

fn webp(raster: &Raster) -> Result<Vec<u8>, EncodingError> {
    let size = raster.size();
    let colours = if raster.pixel() == Pixel::Rgba { ColorType::Rgba8 } else { ColorType::Rgb8 };
    let mut file = Vec::new();
    WebPEncoder::new(&mut file).encode(raster.data(), size.width, size.height, colours)?;
    Ok(file)
}
