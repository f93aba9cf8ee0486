//! What a rendition is, and why a picture has none: the words of `wit/imaging` in Rust, for the engine that says them and for
//! whoever calls it. Nothing here is known of how a picture is decoded.
#![forbid(unsafe_code)]

/// What a file of a rendition is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Media {
    /// Baseline JPEG.
    Jpeg,
    /// Lossless WebP.
    Webp,
}

impl Media {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Jpeg, Self::Webp];

    /// Bytes after which [`Media::of`] can tell.
    pub const LONGEST_MAGIC: usize = 12;

    /// Its media type.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Webp => "image/webp",
        }
    }

    /// What a file is, by its first bytes.
    #[must_use]
    pub fn of(file: &[u8]) -> Option<Self> {
        match file {
            [0xFF, 0xD8, 0xFF, ..] => Some(Self::Jpeg),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Self::Webp),
            _ => None,
        }
    }
}

/// One closed list of reasons. All but [`Failure::Internal`] belong to the input; none goes away by trying again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// No bytes at all.
    #[error("no bytes")]
    Empty,
    /// Not the beginning of any picture that the engine knows.
    #[error("not a known picture format")]
    UnknownFormat,
    /// A picture of a kind that is not decoded.
    #[error("{0:?} is not decoded")]
    UnsupportedFormat(Format),
    /// A well-formed picture that uses what is not decoded.
    #[error("{0:?} with {1:?} is not decoded")]
    UnsupportedFeature(Format, Feature),
    /// A broken file.
    #[error("broken {0:?}: {1:?}")]
    Corrupt(Format, Defect),
    /// Beyond a limit.
    #[error("{quantity:?} {value} is over {limit}")]
    TooLarge {
        /// What was counted.
        quantity: Quantity,
        /// What the picture has, as far as it was counted.
        value: u64,
        /// The most that is accepted.
        limit: u64,
    },
    /// The engine failed on a picture that it had accepted.
    #[error("failed at {0:?}")]
    Internal(Stage),
}

/// A part of a format that is not decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Feature {
    /// JPEG's arithmetic coding.
    ArithmeticCoding,
    /// A JPEG process other than baseline, extended sequential and progressive: lossless, differential.
    Process,
    /// A number of bits a sample that no picture for the web has, or numbers that are no whole ones.
    SamplePrecision,
    /// A number, a meaning or a sampling of colour components that no picture for the web has.
    Components,
    /// A way of compressing that is not decoded, or a part of the format that hardly anybody writes.
    Compression,
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

/// What is counted before any work is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantity {
    /// Bytes of the file.
    Bytes,
    /// Pixels of one side, as declared.
    Side,
    /// Width times height, as declared.
    Pixels,
    /// Pictures of an animation, or pages.
    Frames,
    /// Scans of a progressive JPEG.
    Scans,
    /// Bytes that decoding would hold at once, by estimate.
    Memory,
}

/// Where the engine itself failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Scaling from one size to the next.
    Resize,
    /// Writing a rendition.
    Encode,
}

/// A kind of picture that is recognised. [`Format::Heif`], [`Format::Svg`] and [`Format::Pdf`] are not decoded: they have a
/// name so that a refusal can say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// ISO/IEC 10918-1.
    Jpeg,
    /// W3C PNG, third edition; an animated one is read as its default image.
    Png,
    /// GIF87a or GIF89a.
    Gif,
    /// RFC 9649.
    Webp,
    /// TIFF 6.0, either byte order.
    Tiff,
    /// Windows bitmap.
    Bmp,
    /// Quite OK Image Format.
    Qoi,
    /// AVIF, HEIC and their relatives (ISO/IEC 23008-12).
    Heif,
    /// Scalable vector graphics.
    Svg,
    /// A document, often uploaded by mistake.
    Pdf,
}
