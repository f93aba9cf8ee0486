//! Scaling down, each size from the one above it.
use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};

use crate::error::{Failure, Stage};
use crate::model::Size;
use crate::raster::{Pixel, Raster};

/// Keeps the buffers of one rendering.
#[derive(Default)]
pub(crate) struct Scaler {
    resizer: Resizer,
}

impl Scaler {
    /// Scales down to `size`; a raster of that size already is given back as it is.
    pub(crate) fn scale(&mut self, raster: Raster, size: Size) -> Result<Raster, Failure> {
        if raster.size() == size { Ok(raster) } else { self.resize(&raster, size, ResizeOptions::new()) }
    }

    /// Cuts the largest square out of the centre and scales it down to `size`.
    pub(crate) fn centre(&mut self, raster: &Raster, size: Size) -> Result<Raster, Failure> {
        self.resize(raster, size, ResizeOptions::new().fit_into_destination(None))
    }

    fn resize(&mut self, raster: &Raster, size: Size, options: ResizeOptions) -> Result<Raster, Failure> {
        let from = raster.size();
        let kind = if raster.pixel() == Pixel::Rgb { PixelType::U8x3 } else { PixelType::U8x4 };
        let source = ImageRef::new(from.width, from.height, raster.data(), kind)
            .map_err(|_| Failure::Internal(Stage::Resize))?;
        let mut scaled = Image::new(size.width, size.height, kind);
        let filter = ResizeAlg::Convolution(FilterType::Lanczos3);
        let options = options.resize_alg(filter).use_alpha(raster.pixel() == Pixel::Rgba);
        self.resizer.resize(&source, &mut scaled, &options).map_err(|_| Failure::Internal(Stage::Resize))?;
        Raster::new(size, raster.pixel(), scaled.into_vec()).ok_or(Failure::Internal(Stage::Resize))
    }
}
