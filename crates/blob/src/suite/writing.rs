//! Putting, replacing and deleting.

use super::{Broken, Failure, Outcome, Place, check_eq, interrupted, pattern, read, source};
use crate::{BlobError, CHUNK_BYTES, MAX_KEY, Manifest, PutError};
use futures::{StreamExt, stream};
use std::time::Duration;

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
    let (blobs, key, bytes) = (&place.blobs, place.key("a"), pattern(10));
    interrupted(blobs, &key).await?;
    check_eq!(blobs.head(&key).await?, None);
    blobs.delete(&key).await?;
    blobs.put(&key, source(&bytes), u64::MAX).await?;
    check_eq!(read(blobs, &key).await?, bytes);
    // Nor is it when another one was there before, and one comes after it.
    interrupted(blobs, &key).await?;
    check_eq!(read(blobs, &key).await?, bytes);
    let bytes = pattern(300_000);
    blobs.put(&key, source(&bytes), u64::MAX).await?;
    check_eq!(read(blobs, &key).await? == bytes, true);
    blobs.delete(&key).await?;
    check_eq!(blobs.head(&key).await?, None);
    Ok(())
}

pub(super) async fn a_put_beside_an_erasure_is_whole_or_gone(place: Place) -> Outcome {
    let (blobs, key) = (&place.blobs, place.key("a"));
    let bytes = pattern(3 * CHUNK_BYTES as usize);
    for before in [false, true] {
        if before {
            blobs.put(&key, source(&pattern(400)), u64::MAX).await?;
        }
        // It is erased when two chunks of it have come.
        let erasure = stream::once(async {
            let erased = blobs.delete(&key).await;
            erased.map(|()| bytes.slice(2 * CHUNK_BYTES as usize..)).map_err(|_| Broken)
        });
        let begin = source(&bytes.slice(..2 * CHUNK_BYTES as usize));
        match blobs.put(&key, begin.chain(erasure), u64::MAX).await {
            Ok(manifest) => {
                check_eq!(blobs.head(&key).await?, Some(manifest));
                check_eq!(read(blobs, &key).await? == bytes, true);
            }
            Err(PutError::Store(BlobError::Overtaken { .. })) => check_eq!(blobs.head(&key).await?, None),
            Err(other) => return Err(other.into()),
        }
    }
    Ok(())
}

pub(super) async fn what_is_no_key_is_refused(place: Place) -> Outcome {
    let (blobs, minute) = (&place.blobs, Duration::from_secs(60));
    let long = "k".repeat(MAX_KEY + 1);
    for key in ["", "/", "a/", "/a", "a//b", ".", "..", "a/../b", "a/.", "a\0b", "a\nb", "a\u{7f}", &long] {
        let invalid = |result: Result<(), BlobError>| matches!(result, Err(BlobError::InvalidKey(_)));
        let put = blobs.put(key, source(&pattern(3)), 3).await;
        check_eq!((key, matches!(put, Err(PutError::Store(BlobError::InvalidKey(_))))), (key, true));
        check_eq!((key, invalid(blobs.head(key).await.map(drop))), (key, true));
        check_eq!((key, invalid(blobs.get(key).await.map(drop))), (key, true));
        check_eq!((key, invalid(blobs.range(key, 0, 1).await.map(drop))), (key, true));
        check_eq!((key, invalid(blobs.delete(key).await)), (key, true));
        check_eq!((key, invalid(blobs.presign_get(key, minute).map(drop))), (key, true));
        let manifest = Manifest { bytes: 0, sha256: "0".repeat(64) };
        check_eq!((key, invalid(blobs.presign_put(key, &manifest, minute).map(drop))), (key, true));
    }
    for key in [place.key("..a"), place.key("a.b/\u{e4} %2e")] {
        blobs.put(&key, source(&pattern(3)), 3).await?;
        check_eq!(read(blobs, &key).await?, pattern(3));
    }
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
