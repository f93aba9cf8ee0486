//! Why a picture has no renditions. The words are those of a kit, since whoever calls the engine has to say them too.

pub use vitrine_picture::{Defect, Failure, Feature, Format, Quantity, Stage};
