//! Writing a blob, chunk by chunk, the record last.

use super::{
    CHUNK_BYTES, Chunks,
    record::{Record, chunk_key, pending_key},
};
use crate::{BlobError, KeysError, Manifest, PutFailure, Source, hex};
use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use sha2::{Digest, Sha256};
use vitrine_random::bytes as random_bytes;

impl Chunks {
    pub(super) async fn write(&self, key: &str, source: Source<'_>) -> Result<Manifest, PutFailure> {
        let generation = hex(&random_bytes::<8>(&*self.random));
        self.keys.set(&pending_key(key), Bytes::from(generation.clone())).await.map_err(BlobError::from)?;
        let result = match self.write_chunks(key, &generation, source).await {
            Ok((bytes, sha256)) => {
                let record = Record { generation: generation.clone(), bytes, sha256 };
                self.publish(key, record).await.map_err(|error| PutFailure::Store(error.into()))
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

    async fn write_chunks(
        &self,
        key: &str,
        generation: &str,
        mut source: Source<'_>,
    ) -> Result<(u64, String), PutFailure> {
        let (mut hash, mut bytes, mut n) = (Sha256::new(), 0_u64, 0_u64);
        let mut chunk = BytesMut::new();
        while let Some(part) = source.next().await {
            let mut part = part?;
            bytes = bytes.saturating_add(part.len() as u64);
            hash.update(&part);
            while !part.is_empty() {
                let room = (CHUNK_BYTES as usize).saturating_sub(chunk.len());
                chunk.extend_from_slice(&part.split_to(room.min(part.len())));
                if chunk.len() as u64 == CHUNK_BYTES {
                    self.write_chunk(key, generation, n, chunk.split().freeze()).await?;
                    n += 1;
                }
            }
        }
        if !chunk.is_empty() {
            self.write_chunk(key, generation, n, chunk.freeze()).await?;
        }
        Ok((bytes, hex(&hash.finalize())))
    }

    async fn write_chunk(&self, key: &str, generation: &str, n: u64, chunk: Bytes) -> Result<(), PutFailure> {
        let set = self.keys.set(&chunk_key(key, generation, n), chunk).await;
        set.map_err(|error| PutFailure::Store(error.into()))
    }

    /// Makes `record` the blob of `key`, then erases the chunks of the one before it.
    async fn publish(&self, key: &str, record: Record) -> Result<Manifest, KeysError> {
        // A record that cannot be read any more is replaced all the same; its chunks are lost to it.
        let before = self.record(key).await.unwrap_or_default();
        let text = serde_json::to_vec(&record).map_err(|error| KeysError(error.to_string()))?;
        self.keys.set(key, text.into()).await?;
        if let Some(before) = before {
            drop(self.erase(key, &before.generation, before.chunks()).await);
        }
        Ok(record.manifest())
    }
}
