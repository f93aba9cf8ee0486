//! Sizes, limits and what a rendering gives.
use crate::error::{Failure, Format, Media, Quantity};

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
    /// Pictures of an animation, or pages. Only the first is decoded, but all are counted.
    pub frames: u64,
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
            frames: 200,
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

    /// Checks how many pictures a file holds.
    pub(crate) fn check_frames(&self, frames: u32) -> Result<(), Failure> {
        check(Quantity::Frames, frames.into(), self.frames)
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

    /// The square that is cut out of the centre for the thumbnail.
    pub(crate) fn thumb(self) -> Self {
        let side = self.width.min(self.height).min(THUMB.1);
        Self { width: side, height: side }
    }

    /// The size to decode at: the smallest that holds the largest rendition, and on which the shorter side has the pixels
    /// of the thumbnail. A picture more than 16 times longer than wide gets a smaller thumbnail.
    pub(crate) fn covering(self) -> Self {
        let shorter = self.width.min(self.height);
        let longer = u64::from(self.width.max(self.height));
        // As long as it must be for the shorter side to have the thumbnail's pixels.
        let wanted = (longer * u64::from(shorter.min(THUMB.1))).div_ceil(u64::from(shorter.max(1)));
        self.fit(u32::try_from(wanted).unwrap_or(LONGEST).clamp(FULL, LONGEST))
    }
}

/// The cropped rendition: its name, and the side of its square.
pub const THUMB: (&str, u32) = ("thumb", 256);

/// Name and square of every rendition that shows the whole picture, smallest first.
pub const RENDITIONS: [(&str, u32); 4] = [("small", 320), ("medium", 640), ("large", 1280), ("full", 2048)];

/// The side of the square of the largest rendition.
const FULL: u32 = 2048;

/// The longest side that is decoded for the thumbnail's sake.
const LONGEST: u32 = 4096;

/// One rendition, without metadata.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendition {
    /// [`THUMB`] or one of [`RENDITIONS`].
    pub name: &'static str,
    /// Pixels of it.
    pub size: Size,
    /// What its bytes are.
    pub media: Media,
    /// The whole file.
    pub bytes: Vec<u8>,
}

/// Every rendition of one picture, and what is seen on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// Pixels of the upright original.
    pub original: Size,
    /// Smallest first: [`THUMB`], then [`RENDITIONS`].
    pub renditions: Vec<Rendition>,
    /// From the same decode.
    pub description: Description,
}

/// What the headers of a picture say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Probed {
    /// By the first bytes.
    pub format: Format,
    /// Pixels of the upright picture.
    pub size: Size,
    /// Pictures of an animation or pages; 1 for a still one.
    pub frames: u32,
}

/// What is seen on a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// A blurred preview of about 25 bytes, in the format of ThumbHash.
    pub thumbhash: Vec<u8>,
    /// At most six colours, the one that covers most first.
    pub palette: Vec<Swatch>,
    /// Few bits differ between pictures that look alike.
    pub perceptual_hash: u64,
}

/// A colour of a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Swatch {
    /// An English word or two for it.
    pub name: &'static str,
    /// Red, green, blue.
    pub rgb: [u8; 3],
    /// How much of what is not transparent it stands for, in thousandths.
    pub share: u16,
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
    fn what_is_decoded_holds_the_largest_rendition_and_the_thumbnail() {
        assert_eq!(size(4096, 3072).covering(), size(2048, 1536));
        assert_eq!(size(100, 50).covering(), size(100, 50));
        assert_eq!(size(10_000, 1000).covering(), size(2560, 256));
        assert_eq!(size(65_535, 100).covering(), size(4096, 6));
        assert_eq!((size(10_000, 1000).thumb(), size(300, 9).thumb()), (size(256, 256), size(9, 9)));
        assert_eq!(RENDITIONS.last().map(|(_, side)| *side), Some(FULL));
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
