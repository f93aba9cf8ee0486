//! Putting, finding and erasing blobs.

use crate::{
    BlobError, BlobStream, CHUNK_BYTES, Keys, KeysError, Manifest, PutError,
    manifest::{chunk_key, pending_key},
};
use bytes::{Bytes, BytesMut};
use futures::{Stream, StreamExt};
use sha2::{Digest, Sha256};
use std::{fmt::Write as _, pin::pin, sync::Arc};
use vitrine_random::{Random, bytes as random_bytes};

/// A store of blobs. Clones are the same store.
///
/// Two puts under one key at the same time are safe: the one that ends last stays. Keys are paths of the caller's own
/// making, without a leading or trailing slash.
#[derive(Debug, Clone)]
pub struct Blobs {
    keys: Arc<dyn Keys>,
    random: Arc<dyn Random>,
}

impl Blobs {
    /// A store of blobs in `keys`, whose generations are drawn from `random`.
    pub fn new(keys: Arc<dyn Keys>, random: Arc<dyn Random>) -> Self {
        Self { keys, random }
    }

    /// Stores what `source` gives, of at most `limit` bytes, under `key`, in place of what was there. It holds no more
    /// than one chunk in memory, beside what `source` gives at once.
    ///
    /// # Errors
    /// See [`PutError`]; nothing of this put is left then, and what was there before still is. If the future is
    /// dropped or the program dies half-way, the chunks stay, unseen, until [`Blobs::delete`] is called for the key.
    pub async fn put<E>(
        &self,
        key: &str,
        source: impl Stream<Item = Result<Bytes, E>>,
        limit: u64,
    ) -> Result<Manifest, PutError<E>> {
        let generation = hex(&random_bytes::<8>(&*self.random));
        self.keys.set(&pending_key(key), Bytes::from(generation.clone())).await?;
        let result = match self.write_chunks(key, &generation, source, limit).await {
            Ok((bytes, sha256)) => {
                let manifest = Manifest { generation: generation.clone(), bytes, sha256 };
                self.publish(key, manifest).await.map_err(PutError::from)
            }
            Err(error) => Err(error),
        };
        if result.is_err() {
            // The first error is the one to report. What cannot be erased now is erased with the key.
            drop(self.erase_generation(key, &generation).await);
        }
        drop(self.keys.delete(&pending_key(key)).await);
        result
    }

    async fn write_chunks<E>(
        &self,
        key: &str,
        generation: &str,
        source: impl Stream<Item = Result<Bytes, E>>,
        limit: u64,
    ) -> Result<(u64, String), PutError<E>> {
        let (mut hash, mut bytes, mut n) = (Sha256::new(), 0_u64, 0_u64);
        let mut chunk = BytesMut::new();
        let mut source = pin!(source);
        while let Some(part) = source.next().await {
            let mut part = part.map_err(PutError::Source)?;
            bytes = bytes.saturating_add(part.len() as u64);
            if bytes > limit {
                return Err(PutError::TooLarge { limit });
            }
            hash.update(&part);
            while !part.is_empty() {
                let room = (CHUNK_BYTES as usize).saturating_sub(chunk.len());
                chunk.extend_from_slice(&part.split_to(room.min(part.len())));
                if chunk.len() as u64 == CHUNK_BYTES {
                    self.keys.set(&chunk_key(key, generation, n), chunk.split().freeze()).await?;
                    n += 1;
                }
            }
        }
        if !chunk.is_empty() {
            self.keys.set(&chunk_key(key, generation, n), chunk.freeze()).await?;
        }
        Ok((bytes, hex(&hash.finalize())))
    }

    /// Makes `manifest` the blob of `key`, then erases the chunks of the one before it.
    async fn publish(&self, key: &str, manifest: Manifest) -> Result<Manifest, KeysError> {
        // A manifest that cannot be read any more is replaced all the same; its chunks are lost to it.
        let before = self.manifest(key).await.unwrap_or_default();
        let record = serde_json::to_vec(&manifest).map_err(|error| KeysError(error.to_string()))?;
        self.keys.set(key, record.into()).await?;
        if let Some(before) = before {
            drop(self.erase(key, &before.generation, before.chunks()).await);
        }
        Ok(manifest)
    }

    /// What is known of the blob of `key`, if there is one.
    ///
    /// # Errors
    /// See [`BlobError`].
    pub async fn head(&self, key: &str) -> Result<Option<Manifest>, BlobError> {
        self.manifest(key).await
    }

    /// The blob of `key`, if there is one: what is known of it, and its bytes as a stream of chunks.
    ///
    /// # Errors
    /// See [`BlobError`]; the stream can fail too.
    pub async fn get(&self, key: &str) -> Result<Option<(Manifest, BlobStream)>, BlobError> {
        let manifest = self.manifest(key).await?;
        Ok(manifest.map(|manifest| {
            let stream = BlobStream::new(Arc::clone(&self.keys), key.to_owned(), manifest.clone());
            (manifest, stream)
        }))
    }

    /// Erases the blob of `key` and what an interrupted put has left there. That there is none is no error.
    ///
    /// # Errors
    /// See [`BlobError`]. If the chunks cannot be erased after the manifest was, they stay, unseen.
    pub async fn delete(&self, key: &str) -> Result<(), BlobError> {
        let manifest = self.manifest(key).await;
        self.keys.delete(key).await?;
        if let Ok(Some(manifest)) = manifest {
            self.erase(key, &manifest.generation, manifest.chunks()).await?;
        }
        let pending = pending_key(key);
        if let Some(generation) = self.keys.get(&pending).await? {
            self.erase_generation(key, &String::from_utf8_lossy(&generation)).await?;
            self.keys.delete(&pending).await?;
        }
        Ok(())
    }

    async fn manifest(&self, key: &str) -> Result<Option<Manifest>, BlobError> {
        let Some(record) = self.keys.get(key).await? else { return Ok(None) };
        serde_json::from_slice(&record).map(Some).map_err(|error| BlobError::Damaged {
            key: key.to_owned(),
            reason: format!("its manifest cannot be read: {error}"),
        })
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

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut hex, byte| {
        // Writing to a `String` cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
