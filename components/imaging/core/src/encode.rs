//! Writing renditions: baseline JPEG, quality 80, 4:2:0, no metadata.
use libjpeg_turbo_rs::{Encoder, PixelFormat, Subsampling};

use crate::error::{Failure, Stage};
use crate::model::Raster;

/// libjpeg's scale, 1 to 100.
const QUALITY: u8 = 80;

/// Writes one rendition.
pub(crate) fn encode(raster: &Raster) -> Result<Vec<u8>, Failure> {
    let size = raster.size();
    Encoder::new(raster.rgb(), size.width as usize, size.height as usize, PixelFormat::Rgb)
        .quality(QUALITY)
        .subsampling(Subsampling::S420)
        .encode()
        .map_err(|_| Failure::Internal(Stage::Encode))
}
