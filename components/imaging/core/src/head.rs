//! What the headers of a picture say, whatever its format.
use crate::colour::Profile;
use crate::error::{Defect, Failure, Format, Quantity};
use crate::model::{Limits, Size};
use crate::orientation::Orientation;

/// What is known before a pixel is decoded.
pub(crate) struct Head {
    pub(crate) format: Format,
    /// Of the stored pixels.
    pub(crate) size: Size,
    /// Pictures of an animation or pages, as far as the file says; 1 for a still one.
    pub(crate) frames: u32,
    /// How to turn the stored pixels upright.
    pub(crate) orientation: Orientation,
    /// The colours that the samples mean, where the file says; else they are those of sRGB.
    pub(crate) profile: Option<Profile>,
    /// Whether the stored pixels are those that somebody drew or took, without loss.
    pub(crate) lossless: bool,
}

impl Head {
    /// A still, upright, lossless picture in sRGB, if its size is within the limits.
    pub(crate) fn new(format: Format, size: Size, limits: &Limits) -> Result<Self, Failure> {
        if size.pixels() == 0 {
            return Err(Failure::Corrupt(format, Defect::Header));
        }
        limits.check_size(size)?;
        Ok(Self { format, size, frames: 1, orientation: Orientation::UPRIGHT, profile: None, lossless: true })
    }

    /// With that many frames, if the limits allow them.
    pub(crate) fn frames(self, frames: u32, limits: &Limits) -> Result<Self, Failure> {
        limits.check_frames(frames)?;
        Ok(Self { frames, ..self })
    }

    /// The size of the upright picture.
    pub(crate) fn upright(&self) -> Size {
        self.orientation.size(self.size)
    }
}

/// That a decoder would hold more than it may; how much is not known.
pub(crate) fn beyond(limits: &Limits) -> Failure {
    Failure::TooLarge { quantity: Quantity::Memory, value: limits.memory + 1, limit: limits.memory }
}
