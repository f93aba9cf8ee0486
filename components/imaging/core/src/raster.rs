//! Pixels in memory.
use crate::model::Size;

/// What the bytes of one pixel mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pixel {
    /// Red, green, blue.
    Rgb,
    /// Red, green, blue, and how opaque they are; not multiplied with that.
    Rgba,
    /// Cyan, magenta, yellow, black, as JPEG stores them: 255 is no ink.
    Cmyk,
}

impl Pixel {
    /// Bytes of one pixel.
    pub(crate) const fn bytes(self) -> usize {
        match self {
            Self::Rgb => 3,
            Self::Rgba | Self::Cmyk => 4,
        }
    }
}

/// Pixels, a byte for each sample, rows from the top without padding. Never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Raster {
    size: Size,
    pixel: Pixel,
    data: Vec<u8>,
}

impl Raster {
    /// Takes the pixels, or nothing if they are not as many as `size` says.
    pub(crate) fn new(size: Size, pixel: Pixel, data: Vec<u8>) -> Option<Self> {
        let fits = size.pixels() > 0 && data.len() as u64 == size.pixels() * pixel.bytes() as u64;
        fits.then_some(Self { size, pixel, data })
    }

    pub(crate) fn size(&self) -> Size {
        self.size
    }

    pub(crate) fn pixel(&self) -> Pixel {
        self.pixel
    }

    pub(crate) fn data(&self) -> &[u8] {
        &self.data
    }

    /// The pixels, to be changed in place.
    pub(crate) fn data_mut(&mut self) -> &mut [u8] {
        &mut self.data
    }

    /// Bytes of one row.
    pub(crate) fn stride(&self) -> usize {
        self.size.width as usize * self.pixel.bytes()
    }

    /// The rows, from the top.
    pub(crate) fn rows(&self) -> impl Iterator<Item = &[u8]> {
        self.data.chunks_exact(self.stride())
    }

    /// The same picture without alpha, if all of it is opaque; else without the colours of what is not seen at all, which
    /// could hold anything.
    pub(crate) fn without_idle_alpha(mut self) -> Self {
        if self.pixel == Pixel::Rgba {
            for pixel in self.data.as_chunks_mut::<4>().0 {
                if let [.., 0] = pixel {
                    *pixel = [0; 4];
                }
            }
        }
        let (pixels, _) = self.data.as_chunks::<4>();
        if self.pixel != Pixel::Rgba || pixels.iter().any(|&[.., alpha]| alpha != u8::MAX) {
            return self;
        }
        let data = pixels.iter().flat_map(|&[red, green, blue, _]| [red, green, blue]).collect();
        Self { size: self.size, pixel: Pixel::Rgb, data }
    }
}
