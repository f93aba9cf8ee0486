//! What is left in the key-value store below.

use super::{Broken, Failure, Outcome, check_eq, pattern, read, source};
use crate::{
    BlobError, Blobs, CHUNK_BYTES, Keys,
    chunks::record::{Record, chunk_key, pending_key},
};
use bytes::Bytes;
use futures::{StreamExt, future, stream};
use std::sync::Arc;
use vitrine_random::SystemRandom;

fn blobs(keys: &Arc<dyn Keys>) -> Blobs {
    Blobs::new(Arc::clone(keys), Arc::new(SystemRandom))
}

/// The key of a chunk of the blob of `key`.
async fn chunk_of(keys: &Arc<dyn Keys>, key: &str, n: u64) -> Result<String, Failure> {
    let record = keys.get(key).await?.ok_or_else(|| Failure(format!("{key} has no record")))?;
    let record: Record = serde_json::from_slice(&record)?;
    Ok(chunk_key(key, &record.generation, n))
}

pub(super) async fn a_part_that_is_missing_is_an_error(keys: Arc<dyn Keys>) -> Outcome {
    let (blobs, bytes) = (blobs(&keys), pattern(3 * CHUNK_BYTES as usize));
    blobs.put("a", source(&bytes), u64::MAX).await?;
    let second = chunk_of(&keys, "a", 1).await?;
    for damage in [Some(Bytes::from_static(b"short")), None] {
        match damage {
            Some(value) => keys.set(&second, value).await?,
            None => keys.delete(&second).await?,
        }
        check_eq!(matches!(read(&blobs, "a").await, Err(Failure(text)) if text.contains("damaged")), true);
    }
    // A range that does not touch the chunk is whole.
    let (_, part) = blobs.range("a", 2 * CHUNK_BYTES, 9).await?.ok_or_else(|| Failure("no range of it".to_owned()))?;
    check_eq!(part.collect().await?.len(), 9);
    keys.set("b", Bytes::from_static(b"no record")).await?;
    check_eq!(matches!(blobs.head("b").await, Err(BlobError::Damaged { .. })), true);
    Ok(())
}

pub(super) async fn an_interrupted_put_is_erased_with_its_key(keys: Arc<dyn Keys>) -> Outcome {
    let blobs = blobs(&keys);
    let endless = source(&pattern(2 * CHUNK_BYTES as usize)).chain(stream::pending());
    let put = blobs.put("a", endless, u64::MAX);
    // The put is dropped once the store has its first chunk.
    let first_chunk = async {
        loop {
            if let Some(generation) = keys.get(&pending_key("a")).await? {
                let chunk = chunk_key("a", &String::from_utf8_lossy(&generation), 0);
                if keys.exists(&chunk).await? {
                    return Ok::<_, Failure>(chunk);
                }
            }
            yield_now().await;
        }
    };
    let chunk = match future::select(Box::pin(put), Box::pin(first_chunk)).await {
        future::Either::Left(_) => return Err(Failure("the put ended".to_owned())),
        future::Either::Right((chunk, _)) => chunk?,
    };
    check_eq!(blobs.head("a").await?, None);
    blobs.delete("a").await?;
    check_eq!(keys.exists(&chunk).await?, false);
    check_eq!(keys.exists(&pending_key("a")).await?, false);
    Ok(())
}

pub(super) async fn another_put_erases_the_one_before(keys: Arc<dyn Keys>) -> Outcome {
    let (blobs, first, second) = (blobs(&keys), pattern(300_000), pattern(400));
    blobs.put("a", source(&first), u64::MAX).await?;
    let before = chunk_of(&keys, "a", 0).await?;
    let broken = source(&second).chain(stream::iter([Err(Broken)]));
    drop(blobs.put("a", broken, u64::MAX).await);
    check_eq!(keys.exists(&pending_key("a")).await?, false);
    check_eq!(keys.exists(&before).await?, true);
    blobs.put("a", source(&second), u64::MAX).await?;
    check_eq!(read(&blobs, "a").await?, second);
    check_eq!(keys.exists(&before).await?, false);
    Ok(())
}

pub(super) async fn deleting_leaves_nothing(keys: Arc<dyn Keys>) -> Outcome {
    let (blobs, bytes) = (blobs(&keys), pattern(300_000));
    blobs.put("a", source(&bytes), u64::MAX).await?;
    let chunk = chunk_of(&keys, "a", 0).await?;
    blobs.put("a/b", source(&bytes), u64::MAX).await?;
    blobs.delete("a").await?;
    check_eq!(blobs.head("a").await?, None);
    check_eq!(keys.exists(&chunk).await?, false);
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
