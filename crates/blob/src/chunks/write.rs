//! Writing a blob, chunk by chunk, the record last.

use super::{
    CHUNK_BYTES, Chunks,
    pending::{Pending, State},
    record::{Record, chunk_key},
};
use crate::{BlobError, KeysError, Manifest, PutFailure, Source, hex};
use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use sha2::{Digest, Sha256};
use vitrine_random::bytes as random_bytes;

impl Chunks {
    pub(super) async fn write(&self, key: &str, source: Source<'_>) -> Result<Manifest, PutFailure> {
        let generation = hex(&random_bytes::<8>(&*self.random));
        self.begin(key, &generation).await.map_err(BlobError::from)?;
        let mut chunks = 0;
        let (bytes, sha256) = match self.write_chunks(key, &generation, source, &mut chunks).await {
            Ok(written) => written,
            Err(error) => {
                // The first error is the one to report. What cannot be erased now is erased with the key.
                drop(self.give_up(key, &generation, chunks).await);
                return Err(error);
            }
        };
        let record = Record { generation, bytes, sha256 };
        if let Err(error) = self.publish(key, &record).await {
            match self.names(key, &record.generation).await {
                // It was written all the same.
                Ok(true) => {}
                Ok(false) => {
                    drop(self.give_up(key, &record.generation, chunks).await);
                    return Err(error.into());
                }
                // Nobody knows whether the record names these chunks: they stay, and are listed.
                Err(_) => return Err(error.into()),
            }
        }
        Ok(record.manifest())
    }

    /// Lists a generation, so that its chunks are erased with the key whatever becomes of this put.
    async fn begin(&self, key: &str, generation: &str) -> Result<(), KeysError> {
        let _turn = self.turn(key).await?;
        let mut pending = self.pending(key).await?;
        pending.set(generation, State::Writing);
        self.set_pending(key, &pending).await
    }

    async fn give_up(&self, key: &str, generation: &str, chunks: u64) -> Result<(), KeysError> {
        self.erase(key, generation, chunks).await?;
        self.forget(key, &[generation.to_owned()]).await
    }

    /// Bytes and SHA-256 of all that came; `chunks` counts those that may be in the store.
    async fn write_chunks(
        &self,
        key: &str,
        generation: &str,
        mut source: Source<'_>,
        chunks: &mut u64,
    ) -> Result<(u64, String), PutFailure> {
        let (mut hash, mut bytes) = (Sha256::new(), 0_u64);
        let mut chunk = BytesMut::new();
        while let Some(part) = source.next().await {
            let mut part = part?;
            bytes = bytes.saturating_add(part.len() as u64);
            hash.update(&part);
            while !part.is_empty() {
                let room = (CHUNK_BYTES as usize).saturating_sub(chunk.len());
                chunk.extend_from_slice(&part.split_to(room.min(part.len())));
                if chunk.len() as u64 == CHUNK_BYTES {
                    self.write_chunk(key, generation, chunks, chunk.split().freeze()).await?;
                }
            }
        }
        if !chunk.is_empty() {
            self.write_chunk(key, generation, chunks, chunk.freeze()).await?;
        }
        Ok((bytes, hex(&hash.finalize())))
    }

    async fn write_chunk(&self, key: &str, generation: &str, n: &mut u64, chunk: Bytes) -> Result<(), PutFailure> {
        let at = chunk_key(key, generation, *n);
        *n += 1;
        self.keys.set(&at, chunk).await.map_err(|error| PutFailure::Store(error.into()))
    }

    /// Makes `record` the blob of `key`, then erases the chunks of the one before it.
    async fn publish(&self, key: &str, record: &Record) -> Result<(), BlobError> {
        let _turn = self.turn(key).await?;
        let mut pending = self.pending(key).await?;
        if !self.may_stand(key, record, &pending).await? {
            return Err(BlobError::Overtaken { key: key.to_owned() });
        }
        // A record that cannot be read any more is replaced all the same; its chunks are lost to it.
        let before = self.readable(key).await?;
        if before.is_some() || pending.state(&record.generation).is_none() {
            pending.set(&record.generation, State::Writing);
            before.iter().for_each(|before| pending.set(&before.generation, State::Published));
            self.set_pending(key, &pending).await?;
        }
        let text = serde_json::to_vec(record).map_err(|error| KeysError(error.to_string()))?;
        self.keys.set(key, text.into()).await?;
        // Another program may have erased the key since it was asked.
        let Ok(pending) = self.pending(key).await else { return Ok(()) };
        if !self.may_stand(key, record, &pending).await.unwrap_or(true) {
            if self.names(key, &record.generation).await? {
                self.keys.delete(key).await?;
            }
            return Err(BlobError::Overtaken { key: key.to_owned() });
        }
        // Where the store fails, what was replaced stays listed, and is erased by the next put or with the key.
        drop(self.settle(key, &record.generation, before, pending).await);
        Ok(())
    }

    /// Whether no erasure has taken the chunks of `record`. It goes on listing what it erases until all is gone, the first
    /// chunk last. An entry that is missing while that one is there was overwritten by another program.
    async fn may_stand(&self, key: &str, record: &Record, pending: &Pending) -> Result<bool, KeysError> {
        match pending.state(&record.generation) {
            Some(state) => Ok(state != State::Revoked),
            None if record.chunks() == 0 => Ok(true),
            None => self.keys.exists(&chunk_key(key, &record.generation, 0)).await,
        }
    }

    async fn names(&self, key: &str, generation: &str) -> Result<bool, BlobError> {
        Ok(self.readable(key).await?.is_some_and(|now| now.generation == generation))
    }

    /// Erases the chunks of what was replaced: `before`, and what is listed in `pending` as published.
    async fn settle(
        &self,
        key: &str,
        own: &str,
        before: Option<Record>,
        mut pending: Pending,
    ) -> Result<(), BlobError> {
        let mut replaced = pending.of(State::Published);
        if !replaced.is_empty() {
            // Read after the list: who is listed as published and is not named now was replaced.
            let now = self.readable(key).await?;
            replaced.retain(|listed| now.as_ref().is_none_or(|now| now.generation != *listed));
            for generation in &replaced {
                match &before {
                    Some(before) if before.generation == *generation => {
                        self.erase(key, generation, before.chunks()).await?;
                    }
                    _ => self.erase_generation(key, generation).await?,
                }
            }
            pending = self.pending(key).await?;
            replaced.iter().for_each(|erased| pending.remove(erased));
        }
        pending.remove(own);
        if !pending.is_empty() {
            // Who is listed beside may be about to replace this one without having read its record.
            pending.set(own, State::Published);
        }
        Ok(self.set_pending(key, &pending).await?)
    }
}
