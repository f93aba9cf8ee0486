//! Scaling down, each size from the one above it.
use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};

use crate::error::{Failure, Stage};
use crate::model::{Raster, Size};

/// Keeps the buffers of one rendering.
#[derive(Default)]
pub(crate) struct Scaler {
    resizer: Resizer,
}

impl Scaler {
    /// Scales down to `size`; a raster of that size already is given back as it is.
    pub(crate) fn scale(&mut self, raster: Raster, size: Size) -> Result<Raster, Failure> {
        if raster.size() == size {
            return Ok(raster);
        }
        let failed = |_| Failure::Internal(Stage::Resize);
        let from = raster.size();
        let source = ImageRef::new(from.width, from.height, raster.rgb(), PixelType::U8x3)
            .map_err(|_| Failure::Internal(Stage::Resize))?;
        let mut scaled = Image::new(size.width, size.height, PixelType::U8x3);
        let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3));
        self.resizer.resize(&source, &mut scaled, &options).map_err(failed)?;
        Raster::new(size, scaled.into_vec()).ok_or(Failure::Internal(Stage::Resize))
    }
}
