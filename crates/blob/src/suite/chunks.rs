//! What is left in the key-value store below.

use super::{Broken, Failure, Outcome, check_eq, interrupted, pattern, read, source, watched::Watched};
use crate::{
    BlobError, Blobs, CHUNK_BYTES, Keys, PutError,
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
    let (watched, bytes) = (Watched::new(&keys), pattern(300_000));
    let blobs = Blobs::new(watched.clone(), Arc::new(SystemRandom));
    interrupted(&blobs, "a").await?;
    // The list and two chunks.
    check_eq!(watched.left().await?.len(), 3);
    check_eq!(blobs.head("a").await?, None);
    blobs.delete("a").await?;
    check_eq!(watched.left().await?, Vec::<String>::new());
    // Also if others were interrupted, and others came whole, before it is erased.
    interrupted(&blobs, "a").await?;
    interrupted(&blobs, "a").await?;
    for _ in 0..2 {
        blobs.put("a", source(&bytes), u64::MAX).await?;
        // Record, list and two chunks, beside two chunks of each that was interrupted.
        check_eq!(watched.left().await?.len(), 8);
    }
    check_eq!(read(&blobs, "a").await?, bytes);
    blobs.delete("a").await?;
    check_eq!(watched.left().await?, Vec::<String>::new());
    Ok(())
}

pub(super) async fn puts_at_once_leave_one_blob(keys: Arc<dyn Keys>) -> Outcome {
    let watched = Watched::new(&keys);
    let program = || Blobs::new(watched.clone(), Arc::new(SystemRandom));
    let (one, other) = (program(), program());
    let (first, second, third) = (pattern(400), pattern(300_000), pattern(600_000));
    // Within a program, and in two.
    for beside in [&one, &other] {
        one.put("a", source(&first), u64::MAX).await?;
        let puts = (one.put("a", source(&second), u64::MAX), beside.put("a", source(&third), u64::MAX));
        let (put, beside_put) = future::join(puts.0, puts.1).await;
        put?;
        beside_put?;
        let now = read(&one, "a").await?;
        check_eq!(now == second || now == third, true);
        one.put("a", source(&first), u64::MAX).await?;
        check_eq!(read(beside, "a").await?, first);
        one.delete("a").await?;
        check_eq!(watched.left().await?, Vec::<String>::new());
    }
    Ok(())
}

pub(super) async fn an_erasure_ends_a_put_that_is_under_way(keys: Arc<dyn Keys>) -> Outcome {
    let watched = Watched::new(&keys);
    let program = || Blobs::new(watched.clone(), Arc::new(SystemRandom));
    let (one, other) = (program(), program());
    let bytes = pattern(2 * CHUNK_BYTES as usize);
    for before in [false, true] {
        for erasing in [&one, &other] {
            if before {
                one.put("a", source(&pattern(400)), u64::MAX).await?;
            }
            let erasure = stream::once(async {
                match erasing.delete("a").await {
                    Ok(()) => Ok(pattern(CHUNK_BYTES as usize)),
                    Err(_) => Err(Broken),
                }
            });
            let put = one.put("a", source(&bytes).chain(erasure), u64::MAX).await;
            check_eq!(put, Err(PutError::Store(BlobError::Overtaken { key: "a".to_owned() })));
            check_eq!(one.head("a").await?, None);
            check_eq!(watched.left().await?, Vec::<String>::new());
        }
    }
    // What is erased before its first chunk is written was put after that.
    let erasure = stream::once(async { one.delete("a").await.map(|()| bytes.clone()).map_err(|_| Broken) });
    one.put("a", erasure, u64::MAX).await?;
    check_eq!(read(&one, "a").await?, bytes);
    one.delete("a").await?;
    check_eq!(watched.left().await?, Vec::<String>::new());
    Ok(())
}

pub(super) async fn a_read_that_meets_another_put_is_whole(keys: Arc<dyn Keys>) -> Outcome {
    let (watched, blobs) = (Watched::new(&keys), blobs(&keys));
    let reader = Blobs::new(watched.clone(), Arc::new(SystemRandom));
    let (first, second) = (pattern(2 * CHUNK_BYTES as usize), pattern(300_000));
    let replace = |bytes: &Bytes| {
        let (blobs, bytes) = (blobs.clone(), bytes.clone());
        async move { drop(blobs.put("a", source(&bytes), u64::MAX).await) }
    };
    // Between the record and the first chunk: the new one is read.
    blobs.put("a", source(&first), u64::MAX).await?;
    watched.before(&chunk_of(&keys, "a", 0).await?, replace(&second));
    check_eq!(read(&reader, "a").await? == second, true);
    blobs.put("a", source(&first), u64::MAX).await?;
    watched.before(&chunk_of(&keys, "a", 1).await?, replace(&second));
    let (manifest, part) = reader.range("a", CHUNK_BYTES, 9).await?.ok_or_else(|| Failure("it is gone".to_owned()))?;
    check_eq!((manifest.bytes, part.collect().await?), (300_000, second.slice(CHUNK_BYTES as usize..).slice(..9)));
    // Later: the same bytes are read on, others are told.
    for (bytes, whole) in [(&first, true), (&second, false)] {
        blobs.put("a", source(&first), u64::MAX).await?;
        watched.before(&chunk_of(&keys, "a", 1).await?, replace(bytes));
        match read(&reader, "a").await {
            Ok(read) => check_eq!(whole && read == first, true),
            Err(Failure(text)) => check_eq!(!whole && text.contains("replaced while it was read"), true),
        }
    }
    // An erasure between the record and the first chunk: it is not there.
    let erase = blobs.clone();
    watched.before(&chunk_of(&keys, "a", 0).await?, async move { drop(erase.delete("a").await) });
    check_eq!(reader.get("a").await?.is_none(), true);
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
