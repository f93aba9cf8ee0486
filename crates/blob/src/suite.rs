//! The behaviour of the port, as cases.
//!
//! [`CASES`] is what every store of blobs must do, each in a [`Place`] of its own; [`KEYS_CASES`] is what every key-value
//! store must do for [`crate::Chunks`], each on an empty store. Natively [`crate::blob_suite!`] and
//! [`crate::keys_suite!`] make a test of each case; a component runs the cases by itself and reports what failed.

mod chunks;
mod corner;
mod keys;
mod reading;
mod watched;
mod writing;

pub use corner::Corner;

use crate::{Blobs, CHUNK_BYTES, Keys};
use bytes::Bytes;
use futures::{Stream, StreamExt, future, stream};
use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::Poll,
};
use vitrine_suite::{Failure, Outcome, check_eq};

/// Where a case keeps its blobs: a part of a store that nobody else uses.
#[derive(Debug, Clone)]
pub struct Place {
    /// The store.
    pub blobs: Blobs,
    prefix: String,
}

impl Place {
    /// The keys of `blobs` that begin with `prefix`, of which there are none yet. It must be fit to be the begin of a
    /// key, such as `run-17/`.
    #[must_use]
    pub fn new(blobs: Blobs, prefix: &str) -> Self {
        Self { blobs, prefix: prefix.to_owned() }
    }

    fn key(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }
}

vitrine_suite::cases! { CASES, run, blob_suite, vitrine_blob, Place;
    reading: blobs_of_every_size_come_back, a_range_is_a_part, what_is_not_there_is_none;
    writing: the_limit_is_kept, a_source_that_fails_leaves_nothing, an_interrupted_put_is_not_seen,
        a_put_beside_an_erasure_is_whole_or_gone, what_is_no_key_is_refused, another_put_replaces, a_failed_put_replaces_nothing, a_deleted_blob_is_gone, a_large_blob_comes_back,
        a_large_put_that_fails_replaces_nothing;
}

vitrine_suite::cases! { KEYS_CASES, run_on_keys, keys_suite, vitrine_blob, Arc<dyn Keys>;
    keys: a_value_is_what_was_set_last, keys_are_texts_of_any_kind, a_deleted_key_is_gone;
    chunks: a_part_that_is_missing_is_an_error, an_interrupted_put_is_erased_with_its_key,
        puts_at_once_leave_one_blob, an_erasure_ends_a_put_that_is_under_way, a_read_that_meets_another_put_is_whole,
        another_put_erases_the_one_before, deleting_leaves_nothing;
}

async fn read(blobs: &Blobs, key: &str) -> Result<Bytes, Failure> {
    let (_, stream) = blobs.get(key).await?.ok_or_else(|| Failure(format!("{key} is not there")))?;
    Ok(stream.collect().await?)
}

/// `size` bytes that differ from chunk to chunk.
fn pattern(size: usize) -> Bytes {
    (0..size).map(|n| (n % 251) as u8).collect()
}

/// A put under `key` that is dropped once two chunks of it were taken.
async fn interrupted(blobs: &Blobs, key: &str) -> Outcome {
    let taken = AtomicBool::new(false);
    let end = stream::poll_fn(|_| {
        taken.store(true, Ordering::Relaxed);
        Poll::Pending
    });
    let endless = source(&pattern(2 * CHUNK_BYTES as usize)).chain(end);
    let all_taken = future::poll_fn(|cx| {
        if taken.load(Ordering::Relaxed) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    });
    match future::select(Box::pin(blobs.put(key, endless, u64::MAX)), all_taken).await {
        future::Either::Left(_) => Err(Failure("the put ended".to_owned())),
        future::Either::Right(((), put)) => {
            drop(put);
            Ok(())
        }
    }
}

/// The source of a put broke.
#[derive(Debug, PartialEq, Eq)]
struct Broken;

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the source broke")
    }
}

impl std::error::Error for Broken {}

/// `bytes` in pieces of uneven sizes, none of them the size of a chunk.
fn source(bytes: &Bytes) -> impl Stream<Item = Result<Bytes, Broken>> + Send + use<> {
    let bytes = bytes.clone();
    let starts = (0..bytes.len()).step_by(70_001);
    stream::iter(starts.map(move |start| Ok(bytes.slice(start..bytes.len().min(start + 70_001)))))
}
