//! Reading a blob, chunk by chunk.

use crate::{BlobError, Keys, Manifest, manifest::chunk_key};
use bytes::{Bytes, BytesMut};
use futures::{
    FutureExt, Stream, StreamExt,
    future::BoxFuture,
    stream::{self, BoxStream},
};
use std::{
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

/// The bytes of a blob. It ends with the last one, or with the first error.
pub struct BlobStream(BoxStream<'static, Result<Bytes, BlobError>>);

impl BlobStream {
    pub(crate) fn new(keys: Arc<dyn Keys>, key: String, manifest: Manifest) -> Self {
        let state = (0, keys, key, manifest);
        let chunks = stream::try_unfold(state, |(n, keys, key, manifest)| -> BoxFuture<'static, _> {
            async move {
                if n >= manifest.chunks() {
                    return Ok(None);
                }
                let chunk = chunk(&*keys, &key, &manifest, n).await?;
                Ok(Some((chunk, (n + 1, keys, key, manifest))))
            }
            .boxed()
        });
        Self(chunks.boxed())
    }

    /// All bytes at once, for blobs that are known to be small.
    ///
    /// # Errors
    /// See [`BlobError`].
    pub async fn collect(mut self) -> Result<Bytes, BlobError> {
        let mut all = BytesMut::new();
        while let Some(chunk) = self.next().await {
            all.extend_from_slice(&chunk?);
        }
        Ok(all.freeze())
    }
}

async fn chunk(keys: &dyn Keys, key: &str, manifest: &Manifest, n: u64) -> Result<Bytes, BlobError> {
    let damaged = |reason| BlobError::Damaged { key: key.to_owned(), reason };
    let chunk = keys.get(&chunk_key(key, &manifest.generation, n)).await?;
    let chunk = chunk.ok_or_else(|| damaged(format!("chunk {n} is missing")))?;
    let expected = manifest.chunk_bytes(n);
    if chunk.len() as u64 != expected {
        return Err(damaged(format!("chunk {n} has {} bytes instead of {expected}", chunk.len())));
    }
    Ok(chunk)
}

impl Stream for BlobStream {
    type Item = Result<Bytes, BlobError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_next_unpin(cx)
    }
}

impl fmt::Debug for BlobStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BlobStream")
    }
}
