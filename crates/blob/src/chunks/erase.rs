//! Erasing a blob: first nothing names its chunks any more, then they go, then the list of them.

use super::{
    Chunks,
    pending::State,
    record::{Record, chunk_key},
};
use crate::{BlobError, KeysError};

impl Chunks {
    pub(super) async fn erase_all(&self, key: &str) -> Result<(), BlobError> {
        let (record, revoked) = self.revoke(key).await?;
        for generation in &revoked {
            match &record {
                Some(record) if record.generation == *generation => {
                    self.erase(key, generation, record.chunks()).await?;
                }
                _ => self.erase_generation(key, generation).await?,
            }
        }
        if !revoked.is_empty() {
            self.forget(key, &revoked).await?;
        }
        Ok(())
    }

    /// Makes an end of the record and of every put that is under way, and gives back which generations may have chunks. They
    /// stay listed until those are erased.
    async fn revoke(&self, key: &str) -> Result<(Option<Record>, Vec<String>), BlobError> {
        let _turn = self.turn(key).await?;
        let mut pending = self.pending(key).await?;
        pending.revoke_all();
        let mut record = self.readable(key).await?;
        if let Some(record) = &record {
            pending.set(&record.generation, State::Revoked);
        }
        if !pending.is_empty() {
            self.set_pending(key, &pending).await?;
            // A put of another program may have published before it was revoked.
            if let Some(later) = self.readable(key).await? {
                pending.set(&later.generation, State::Revoked);
                record = Some(later);
            }
        }
        self.keys.delete(key).await?;
        Ok((record, pending.of(State::Revoked)))
    }

    /// Takes `generations`, whose chunks are erased, off the list.
    pub(super) async fn forget(&self, key: &str, generations: &[String]) -> Result<(), KeysError> {
        let _turn = self.turn(key).await?;
        let mut pending = self.pending(key).await?;
        generations.iter().for_each(|generation| pending.remove(generation));
        self.set_pending(key, &pending).await
    }

    /// Erases as many chunks, the last one first: what is left if this is cut off is still without a gap.
    pub(super) async fn erase(&self, key: &str, generation: &str, chunks: u64) -> Result<(), KeysError> {
        for n in (0..chunks).rev() {
            self.keys.delete(&chunk_key(key, generation, n)).await?;
        }
        Ok(())
    }

    /// Erases chunks whose number is not known: they were written in order, so the first gap is the end.
    pub(super) async fn erase_generation(&self, key: &str, generation: &str) -> Result<(), KeysError> {
        let mut chunks = 0;
        while self.keys.exists(&chunk_key(key, generation, chunks)).await? {
            chunks += 1;
        }
        self.erase(key, generation, chunks).await
    }
}
