//! What services hold.

use crate::{
    Backend, BlobError, BlobStream, Chunks, Keys, Manifest, PresignedPut, PutError, PutFailure, SourceStopped,
};
use bytes::Bytes;
use futures::{Stream, StreamExt};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use vitrine_random::Random;

/// Bytes of the longest key: S3 takes 1024, and the stores add to it.
pub const MAX_KEY: usize = 900;

/// A store of blobs. Clones are the same store.
///
/// Two puts under one key at the same time are safe: the one that ends last stays. A put beside an erasure stores the blob
/// whole or fails with [`BlobError::Overtaken`]. Keys are paths of the caller's own making, of at most [`MAX_KEY`] bytes:
/// segments that are not empty, `.` or `..`, with one slash between them, without control characters; all else is
/// [`BlobError::InvalidKey`]. A key that is also a folder of others (`a` beside `a/b`) is not to be relied on.
#[derive(Debug, Clone)]
pub struct Blobs(Arc<dyn Backend>);

impl Blobs {
    /// A store of blobs in `keys`, whose generations are drawn from `random`.
    pub fn new(keys: Arc<dyn Keys>, random: Arc<dyn Random>) -> Self {
        Self::on(Chunks::new(keys, random))
    }

    /// The store of blobs that `backend` is.
    pub fn on(backend: impl Backend) -> Self {
        Self(Arc::new(backend))
    }

    /// Stores what `source` gives, of at most `limit` bytes, under `key`, in place of what was there. How much of it is
    /// in memory at a time is bounded by the backend, whatever the size.
    ///
    /// # Errors
    /// See [`PutError`]; nothing of this put is seen then, and what was there before still is. After
    /// [`BlobError::Timeout`], [`BlobError::Unavailable`] or [`BlobError::Keys`] the whole new blob may be there instead, if
    /// only the answer was lost. If the future is dropped or the program dies half-way, parts may stay, unseen; see the backend
    /// for what becomes of them.
    pub async fn put<E: Send>(
        &self,
        key: &str,
        source: impl Stream<Item = Result<Bytes, E>> + Send,
        limit: u64,
    ) -> Result<Manifest, PutError<E>> {
        check(key)?;
        let stopped = Mutex::new(None);
        let mut bytes = 0_u64;
        let source = source.map(|piece| {
            let reason = match piece {
                Err(error) => PutError::Source(error),
                Ok(piece) => {
                    bytes = bytes.saturating_add(piece.len() as u64);
                    if bytes <= limit {
                        return Ok(piece);
                    }
                    PutError::TooLarge { limit }
                }
            };
            *stopped.lock().unwrap_or_else(PoisonError::into_inner) = Some(reason);
            Err(SourceStopped)
        });
        let result = self.0.put(key, source.boxed()).await;
        let stopped = stopped.into_inner().unwrap_or_else(PoisonError::into_inner);
        match (result, stopped) {
            (_, Some(reason)) => Err(reason),
            (Ok(manifest), None) => Ok(manifest),
            (Err(PutFailure::Store(error)), None) => Err(PutError::Store(error)),
            (Err(PutFailure::Source(error)), None) => {
                Err(PutError::Store(BlobError::Unexpected { reason: error.to_string() }))
            }
        }
    }

    /// What is known of the blob of `key`, if there is one.
    ///
    /// # Errors
    /// See [`BlobError`].
    pub async fn head(&self, key: &str) -> Result<Option<Manifest>, BlobError> {
        check(key)?;
        self.0.head(key).await
    }

    /// The blob of `key`, if there is one: what is known of it, and its bytes.
    ///
    /// # Errors
    /// See [`BlobError`]; the stream can fail too.
    pub async fn get(&self, key: &str) -> Result<Option<(Manifest, BlobStream)>, BlobError> {
        check(key)?;
        self.0.get(key).await
    }

    /// A part of the blob of `key`, if there is one: what is known of the whole blob, and the bytes from `start` on, of
    /// which there are `length`, or fewer if the blob ends before.
    ///
    /// # Errors
    /// See [`BlobError`]; the stream can fail too.
    pub async fn range(&self, key: &str, start: u64, length: u64) -> Result<Option<(Manifest, BlobStream)>, BlobError> {
        check(key)?;
        self.0.range(key, start, length).await
    }

    /// Erases the blob of `key` and what an interrupted put has left there. That there is none is no error.
    ///
    /// # Errors
    /// See [`BlobError`].
    pub async fn delete(&self, key: &str) -> Result<(), BlobError> {
        check(key)?;
        self.0.delete(key).await
    }

    /// A URL from which whoever has it can `GET` the blob of `key` for `valid` (one second to seven days). Whether there
    /// is such a blob is not asked.
    ///
    /// # Errors
    /// [`BlobError::NotSupported`] where blobs have no address of their own.
    pub fn presign_get(&self, key: &str, valid: Duration) -> Result<String, BlobError> {
        check(key)?;
        self.0.presign_get(key, valid)
    }

    /// Leave to put, for `valid` (one second to seven days), exactly the bytes that `manifest` describes under `key`.
    ///
    /// # Errors
    /// [`BlobError::NotSupported`] where blobs have no address of their own, [`BlobError::Damaged`] if the SHA-256 is
    /// none.
    pub fn presign_put(&self, key: &str, manifest: &Manifest, valid: Duration) -> Result<PresignedPut, BlobError> {
        check(key)?;
        self.0.presign_put(key, manifest, valid)
    }
}

fn check(key: &str) -> Result<(), BlobError> {
    let reason = if key.is_empty() || key.len() > MAX_KEY {
        format!("has 1 to {MAX_KEY} bytes, not {}", key.len())
    } else if key.chars().any(char::is_control) {
        "has no control characters".to_owned()
    } else if key.split('/').any(|segment| matches!(segment, "" | "." | "..")) {
        format!("has no segment that is empty, `.` or `..`, as `{key}` has")
    } else {
        return Ok(());
    };
    Err(BlobError::InvalidKey(reason))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_as_long_as_it_may_be() {
        assert_eq!(check(&"k".repeat(MAX_KEY)), Ok(()));
        let error = check(&"k".repeat(MAX_KEY + 1)).unwrap_err().to_string();
        assert_eq!(error, "the key of a blob has 1 to 900 bytes, not 901");
    }
}
