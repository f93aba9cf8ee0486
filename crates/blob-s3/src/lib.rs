//! The blob port on an S3 server (AWS, Garage, MinIO, s3s): each blob is an object of one bucket.
//!
//! Up to [`SINGLE_BYTES`] a blob is put by one `PutObject`, what is larger by a multipart upload; either way the server
//! checks the SHA-256 of what it is sent, and the object is there whole or not at all. The SHA-256 of the blob is kept in
//! the object's metadata (`x-amz-meta-sha256`). That of a multipart upload is not known when its metadata is set, so
//! it stands in a small object beside it, `{key}.{generation}.sha256`, which the metadata names.
//!
//! What a put that died has left is an unfinished multipart upload and its small object at most: let a lifecycle rule of the
//! bucket abort the uploads after a day. The small object of a large blob that a small one replaced stays until somebody
//! erases it, and so does that of an upload of which nobody could learn whether it was completed.
//!
//! The key needs the right `s3:ListBucket`, since without it a server says of what is absent that it is forbidden; and for
//! what its component does `s3:GetObject`, `s3:PutObject`, `s3:DeleteObject` and `s3:AbortMultipartUpload`.
#![forbid(unsafe_code)]

mod answer;
mod buffer;
mod exchange;
mod multipart;
mod presign;
mod read;
mod seats;
mod settings;
mod signer;
mod write;

pub use settings::{Addressing, Settings, SettingsError};
pub use write::{PART_BYTES, SINGLE_BYTES};

use futures::{FutureExt, future::BoxFuture};
use seats::Seats;
use signer::Signer;
use std::{
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};
use vitrine_blob::{Backend, BlobError, BlobStream, Manifest, PresignedPut, PutFailure, Source};
use vitrine_clock::{Clock, Timer};
use vitrine_http_out::HttpOut;
use vitrine_random::Random;

/// What the store needs of others.
#[derive(Debug, Clone)]
pub struct Ports {
    /// Carries the requests.
    pub out: Arc<dyn HttpOut>,
    /// Dates the signatures.
    pub clock: Arc<dyn Clock>,
    /// Waits between tries.
    pub timer: Arc<dyn Timer>,
    /// Spreads the waits, and names what belongs together.
    pub random: Arc<dyn Random>,
}

/// A bucket of an S3 server. Clones are the same bucket.
#[derive(Debug, Clone)]
pub struct S3(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    ports: Ports,
    signer: Signer,
    /// Whether an answer has shown that the bucket is there.
    bucket_seen: AtomicBool,
    seats: Seats,
}

impl S3 {
    /// The bucket that `settings` name. No request is sent yet.
    ///
    /// # Errors
    /// See [`SettingsError`].
    pub fn new(settings: &Settings, ports: Ports) -> Result<Self, SettingsError> {
        let (signer, bucket_seen) = (Signer::new(settings)?, AtomicBool::new(false));
        Ok(Self(Arc::new(Inner { ports, signer, bucket_seen, seats: Seats::default() })))
    }
}

impl Backend for S3 {
    fn put<'a>(&'a self, key: &'a str, source: Source<'a>) -> BoxFuture<'a, Result<Manifest, PutFailure>> {
        self.0.write(key, source).boxed()
    }

    fn head<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Manifest>, BlobError>> {
        self.0.look(key).boxed()
    }

    fn get<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<(Manifest, BlobStream)>, BlobError>> {
        self.0.read(key).boxed()
    }

    fn range<'a>(
        &'a self,
        key: &'a str,
        start: u64,
        length: u64,
    ) -> BoxFuture<'a, Result<Option<(Manifest, BlobStream)>, BlobError>> {
        self.0.read_part(key, start, length).boxed()
    }

    fn delete<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<(), BlobError>> {
        self.0.erase(key).boxed()
    }

    fn presign_get(&self, key: &str, valid: Duration) -> Result<String, BlobError> {
        Ok(self.0.presign_get(key, valid))
    }

    fn presign_put(&self, key: &str, manifest: &Manifest, valid: Duration) -> Result<PresignedPut, BlobError> {
        self.0.presign_put(key, manifest, valid)
    }
}
