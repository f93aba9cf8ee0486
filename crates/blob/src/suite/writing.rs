//! Putting, replacing and deleting.

use super::{Broken, Failure, Outcome, Place, check_eq, pattern, read, source};
use crate::{CHUNK_BYTES, PutError};
use futures::{StreamExt, future, stream};
use std::sync::atomic::{AtomicBool, Ordering};

/// More than a store may keep in one piece in memory.
const LARGE: usize = (17 << 20) + 12_345;

pub(super) async fn the_limit_is_kept(place: Place) -> Outcome {
    let (blobs, key, bytes) = (&place.blobs, place.key("a"), pattern(300_000));
    check_eq!(blobs.put(&key, source(&bytes), 299_999).await, Err(PutError::TooLarge { limit: 299_999 }));
    check_eq!(blobs.head(&key).await?, None);
    check_eq!(blobs.put(&key, source(&bytes), 300_000).await?.bytes, 300_000);
    Ok(())
}

pub(super) async fn a_source_that_fails_leaves_nothing(place: Place) -> Outcome {
    let (blobs, key) = (&place.blobs, place.key("a"));
    let broken = source(&pattern(2 * CHUNK_BYTES as usize)).chain(stream::iter([Err(Broken)]));
    check_eq!(blobs.put(&key, broken, u64::MAX).await, Err(PutError::Source(Broken)));
    check_eq!(blobs.head(&key).await?, None);
    Ok(())
}

pub(super) async fn an_interrupted_put_is_not_seen(place: Place) -> Outcome {
    let (blobs, key) = (&place.blobs, place.key("a"));
    let taken = AtomicBool::new(false);
    let end = stream::poll_fn(|_| {
        taken.store(true, Ordering::Relaxed);
        std::task::Poll::Pending
    });
    let endless = source(&pattern(2 * CHUNK_BYTES as usize)).chain(end);
    // The put is dropped once all that there is was taken.
    let all_taken = future::poll_fn(|cx| {
        if taken.load(Ordering::Relaxed) {
            return std::task::Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        std::task::Poll::Pending
    });
    match future::select(Box::pin(blobs.put(&key, endless, u64::MAX)), all_taken).await {
        future::Either::Left(_) => return Err(Failure("the put ended".to_owned())),
        future::Either::Right(((), put)) => drop(put),
    }
    check_eq!(blobs.head(&key).await?, None);
    blobs.delete(&key).await?;
    let bytes = pattern(10);
    blobs.put(&key, source(&bytes), u64::MAX).await?;
    check_eq!(read(blobs, &key).await?, bytes);
    Ok(())
}

pub(super) async fn another_put_replaces(place: Place) -> Outcome {
    let (blobs, key) = (&place.blobs, place.key("a"));
    for size in [300_000, 400, 0] {
        let bytes = pattern(size);
        let put = blobs.put(&key, source(&bytes), u64::MAX).await?;
        check_eq!(blobs.head(&key).await?, Some(put));
        check_eq!(read(blobs, &key).await? == bytes, true);
    }
    Ok(())
}

pub(super) async fn a_failed_put_replaces_nothing(place: Place) -> Outcome {
    let (blobs, key, first) = (&place.blobs, place.key("a"), pattern(300_000));
    blobs.put(&key, source(&first), u64::MAX).await?;
    let broken = source(&pattern(400)).chain(stream::iter([Err(Broken)]));
    check_eq!(blobs.put(&key, broken, u64::MAX).await, Err(PutError::Source(Broken)));
    check_eq!(read(blobs, &key).await? == first, true);
    Ok(())
}

pub(super) async fn a_deleted_blob_is_gone(place: Place) -> Outcome {
    let (blobs, bytes) = (&place.blobs, pattern(300_000));
    let (key, other) = (place.key("a"), place.key("ab"));
    blobs.put(&key, source(&bytes), u64::MAX).await?;
    blobs.put(&other, source(&bytes), u64::MAX).await?;
    blobs.delete(&key).await?;
    blobs.delete(&key).await?;
    check_eq!(blobs.head(&key).await?, None);
    check_eq!(blobs.get(&key).await?.is_none(), true);
    check_eq!(read(blobs, &other).await? == bytes, true);
    Ok(())
}

pub(super) async fn a_large_blob_comes_back(place: Place) -> Outcome {
    let (blobs, key, bytes) = (&place.blobs, place.key("large"), pattern(LARGE));
    let put = blobs.put(&key, source(&bytes), LARGE as u64).await?;
    check_eq!(blobs.head(&key).await?, Some(put.clone()));
    let (manifest, mut stream) = blobs.get(&key).await?.ok_or_else(|| Failure("it is not there".to_owned()))?;
    check_eq!(manifest, put);
    let mut at = 0;
    while let Some(part) = stream.next().await {
        let part = part?;
        check_eq!(bytes.get(at..at + part.len()) == Some(&part[..]), true);
        at += part.len();
    }
    check_eq!(at, LARGE);
    let (_, part) = blobs.range(&key, 10 << 20, 99).await?.ok_or_else(|| Failure("no range of it".to_owned()))?;
    check_eq!(part.collect().await? == bytes.slice(10 << 20..(10 << 20) + 99), true);
    blobs.delete(&key).await?;
    check_eq!(blobs.head(&key).await?, None);
    Ok(())
}

pub(super) async fn a_large_put_that_fails_replaces_nothing(place: Place) -> Outcome {
    let (blobs, key, first) = (&place.blobs, place.key("a"), pattern(400));
    let put = blobs.put(&key, source(&first), u64::MAX).await?;
    let broken = source(&pattern(LARGE)).chain(stream::iter([Err(Broken)]));
    check_eq!(blobs.put(&key, broken, u64::MAX).await, Err(PutError::Source(Broken)));
    check_eq!(
        blobs.put(&key, source(&pattern(LARGE)), LARGE as u64 - 1).await,
        Err(PutError::TooLarge { limit: LARGE as u64 - 1 })
    );
    check_eq!(blobs.head(&key).await?, Some(put));
    check_eq!(read(blobs, &key).await?, first);
    Ok(())
}
