//! A picture of any format that is decoded: opened by its headers, then decoded once.
use crate::error::{Failure, Format};
use crate::gif::Gif;
use crate::head::Head;
use crate::jpeg::Jpeg;
use crate::model::{Limits, Size};
use crate::png::Png;
use crate::raster::Raster;
use crate::sniff::sniff;
use crate::still::Still;
use crate::webp::Webp;

/// A picture whose headers are within the limits.
pub(crate) enum Source<'a> {
    Jpeg(Box<Jpeg<'a>>),
    Png(Box<Png<'a>>),
    Gif(Box<Gif<'a>>),
    Webp(Webp<'a>),
    Still(Still<'a>),
}

impl<'a> Source<'a> {
    /// Reads the headers: no pixel is decoded, and nothing is allocated for any.
    pub(crate) fn open(bytes: &'a [u8], limits: &Limits) -> Result<Self, Failure> {
        if bytes.is_empty() {
            return Err(Failure::Empty);
        }
        limits.check_bytes(bytes.len())?;
        Ok(match sniff(bytes).ok_or(Failure::UnknownFormat)? {
            Format::Jpeg => Self::Jpeg(Box::new(Jpeg::open(bytes, limits)?)),
            Format::Png => Self::Png(Box::new(Png::open(bytes, limits)?)),
            Format::Gif => Self::Gif(Box::new(Gif::open(bytes, limits)?)),
            Format::Webp => Self::Webp(Webp::open(bytes, limits)?),
            format @ (Format::Tiff | Format::Bmp | Format::Qoi) => Self::Still(Still::open(format, bytes, limits)?),
            other @ (Format::Heif | Format::Svg | Format::Pdf) => return Err(Failure::UnsupportedFormat(other)),
        })
    }

    pub(crate) fn head(&self) -> &Head {
        match self {
            Self::Jpeg(it) => &it.head,
            Self::Png(it) => &it.head,
            Self::Gif(it) => &it.head,
            Self::Webp(it) => &it.head,
            Self::Still(it) => &it.head,
        }
    }

    /// Decodes the stored pixels at no less than `target` on either side, and not much more where that saves work.
    pub(crate) fn decode(self, target: Size) -> Result<Raster, Failure> {
        match self {
            Self::Jpeg(it) => it.decode(target),
            Self::Png(it) => it.decode(target),
            Self::Gif(it) => it.decode(target),
            Self::Webp(it) => it.decode(target),
            Self::Still(it) => it.decode(target),
        }
    }
}
