//! Putting, replacing and deleting.

use super::{Broken, Failure, Outcome, blobs, check_eq, pattern, source};
use crate::{Blobs, CHUNK_BYTES, Keys, Manifest, PutError, manifest::chunk_key, manifest::pending_key};
use bytes::Bytes;
use futures::{StreamExt, future, stream};
use std::sync::Arc;

async fn read(blobs: &Blobs, key: &str) -> Result<Bytes, Failure> {
    let (_, stream) = blobs.get(key).await?.ok_or_else(|| Failure(format!("{key} is not there")))?;
    Ok(stream.collect().await?)
}

/// Whether the store has the first chunk of a blob.
async fn has_chunk(keys: &Arc<dyn Keys>, key: &str, manifest: &Manifest) -> Result<bool, Failure> {
    Ok(keys.exists(&chunk_key(key, &manifest.generation, 0)).await?)
}

pub(super) async fn the_limit_is_kept(keys: Arc<dyn Keys>) -> Outcome {
    let (blobs, bytes) = (blobs(&keys), pattern(300_000));
    check_eq!(blobs.put("a", source(&bytes), 299_999).await, Err(PutError::TooLarge { limit: 299_999 }));
    check_eq!(blobs.head("a").await?, None);
    check_eq!(blobs.put("a", source(&bytes), 300_000).await?.bytes, 300_000);
    Ok(())
}

pub(super) async fn a_source_that_fails_leaves_nothing(keys: Arc<dyn Keys>) -> Outcome {
    let blobs = blobs(&keys);
    let broken = source(&pattern(2 * CHUNK_BYTES as usize)).chain(stream::iter([Err(Broken)]));
    check_eq!(blobs.put("a", broken, u64::MAX).await, Err(PutError::Source(Broken)));
    check_eq!(blobs.head("a").await?, None);
    check_eq!(keys.exists(&pending_key("a")).await?, false);
    Ok(())
}

pub(super) async fn an_interrupted_put_is_not_seen(keys: Arc<dyn Keys>) -> Outcome {
    let blobs = blobs(&keys);
    let endless = source(&pattern(2 * CHUNK_BYTES as usize)).chain(stream::pending());
    let put = blobs.put("a", endless, u64::MAX);
    // The put is dropped once the store has its first chunk.
    let first_chunk = async {
        loop {
            if let Some(generation) = keys.get(&pending_key("a")).await? {
                let generation = String::from_utf8_lossy(&generation).into_owned();
                if keys.exists(&chunk_key("a", &generation, 0)).await? {
                    return Ok::<_, Failure>(generation);
                }
            }
            yield_now().await;
        }
    };
    let generation = match future::select(Box::pin(put), Box::pin(first_chunk)).await {
        future::Either::Left(_) => return Err(Failure("the put ended".to_owned())),
        future::Either::Right((generation, _)) => generation?,
    };
    check_eq!(blobs.head("a").await?, None);
    blobs.delete("a").await?;
    check_eq!(keys.exists(&chunk_key("a", &generation, 0)).await?, false);
    check_eq!(keys.exists(&pending_key("a")).await?, false);
    Ok(())
}

pub(super) async fn another_put_replaces(keys: Arc<dyn Keys>) -> Outcome {
    let (blobs, first, second) = (blobs(&keys), pattern(300_000), pattern(400));
    let before = blobs.put("a", source(&first), u64::MAX).await?;
    let after = blobs.put("a", source(&second), u64::MAX).await?;
    check_eq!(read(&blobs, "a").await?, second);
    check_eq!(has_chunk(&keys, "a", &before).await?, false);
    check_eq!(has_chunk(&keys, "a", &after).await?, true);
    Ok(())
}

pub(super) async fn a_failed_put_replaces_nothing(keys: Arc<dyn Keys>) -> Outcome {
    let (blobs, first) = (blobs(&keys), pattern(300_000));
    blobs.put("a", source(&first), u64::MAX).await?;
    let broken = source(&pattern(400)).chain(stream::iter([Err(Broken)]));
    check_eq!(blobs.put("a", broken, u64::MAX).await, Err(PutError::Source(Broken)));
    check_eq!(read(&blobs, "a").await? == first, true);
    Ok(())
}

pub(super) async fn deleting_leaves_nothing(keys: Arc<dyn Keys>) -> Outcome {
    let (blobs, bytes) = (blobs(&keys), pattern(300_000));
    let manifest = blobs.put("a", source(&bytes), u64::MAX).await?;
    blobs.put("a/b", source(&bytes), u64::MAX).await?;
    blobs.delete("a").await?;
    check_eq!(blobs.head("a").await?, None);
    check_eq!(has_chunk(&keys, "a", &manifest).await?, false);
    check_eq!(read(&blobs, "a/b").await?, bytes);
    Ok(())
}

/// Lets the other futures of a `select` run.
async fn yield_now() {
    let mut yielded = false;
    future::poll_fn(|cx| {
        if std::mem::replace(&mut yielded, true) {
            return std::task::Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        std::task::Poll::Pending
    })
    .await;
}
