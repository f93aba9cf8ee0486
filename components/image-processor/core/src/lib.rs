//! `image-processor` turns one uploaded photo into renditions, each time that it is told of one, and removes those of photos
//! that are gone.
//!
//! It owns no data. It reads the original, has the engine render it, writes the renditions, and reports to `upload`, which
//! owns the photo. Every step can be done twice: whoever dies half-way is simply told again.
#![forbid(unsafe_code)]

mod engine;
mod error;
mod events;
mod http;
mod path;
mod reasons;
mod report;
mod service;

pub use engine::{Defect, Engine, Failure, Feature, Format, Media, Quantity, Rendered, Rendition, Stage};
pub use error::ProcessError;
pub use events::{Job, Order, PHOTO_DELETED, PHOTO_UPLOADED, Removal};
pub use http::router;
pub use path::RenditionPath;
pub use report::{Owner, Verdict};
pub use service::Processor;
