//! The blob port: bytes of any size, streamed in and out of a store, under keys.
//!
//! [`Blobs`] is what services hold. Behind it is a [`Backend`]: [`Chunks`] keeps blobs in a key-value store; another crate
//! keeps them on an S3 server. With either a blob is there whole or not at all, whatever is cut off half-way. How much of
//! one is in memory does not grow with its size: when it is read, a piece; when it is put, a chunk of 256 KiB in a key-value
//! store, and on S3 the whole of a small one, up to 16 MiB in four puts at once and up to 8 MiB in the others. What exists is
//! known to the services from rows; nothing here lists keys.
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
pub use blobs::{Blobs, MAX_KEY};
pub use chunks::{CHUNK_BYTES, Chunks};
pub use error::{BlobError, KeysError, PutError};
pub use hex::hex;
pub use keys::{Keys, MemoryKeys};
pub use manifest::Manifest;
pub use presigned::PresignedPut;
pub use stream::BlobStream;
