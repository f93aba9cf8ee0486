//! Sizes, limits and what a rendering gives.
use crate::error::{Failure, Quantity};

/// What the engine accepts. The defaults are the product's; nothing outside the engine has to keep them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the file.
    pub bytes: u64,
    /// Pixels of one side. JPEG can declare no more than this.
    pub side: u64,
    /// Width times height.
    pub pixels: u64,
    /// Scans of a progressive JPEG: each is another pass over the whole picture.
    pub scans: u64,
    /// Pixels that all scans of one picture visit together, so that a large picture has fewer scans than a small one.
    pub scanned_pixels: u64,
    /// Bytes that one decode holds at once, by estimate.
    pub memory: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 50 << 20,
            side: 65_535,
            pixels: 80_000_000,
            scans: 100,
            scanned_pixels: 1_600_000_000,
            memory: 256 << 20,
        }
    }
}

impl Limits {
    /// Checks the size that a header declares, before anything is allocated for it.
    pub(crate) fn check_size(&self, size: Size) -> Result<(), Failure> {
        check(Quantity::Side, u64::from(size.width.max(size.height)), self.side)?;
        check(Quantity::Pixels, size.pixels(), self.pixels)
    }

    /// How many scans a picture of this size may have.
    pub(crate) fn scans_of(&self, size: Size) -> u64 {
        self.scans.min(self.scanned_pixels / size.pixels().max(1))
    }

    /// Checks the length of the file.
    pub(crate) fn check_bytes(&self, bytes: usize) -> Result<(), Failure> {
        check(Quantity::Bytes, bytes as u64, self.bytes)
    }

    /// Checks an estimate of what decoding will hold.
    pub(crate) fn check_memory(&self, bytes: u64) -> Result<(), Failure> {
        check(Quantity::Memory, bytes, self.memory)
    }
}

fn check(quantity: Quantity, value: u64, limit: u64) -> Result<(), Failure> {
    if value > limit { Err(Failure::TooLarge { quantity, value, limit }) } else { Ok(()) }
}

/// Width and height in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
}

impl Size {
    /// Width times height, which fits.
    pub(crate) fn pixels(self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }

    /// The same picture on its side.
    pub(crate) fn transposed(self) -> Self {
        Self { width: self.height, height: self.width }
    }

    /// The size that fits inside a square of `side`, keeping the proportions: never larger than the original, never
    /// less than one pixel, the shorter edge rounded to the nearest pixel.
    pub(crate) fn fit(self, side: u32) -> Self {
        let longest = self.width.max(self.height);
        if longest <= side {
            return self;
        }
        let scale = |edge: u32| {
            let (edge, side, longest) = (u64::from(edge), u64::from(side), u64::from(longest));
            // Below `side`, which is a `u32`.
            u32::try_from((edge * side * 2 + longest) / (longest * 2)).unwrap_or(side as u32).max(1)
        };
        Self { width: scale(self.width), height: scale(self.height) }
    }
}

/// Name and square of every rendition, smallest first.
pub const RENDITIONS: [(&str, u32); 3] = [("small", 320), ("medium", 640), ("large", 1280)];

/// One rendition: a baseline JPEG without metadata.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendition {
    /// One of [`RENDITIONS`].
    pub name: &'static str,
    /// Pixels of it.
    pub size: Size,
    /// The whole file.
    pub bytes: Vec<u8>,
}

/// Every rendition of one picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// Pixels of the upright original.
    pub original: Size,
    /// In the order of [`RENDITIONS`].
    pub renditions: Vec<Rendition>,
}

/// Pixels in memory: red, green and blue, a byte each, rows from the top without padding. Never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Raster {
    size: Size,
    rgb: Vec<u8>,
}

impl Raster {
    /// Bytes of one pixel.
    pub(crate) const PIXEL: usize = 3;

    /// Takes the pixels, or nothing if they are not as many as `size` says.
    pub(crate) fn new(size: Size, rgb: Vec<u8>) -> Option<Self> {
        let fits = size.pixels() > 0 && rgb.len() as u64 == size.pixels() * Self::PIXEL as u64;
        fits.then_some(Self { size, rgb })
    }

    pub(crate) fn size(&self) -> Size {
        self.size
    }

    pub(crate) fn rgb(&self) -> &[u8] {
        &self.rgb
    }

    /// Bytes of one row.
    pub(crate) fn stride(&self) -> usize {
        self.size.width as usize * Self::PIXEL
    }

    /// The pixels, to be changed in place.
    pub(crate) fn rgb_mut(&mut self) -> &mut [u8] {
        &mut self.rgb
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(width: u32, height: u32) -> Size {
        Size { width, height }
    }

    #[test]
    fn a_picture_fits_inside_the_square_and_is_never_enlarged() {
        assert_eq!(size(3072, 4096).fit(1280), size(960, 1280));
        assert_eq!(size(4096, 3072).fit(320), size(320, 240));
        assert_eq!(size(100, 50).fit(320), size(100, 50));
        assert_eq!(size(320, 320).fit(320), size(320, 320));
        assert_eq!(size(65_535, 1).fit(320), size(320, 1));
        assert_eq!(size(1000, 667).fit(320), size(320, 213));
    }

    #[test]
    fn a_large_picture_may_have_fewer_scans() {
        let limits = Limits::default();
        assert_eq!(limits.scans_of(size(4000, 4000)), 100);
        assert_eq!(limits.scans_of(size(8000, 10_000)), 20);
    }

    #[test]
    fn a_declared_size_beyond_a_limit_is_refused_with_both_numbers() {
        let limits = Limits::default();
        assert_eq!(limits.check_size(size(8000, 10_000)), Ok(()));
        assert_eq!(
            limits.check_size(size(10_000, 10_000)),
            Err(Failure::TooLarge { quantity: Quantity::Pixels, value: 100_000_000, limit: 80_000_000 })
        );
        assert_eq!(
            limits.check_size(size(70_000, 1)),
            Err(Failure::TooLarge { quantity: Quantity::Side, value: 70_000, limit: 65_535 })
        );
    }
}
