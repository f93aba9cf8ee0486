//! How pictures are decoded, turned upright, scaled and encoded.
//!
//! One call, [`render`], from the bytes of a file to every rendition. It holds no state, reads no clock and no random
//! numbers, and counts bytes, pixels, scans and memory before it works, because nothing around it may stop it in time.
//! It never keeps metadata: only the orientation is read, applied and forgotten.
#![forbid(unsafe_code)]

mod encode;
mod error;
mod jpeg;
mod model;
mod orientation;
mod png;
mod resize;
mod service;
mod shrink;
mod sniff;

pub use error::{Defect, Failure, Feature, Format, Quantity, Stage};
pub use model::{Limits, RENDITIONS, Rendered, Rendition, Size};
pub use service::render;
