//! Reading what was put.

use super::{Failure, Outcome, Place, check_eq, pattern, source};
use crate::CHUNK_BYTES;
use bytes::Bytes;
use futures::StreamExt;

pub(super) async fn blobs_of_every_size_come_back(place: Place) -> Outcome {
    let (blobs, chunk) = (&place.blobs, CHUNK_BYTES as usize);
    for size in [0, 1, chunk - 1, chunk, chunk + 1, 3 * chunk + 12_345] {
        let (key, bytes) = (place.key(&format!("of/{size}")), pattern(size));
        let put = blobs.put(&key, source(&bytes), u64::MAX).await?;
        check_eq!(put.bytes, size as u64);
        check_eq!(blobs.head(&key).await?, Some(put.clone()));
        let (manifest, mut stream) = blobs.get(&key).await?.ok_or_else(|| Failure(format!("{key} is not there")))?;
        check_eq!(manifest, put);
        let mut read = Vec::new();
        while let Some(part) = stream.next().await {
            read.extend_from_slice(&part?);
        }
        check_eq!(read == bytes, true);
    }
    let abc = blobs.put(&place.key("abc"), source(&Bytes::from_static(b"abc")), 3).await?;
    check_eq!(abc.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    Ok(())
}

pub(super) async fn a_range_is_a_part(place: Place) -> Outcome {
    let (blobs, chunk) = (&place.blobs, CHUNK_BYTES);
    let bytes = pattern(2 * chunk as usize + 1000);
    let size = bytes.len() as u64;
    let (key, empty) = (place.key("whole"), place.key("empty"));
    let put = blobs.put(&key, source(&bytes), u64::MAX).await?;
    blobs.put(&empty, source(&Bytes::new()), 0).await?;
    let parts = [(0, 1), (0, size), (chunk - 1, 2), (chunk, chunk), (size - 1, 1), (size - 1, 5), (5, u64::MAX)];
    for (start, length) in parts.into_iter().chain([(size, 1), (size + 7, 1), (3, 0), (0, 0), (u64::MAX, u64::MAX)]) {
        let (manifest, stream) =
            blobs.range(&key, start, length).await?.ok_or_else(|| Failure(format!("{key} is not there")))?;
        check_eq!(manifest, put);
        let (from, to) = (start.min(size), start.saturating_add(length).min(size));
        check_eq!(stream.collect().await? == bytes.slice(from as usize..to as usize), true);
    }
    let (_, stream) = blobs.range(&empty, 0, 10).await?.ok_or_else(|| Failure("the empty one is not there".into()))?;
    check_eq!(stream.collect().await?, Bytes::new());
    check_eq!(blobs.range(&place.key("absent"), 0, 10).await?.is_none(), true);
    Ok(())
}

pub(super) async fn what_is_not_there_is_none(place: Place) -> Outcome {
    let (blobs, key) = (&place.blobs, place.key("a"));
    check_eq!(blobs.head(&key).await?, None);
    check_eq!(blobs.get(&key).await?.is_none(), true);
    blobs.delete(&key).await?;
    Ok(())
}
