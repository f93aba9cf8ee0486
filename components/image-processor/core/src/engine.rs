//! The engine, as the worker sees it: the same words as `wit/imaging`, so that a native engine can stand in its place.
use std::fmt;

pub use vitrine_picture::{Defect, Failure, Feature, Format, Media, Quantity, Stage};

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

/// One rendition, without metadata.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendition {
    /// `thumb`, `small`, `medium`, `large` or `full`.
    pub name: String,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// What its bytes are.
    pub media: Media,
    /// The whole file.
    pub bytes: Vec<u8>,
}
