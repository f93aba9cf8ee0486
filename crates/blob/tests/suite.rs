//! The behaviour suites of the blob port on the adapter in memory, and that nothing is left behind in it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use bytes::Bytes;
use futures::stream;
use std::{convert::Infallible, sync::Arc, time::Duration};
use vitrine_blob::{
    BlobError, Blobs, Manifest, MemoryKeys,
    suite::{Corner, Place},
};
use vitrine_random::SystemRandom;

mod keys {
    use super::*;
    vitrine_blob::keys_suite!(Arc::new(MemoryKeys::default()));
}

vitrine_blob::blob_suite!(Place::new(blobs(&MemoryKeys::default()), "here/"));

fn blobs(keys: &MemoryKeys) -> Blobs {
    Blobs::new(Arc::new(keys.clone()), Arc::new(SystemRandom))
}

/// The corners and places of one store do not see each other.
#[tokio::test]
async fn corners_are_stores_of_their_own() {
    let keys = MemoryKeys::default();
    for case in vitrine_blob::suite::KEYS_CASES {
        let corner = Corner::new(Arc::new(keys.clone()), &format!("{}:", case.name));
        (case.run)(Arc::new(corner)).await.unwrap();
    }
    // The large ones take their time and are seen above.
    for case in vitrine_blob::suite::CASES.iter().filter(|case| !case.name.starts_with("a_large_")) {
        (case.run)(Place::new(blobs(&keys), &format!("{}/", case.name))).await.unwrap();
    }
}

#[tokio::test]
async fn a_store_is_empty_after_everything_in_it_was_deleted() {
    let keys = MemoryKeys::default();
    let blobs = blobs(&keys);
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

#[test]
fn a_key_value_store_has_no_address() {
    let (blobs, valid) = (blobs(&MemoryKeys::default()), Duration::from_secs(60));
    let manifest = Manifest { bytes: 1, sha256: "00".repeat(32) };
    assert!(matches!(blobs.presign_get("a", valid), Err(BlobError::NotSupported(_))));
    let refused = blobs.presign_put("a", &manifest, valid).unwrap_err();
    assert!(refused.to_string().contains("`blob_backend`"), "{refused}");
}
