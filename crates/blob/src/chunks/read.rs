//! Reading a blob, chunk by chunk.

use super::{
    CHUNK_BYTES,
    record::{Record, chunk_key},
};
use crate::{BlobError, BlobStream, Keys};
use bytes::Bytes;
use futures::{FutureExt, future::BoxFuture, stream};
use std::{ops::Range, sync::Arc};

/// The bytes `wanted` of a blob that has as many. One chunk is in memory at a time.
pub(super) fn read(keys: Arc<dyn Keys>, key: String, record: Record, wanted: Range<u64>) -> BlobStream {
    let state = (wanted, keys, key, record);
    BlobStream::new(stream::try_unfold(state, |(wanted, keys, key, record)| -> BoxFuture<'static, _> {
        async move {
            if wanted.is_empty() {
                return Ok(None);
            }
            let n = wanted.start / CHUNK_BYTES;
            let first = n * CHUNK_BYTES;
            let chunk = chunk(&*keys, &key, &record, n).await?;
            let end = wanted.end.min(first + chunk.len() as u64);
            // Both ends lie in the chunk, which is far smaller than memory.
            let part = chunk.slice((wanted.start - first) as usize..(end - first) as usize);
            Ok(Some((part, (end..wanted.end, keys, key, record))))
        }
        .boxed()
    }))
}

async fn chunk(keys: &dyn Keys, key: &str, record: &Record, n: u64) -> Result<Bytes, BlobError> {
    let damaged = |reason| BlobError::Damaged { key: key.to_owned(), reason };
    let chunk = keys.get(&chunk_key(key, &record.generation, n)).await?;
    let chunk = chunk.ok_or_else(|| damaged(format!("chunk {n} is missing")))?;
    let expected = record.chunk_bytes(n);
    if chunk.len() as u64 != expected {
        return Err(damaged(format!("chunk {n} has {} bytes instead of {expected}", chunk.len())));
    }
    Ok(chunk)
}
