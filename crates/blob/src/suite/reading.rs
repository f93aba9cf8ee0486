//! Reading what was put.

use super::{Failure, Outcome, blobs, check_eq, pattern, source};
use crate::{BlobError, CHUNK_BYTES, Keys, manifest::chunk_key};
use bytes::Bytes;
use futures::StreamExt;
use std::sync::Arc;

pub(super) async fn blobs_of_every_size_come_back(keys: Arc<dyn Keys>) -> Outcome {
    let (blobs, chunk) = (blobs(&keys), CHUNK_BYTES as usize);
    for size in [0, 1, chunk - 1, chunk, chunk + 1, 3 * chunk + 12_345] {
        let (key, bytes) = (format!("of/{size}"), pattern(size));
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
    let abc = blobs.put("abc", source(&Bytes::from_static(b"abc")), 3).await?;
    check_eq!(abc.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    Ok(())
}

pub(super) async fn a_part_that_is_missing_is_an_error(keys: Arc<dyn Keys>) -> Outcome {
    let (blobs, bytes) = (blobs(&keys), pattern(3 * CHUNK_BYTES as usize));
    let manifest = blobs.put("a", source(&bytes), u64::MAX).await?;
    let second = chunk_key("a", &manifest.generation, 1);
    for damage in [Some(Bytes::from_static(b"short")), None] {
        match damage {
            Some(value) => keys.set(&second, value).await?,
            None => keys.delete(&second).await?,
        }
        let (_, stream) = blobs.get("a").await?.ok_or_else(|| Failure("a is not there".to_owned()))?;
        check_eq!(matches!(stream.collect().await, Err(BlobError::Damaged { .. })), true);
    }
    keys.set("b", Bytes::from_static(b"no manifest")).await?;
    check_eq!(matches!(blobs.head("b").await, Err(BlobError::Damaged { .. })), true);
    Ok(())
}

pub(super) async fn what_is_not_there_is_none(keys: Arc<dyn Keys>) -> Outcome {
    let blobs = blobs(&keys);
    check_eq!(blobs.head("a").await?, None);
    check_eq!(blobs.get("a").await?.is_none(), true);
    blobs.delete("a").await?;
    Ok(())
}
