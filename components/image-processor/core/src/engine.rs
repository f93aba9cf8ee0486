//! The engine, as the worker sees it: the same words as `wit/imaging`, so that a native engine can stand in its place.
use std::fmt;

/// Renders pictures. It blocks for as long as it computes; it has no effect on anything.
pub trait Engine: fmt::Debug + Send + Sync + 'static {
    /// Renders a picture file. The same bytes always give the same renditions.
    ///
    /// # Errors
    /// [`Failure`]; none of them goes away by trying again.
    fn render(&self, picture: &[u8]) -> Result<Rendered, Failure>;
}

/// Every rendition of one picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// Pixels of the upright original.
    pub width: u32,
    /// Pixels of the upright original.
    pub height: u32,
    /// Smallest first.
    pub renditions: Vec<Rendition>,
}

/// One rendition: a JPEG without metadata.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendition {
    /// `small`, `medium` or `large`.
    pub name: String,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// The whole file.
    pub bytes: Vec<u8>,
}

/// Why there are no renditions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// No bytes at all.
    Empty,
    /// Not the beginning of any picture that the engine knows.
    UnknownFormat,
    /// A picture of a kind that is not decoded.
    UnsupportedFormat(Format),
    /// A well-formed picture that uses what is not decoded.
    UnsupportedFeature(Format, Feature),
    /// A broken file.
    Corrupt(Format, Defect),
    /// Beyond a limit of the engine.
    TooLarge {
        /// What was counted.
        quantity: Quantity,
        /// What the picture has, as far as it was counted.
        value: u64,
        /// The most that is accepted.
        limit: u64,
    },
    /// The engine failed on a picture that it had accepted.
    Internal(Stage),
}

/// A kind of picture that is recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Decoded.
    Jpeg,
    /// Decoded.
    Png,
    /// Recognised only.
    Gif,
    /// Recognised only.
    Webp,
    /// Recognised only.
    Tiff,
    /// Recognised only.
    Bmp,
    /// AVIF and HEIC; recognised only.
    Heif,
    /// Recognised only.
    Svg,
    /// No picture, but often uploaded by mistake.
    Pdf,
}

/// A part of a format that is not decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Feature {
    /// JPEG's arithmetic coding.
    ArithmeticCoding,
    /// A JPEG process other than baseline, extended sequential and progressive.
    Process,
    /// More than 8 bits a sample.
    SamplePrecision,
    /// An unusual number or sampling of colour components.
    Components,
}

/// What is wrong with a broken file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Defect {
    /// It ends before the picture does.
    Truncated,
    /// Its headers contradict themselves or the standard.
    Header,
    /// Its compressed data cannot be decoded.
    Data,
}

/// What the engine counts before it works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantity {
    /// Bytes of the file.
    Bytes,
    /// Pixels of one side.
    Side,
    /// Width times height.
    Pixels,
    /// Scans of a progressive JPEG.
    Scans,
    /// Bytes that decoding would hold at once.
    Memory,
}

/// Where the engine itself failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Scaling.
    Resize,
    /// Writing a rendition.
    Encode,
}
