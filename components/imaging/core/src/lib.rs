//! How pictures are decoded, turned upright, put into sRGB, scaled, encoded and described.
//!
//! One call, [`render`], from the bytes of a file to every rendition and the description. It holds no state, reads no clock
//! and no random numbers, and counts bytes, pixels, frames, scans and memory before it works, because nothing around it may
//! stop it in time. It never keeps metadata: orientation and colour profile are read, applied and forgotten.
#![forbid(unsafe_code)]

mod colour;
mod describe;
mod encode;
mod error;
mod gif;
mod head;
mod jpeg;
mod model;
mod orientation;
mod palette;
mod png;
mod raster;
mod resize;
mod riff;
mod service;
mod shrink;
mod sniff;
mod source;
mod still;
mod tiff;
mod webp;

pub use error::{Defect, Failure, Feature, Format, Media, Quantity, Stage};
pub use model::{Description, Limits, Probed, RENDITIONS, Rendered, Rendition, Size, Swatch, THUMB};
pub use service::{describe, probe, render};
