//! The behaviour suite of the blob port on the adapter in memory, and that nothing is left behind in it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use bytes::Bytes;
use futures::stream;
use std::{convert::Infallible, sync::Arc};
use vitrine_blob::{Blobs, MemoryKeys, suite::Corner};
use vitrine_random::SystemRandom;

vitrine_blob::blob_suite!(Arc::new(MemoryKeys::default()));

/// The corners of one store do not see each other.
#[tokio::test]
async fn corners_are_stores_of_their_own() {
    let keys = Arc::new(MemoryKeys::default());
    for case in vitrine_blob::suite::CASES {
        let corner = Corner::new(keys.clone(), &format!("{}:", case.name));
        (case.run)(Arc::new(corner)).await.unwrap();
    }
}

#[tokio::test]
async fn a_store_is_empty_after_everything_in_it_was_deleted() {
    let keys = MemoryKeys::default();
    let blobs = Blobs::new(Arc::new(keys.clone()), Arc::new(SystemRandom));
    for size in [0, 10, 700_000] {
        for limit in [5, u64::MAX] {
            let source = stream::iter([Ok::<_, Infallible>(Bytes::from(vec![1; size]))]);
            drop(blobs.put("a", source, limit).await);
        }
    }
    assert!(!keys.keys().is_empty());
    blobs.delete("a").await.unwrap();
    assert_eq!(keys.keys(), Vec::<String>::new());
}
