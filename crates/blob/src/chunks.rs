//! Blobs in a key-value store.
//!
//! A blob under `key` is kept as chunks under `{key}/{generation}/{n}` and a record under `{key}` itself. The record is
//! written last and erased first, so a blob is there whole or not at all, whatever is cut off half-way.

mod read;
pub(crate) mod record;
mod write;

use crate::{Backend, BlobError, BlobStream, Keys, KeysError, Manifest, PresignedPut, PutFailure, Source};
use futures::{FutureExt, future::BoxFuture};
use record::{Record, chunk_key, pending_key};
use std::{sync::Arc, time::Duration};
use vitrine_random::Random;

/// The size of every chunk but the last, in bytes.
pub const CHUNK_BYTES: u64 = 256 * 1024;

/// Why there is no presigned URL.
const NO_ADDRESS: &str = "a key-value store has no address of its own: presigned URLs need `blob_backend` to be `s3`";

/// Keeps blobs in a key-value store. A put holds one chunk in memory, beside what its source gives at once; what an
/// interrupted put has left is erased when its key is.
#[derive(Debug, Clone)]
pub struct Chunks {
    keys: Arc<dyn Keys>,
    random: Arc<dyn Random>,
}

impl Chunks {
    /// Blobs in `keys`, whose generations are drawn from `random`.
    pub fn new(keys: Arc<dyn Keys>, random: Arc<dyn Random>) -> Self {
        Self { keys, random }
    }

    async fn record(&self, key: &str) -> Result<Option<Record>, BlobError> {
        let Some(record) = self.keys.get(key).await? else { return Ok(None) };
        serde_json::from_slice(&record).map(Some).map_err(|error| BlobError::Damaged {
            key: key.to_owned(),
            reason: format!("its record cannot be read: {error}"),
        })
    }

    async fn part(&self, key: &str, start: u64, length: u64) -> Result<Option<(Manifest, BlobStream)>, BlobError> {
        Ok(self.record(key).await?.map(|record| {
            let end = start.saturating_add(length).min(record.bytes);
            let manifest = record.manifest();
            (manifest, read::read(Arc::clone(&self.keys), key.to_owned(), record, start..end))
        }))
    }

    async fn erase_all(&self, key: &str) -> Result<(), BlobError> {
        let record = self.record(key).await;
        self.keys.delete(key).await?;
        if let Ok(Some(record)) = record {
            self.erase(key, &record.generation, record.chunks()).await?;
        }
        let pending = pending_key(key);
        if let Some(generation) = self.keys.get(&pending).await? {
            self.erase_generation(key, &String::from_utf8_lossy(&generation)).await?;
            self.keys.delete(&pending).await?;
        }
        Ok(())
    }

    async fn erase(&self, key: &str, generation: &str, chunks: u64) -> Result<(), KeysError> {
        for n in 0..chunks {
            self.keys.delete(&chunk_key(key, generation, n)).await?;
        }
        Ok(())
    }

    /// Erases chunks whose number is not known: they were written in order, so the first gap is the end.
    async fn erase_generation(&self, key: &str, generation: &str) -> Result<(), KeysError> {
        for n in 0.. {
            let chunk = chunk_key(key, generation, n);
            if !self.keys.exists(&chunk).await? {
                break;
            }
            self.keys.delete(&chunk).await?;
        }
        Ok(())
    }
}

impl Backend for Chunks {
    fn put<'a>(&'a self, key: &'a str, source: Source<'a>) -> BoxFuture<'a, Result<Manifest, PutFailure>> {
        self.write(key, source).boxed()
    }

    fn head<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Manifest>, BlobError>> {
        async move { Ok(self.record(key).await?.map(|record| record.manifest())) }.boxed()
    }

    fn get<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<(Manifest, BlobStream)>, BlobError>> {
        self.part(key, 0, u64::MAX).boxed()
    }

    fn range<'a>(
        &'a self,
        key: &'a str,
        start: u64,
        length: u64,
    ) -> BoxFuture<'a, Result<Option<(Manifest, BlobStream)>, BlobError>> {
        self.part(key, start, length).boxed()
    }

    fn delete<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<(), BlobError>> {
        self.erase_all(key).boxed()
    }

    fn presign_get(&self, _key: &str, _valid: Duration) -> Result<String, BlobError> {
        Err(BlobError::NotSupported(NO_ADDRESS))
    }

    fn presign_put(&self, _key: &str, _manifest: &Manifest, _valid: Duration) -> Result<PresignedPut, BlobError> {
        Err(BlobError::NotSupported(NO_ADDRESS))
    }
}
