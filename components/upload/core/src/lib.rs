//! `upload` owns photos: their rows, their originals, and the events about them.
//!
//! It never looks inside a picture: it takes bytes, counts and hashes them, and believes what the worker reports.
//! Nothing else writes its tables, and nothing reads its originals but the worker.
#![forbid(unsafe_code)]

mod error;
mod events;
mod http;
mod model;
mod service;
mod store;
mod sweep;
mod trpc;

pub use error::UploadError;
pub use events::{ACCOUNT_DELETED, PHOTO_DELETED, PHOTO_UPLOADED};
#[cfg(feature = "openapi")]
pub use http::document;
pub use http::{State, Tokens, router};
pub use model::{
    Change, Description, Details, Outcome, Owner, Photo, PhotoStatus, Rendition, Sha256Hex, Tags, Title, Verdict,
    Visibility,
};
pub use service::{Keyed, Listed, Sent, Settings, Upload};
pub use store::MIGRATIONS;
#[cfg(feature = "openapi")]
pub use trpc::every_procedure;
