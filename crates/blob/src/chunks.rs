//! Blobs in a key-value store.
//!
//! A blob under `key` is kept as chunks under `{key}/{generation}/{n}` and a record under `{key}` itself. The record is
//! written last and erased first, so a blob is there whole or not at all, whatever is cut off half-way.
//!
//! Under `{key}/pending` stands which other generations may have chunks: those that are being written, and those that were
//! replaced or erased and still have some. A put lists its own before it writes, and publishes only while it is listed; an
//! erasure revokes all that are listed, and erases their chunks. So no chunk is without somebody who erases it at the
//! latest when its key is, and no record names chunks that an erasure has taken.
//!
//! The list is read and written, since the stores have no portable compare-and-swap. Within a program one at a time does so,
//! for each key. If two programs do it in the same instant, the entry of one may be lost; a put whose own is lost notices
//! before it publishes, and lists itself again. What remains: a put that dies after its entry was lost, or after another
//! program has erased the key, leaves the chunks that it had written since; and three at once (an erasure whose revoking is
//! overwritten by a put that begins, beside a put that ends) can leave a record without its chunks, which is told as damaged
//! until the key is put or erased again.

mod erase;
pub(crate) mod pending;
mod read;
pub(crate) mod record;
pub(crate) mod turn;
mod write;

use crate::{Backend, BlobError, BlobStream, Keys, KeysError, Manifest, PresignedPut, PutFailure, Source};
use futures::{FutureExt, future::BoxFuture};
use pending::Pending;
use record::{Record, pending_key};
use std::{sync::Arc, time::Duration};
use turn::{Turn, Turns, yield_now};
use vitrine_random::Random;

/// The size of every chunk but the last, in bytes.
pub const CHUNK_BYTES: u64 = 256 * 1024;

/// Why there is no presigned URL.
const NO_ADDRESS: &str = "a key-value store has no address of its own: presigned URLs need `blob_backend` to be `s3`";

/// Keeps blobs in a key-value store. A put holds one chunk in memory, beside what its source gives at once; so does whoever
/// reads. What an interrupted put has left is erased when its key is.
#[derive(Debug, Clone)]
pub struct Chunks {
    keys: Arc<dyn Keys>,
    random: Arc<dyn Random>,
    turns: Turns,
}

impl Chunks {
    /// Blobs in `keys`, whose generations are drawn from `random`.
    pub fn new(keys: Arc<dyn Keys>, random: Arc<dyn Random>) -> Self {
        Self { keys, random, turns: Turns::default() }
    }

    async fn record(&self, key: &str) -> Result<Option<Record>, BlobError> {
        record(&*self.keys, key).await
    }

    /// The record, if there is one that can be read: what cannot is as good as none to who replaces or erases it.
    async fn readable(&self, key: &str) -> Result<Option<Record>, BlobError> {
        match self.record(key).await {
            Err(BlobError::Damaged { .. }) => Ok(None),
            result => result,
        }
    }

    async fn pending(&self, key: &str) -> Result<Pending, KeysError> {
        Ok(self.keys.get(&pending_key(key)).await?.map(|text| Pending::parse(&text)).unwrap_or_default())
    }

    async fn set_pending(&self, key: &str, pending: &Pending) -> Result<(), KeysError> {
        match pending.is_empty() {
            true => self.keys.delete(&pending_key(key)).await,
            false => self.keys.set(&pending_key(key), pending.to_bytes()).await,
        }
    }

    /// The right to change record and list of `key`. Who has it waits for nobody but the store; so does who waits for it:
    /// it asks again when the store has answered.
    async fn turn(&self, key: &str) -> Result<Turn, KeysError> {
        loop {
            if let Some(turn) = self.turns.take(key) {
                return Ok(turn);
            }
            self.keys.exists(key).await?;
            yield_now().await;
        }
    }

    /// At most `length` bytes from `start` on. The first chunk is read here, so that a blob which is replaced at this moment
    /// is read as the one that replaced it.
    async fn part(&self, key: &str, start: u64, length: u64) -> Result<Option<(Manifest, BlobStream)>, BlobError> {
        let Some(mut record) = self.record(key).await? else { return Ok(None) };
        loop {
            let wanted = start..start.saturating_add(length).min(record.bytes);
            let reason = match read::first(&*self.keys, key, &record, &wanted).await? {
                Ok(first) => {
                    let manifest = record.manifest();
                    let stream = read::read(Arc::clone(&self.keys), key.to_owned(), record, wanted, first);
                    return Ok(Some((manifest, stream)));
                }
                Err(reason) => reason,
            };
            match self.record(key).await? {
                Some(now) if now == record => return Err(BlobError::Damaged { key: key.to_owned(), reason }),
                Some(now) => record = now,
                None => return Ok(None),
            }
        }
    }
}

/// The record of `key`, if there is one.
async fn record(keys: &dyn Keys, key: &str) -> Result<Option<Record>, BlobError> {
    let Some(record) = keys.get(key).await? else { return Ok(None) };
    serde_json::from_slice(&record).map(Some).map_err(|error| BlobError::Damaged {
        key: key.to_owned(),
        reason: format!("its record cannot be read: {error}"),
    })
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
