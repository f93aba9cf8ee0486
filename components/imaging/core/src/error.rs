//! What a rendition is, and why a picture has none. The words are those of a kit, since whoever calls the engine has to say them too.

pub use vitrine_picture::{Defect, Failure, Feature, Format, Media, Quantity, Stage};
