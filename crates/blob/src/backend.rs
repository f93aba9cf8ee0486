//! What a store of blobs must be able to do.

use crate::{BlobError, BlobStream, Manifest, PresignedPut};
use bytes::Bytes;
use futures::{future::BoxFuture, stream::BoxStream};
use std::{fmt, time::Duration};

/// The bytes of a put. That it stops with an error means that there is to be no blob; why is known to [`crate::Blobs`].
pub type Source<'a> = BoxStream<'a, Result<Bytes, SourceStopped>>;

/// The source of a put failed, or gave more than is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the source stopped")]
pub struct SourceStopped;

/// Why a backend stored nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PutFailure {
    /// The source stopped.
    #[error(transparent)]
    Source(#[from] SourceStopped),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] BlobError),
}

/// A store of blobs. The contract of each function is told at [`crate::Blobs`].
pub trait Backend: fmt::Debug + Send + Sync + 'static {
    /// Stores all of `source` under `key`, or nothing.
    fn put<'a>(&'a self, key: &'a str, source: Source<'a>) -> BoxFuture<'a, Result<Manifest, PutFailure>>;

    /// What is known of the blob of `key`.
    fn head<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Manifest>, BlobError>>;

    /// The blob of `key`.
    fn get<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<(Manifest, BlobStream)>, BlobError>>;

    /// At most `length` bytes of the blob of `key`, from the byte `start` on.
    fn range<'a>(
        &'a self,
        key: &'a str,
        start: u64,
        length: u64,
    ) -> BoxFuture<'a, Result<Option<(Manifest, BlobStream)>, BlobError>>;

    /// Erases the blob of `key`.
    fn delete<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<(), BlobError>>;

    /// An address from which the blob of `key` can be read for `valid`.
    fn presign_get(&self, key: &str, valid: Duration) -> Result<String, BlobError>;

    /// Leave to put under `key`, for `valid`, the bytes that `manifest` describes.
    fn presign_put(&self, key: &str, manifest: &Manifest, valid: Duration) -> Result<PresignedPut, BlobError>;
}
