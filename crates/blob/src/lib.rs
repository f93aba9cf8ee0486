//! The blob port: bytes of any size, streamed in and out of a store, under keys.
//!
//! [`Blobs`] is what services hold. Behind it is a [`Backend`]: [`Chunks`] keeps blobs in a key-value store; another crate
//! keeps them on an S3 server. With either a blob is there whole or not at all, whatever is cut off half-way, and no
//! blob and no range of one is ever whole in memory. What exists is known to the services from rows; nothing here lists
//! keys.
#![forbid(unsafe_code)]

mod backend;
mod blobs;
mod chunks;
mod error;
mod hex;
mod keys;
mod manifest;
mod presigned;
mod stream;
#[cfg(feature = "suite")]
pub mod suite;

pub use backend::{Backend, PutFailure, Source, SourceStopped};
pub use blobs::Blobs;
pub use chunks::{CHUNK_BYTES, Chunks};
pub use error::{BlobError, KeysError, PutError};
pub use hex::hex;
pub use keys::{Keys, MemoryKeys};
pub use manifest::Manifest;
pub use presigned::PresignedPut;
pub use stream::BlobStream;
