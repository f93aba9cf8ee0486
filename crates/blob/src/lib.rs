//! The blob port: bytes of any size, streamed in and out of a key-value store.
//!
//! A blob under `key` is kept as chunks under `{key}/{generation}/{n}` and a manifest under `{key}` itself. The
//! manifest is written last and erased first, so a blob is there whole or not at all, whatever is cut off half-way.
//! What exists is known to the services from rows; nothing here lists keys.
#![forbid(unsafe_code)]

mod error;
mod keys;
mod manifest;
mod read;
mod store;
#[cfg(feature = "suite")]
pub mod suite;

pub use error::{BlobError, KeysError, PutError};
pub use keys::{Keys, MemoryKeys};
pub use manifest::Manifest;
pub use read::BlobStream;
pub use store::Blobs;

/// The size of every chunk but the last, in bytes.
pub const CHUNK_BYTES: u64 = 256 * 1024;
