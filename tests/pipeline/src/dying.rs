//! A store at which the worker dies.
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::body::Bytes;
use futures::future::{BoxFuture, FutureExt};
use vitrine_blob::{Keys, KeysError, MemoryKeys};

/// Takes down whoever writes to it, as a host does that is killed meanwhile, until it has done so a number of times.
#[derive(Debug, Clone)]
pub struct Dying {
    keys: MemoryKeys,
    left: Arc<AtomicU32>,
}

impl Dying {
    /// Kills so many times.
    #[must_use]
    pub fn times(times: u32) -> Self {
        Self { keys: MemoryKeys::default(), left: Arc::new(AtomicU32::new(times)) }
    }

    /// How often it will still kill.
    #[must_use]
    pub fn left(&self) -> u32 {
        self.left.load(Ordering::SeqCst)
    }
}

impl Keys for Dying {
    fn get<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Bytes>, KeysError>> {
        self.keys.get(key)
    }

    fn set<'a>(&'a self, key: &'a str, value: Bytes) -> BoxFuture<'a, Result<(), KeysError>> {
        async move {
            let killed = self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
            if killed.is_ok() {
                std::panic::resume_unwind(Box::new("the host was killed"));
            }
            self.keys.set(key, value).await
        }
        .boxed()
    }

    fn delete<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<(), KeysError>> {
        self.keys.delete(key)
    }

    fn exists<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<bool, KeysError>> {
        self.keys.exists(key)
    }
}
