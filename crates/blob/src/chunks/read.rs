//! Reading a blob, chunk by chunk.

use super::{
    CHUNK_BYTES, record,
    record::{Record, chunk_key},
};
use crate::{BlobError, BlobStream, Keys, KeysError};
use bytes::Bytes;
use futures::{FutureExt, future::BoxFuture, stream};
use std::{ops::Range, sync::Arc};

/// A blob that is being read.
struct Reading {
    keys: Arc<dyn Keys>,
    key: String,
    record: Record,
    /// What is still to come.
    wanted: Range<u64>,
    /// The chunk in which `wanted` starts, if it was read already.
    first: Option<Bytes>,
}

/// The chunk in which `wanted` starts, if it starts in one, or why there is none.
pub(super) async fn first(
    keys: &dyn Keys,
    key: &str,
    record: &Record,
    wanted: &Range<u64>,
) -> Result<Result<Option<Bytes>, String>, KeysError> {
    match wanted.is_empty() {
        true => Ok(Ok(None)),
        false => Ok(chunk(keys, key, record, wanted.start / CHUNK_BYTES).await?.map(Some)),
    }
}

/// The bytes `wanted` of a blob that has as many, which start in the chunk `first`. One chunk is in memory at a time.
pub(super) fn read(
    keys: Arc<dyn Keys>,
    key: String,
    record: Record,
    wanted: Range<u64>,
    first: Option<Bytes>,
) -> BlobStream {
    let reading = Reading { keys, key, record, wanted, first };
    BlobStream::new(stream::try_unfold(reading, |mut reading| -> BoxFuture<'static, _> {
        async move { Ok(reading.next().await?.map(|part| (part, reading))) }.boxed()
    }))
}

impl Reading {
    async fn next(&mut self) -> Result<Option<Bytes>, BlobError> {
        if self.wanted.is_empty() {
            return Ok(None);
        }
        let n = self.wanted.start / CHUNK_BYTES;
        let begin = n * CHUNK_BYTES;
        let chunk = match self.first.take() {
            Some(first) => first,
            None => self.chunk(n).await?,
        };
        let end = self.wanted.end.min(begin + chunk.len() as u64);
        // Both ends lie in the chunk, which is far smaller than memory.
        let part = chunk.slice((self.wanted.start - begin) as usize..(end - begin) as usize);
        self.wanted.start = end;
        Ok(Some(part))
    }

    /// Chunk `n`, also if the same bytes were put again meanwhile.
    async fn chunk(&mut self, n: u64) -> Result<Bytes, BlobError> {
        let damaged = |reason| BlobError::Damaged { key: self.key.clone(), reason };
        let reason = match chunk(&*self.keys, &self.key, &self.record, n).await? {
            Ok(chunk) => return Ok(chunk),
            Err(reason) => reason,
        };
        match record(&*self.keys, &self.key).await? {
            Some(now) if now == self.record => Err(damaged(reason)),
            Some(now) if now.manifest() == self.record.manifest() => {
                let chunk = chunk(&*self.keys, &self.key, &now, n).await?.map_err(damaged)?;
                self.record = now;
                Ok(chunk)
            }
            Some(_) => Err(damaged("it was replaced while it was read".to_owned())),
            None => Err(damaged("it was erased while it was read".to_owned())),
        }
    }
}

/// A chunk, or why it is none.
async fn chunk(keys: &dyn Keys, key: &str, record: &Record, n: u64) -> Result<Result<Bytes, String>, KeysError> {
    let Some(chunk) = keys.get(&chunk_key(key, &record.generation, n)).await? else {
        return Ok(Err(format!("chunk {n} is missing")));
    };
    let (expected, got) = (record.chunk_bytes(n), chunk.len());
    Ok(if got as u64 == expected { Ok(chunk) } else { Err(format!("chunk {n} has {got} bytes instead of {expected}")) })
}
