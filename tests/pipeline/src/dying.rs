//! A store at which the worker dies.
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::body::Bytes;
use futures::future::{BoxFuture, FutureExt};
use vitrine_blob::{Keys, KeysError, MemoryKeys};

/// Takes down whoever changes it, as a host does that is killed meanwhile, until it has done so a number of times.
#[derive(Debug, Clone)]
pub struct Dying {
    keys: MemoryKeys,
    /// Changes that are made first.
    spared: Arc<AtomicU32>,
    left: Arc<AtomicU32>,
}

impl Dying {
    /// Kills so many times.
    #[must_use]
    pub fn times(times: u32) -> Self {
        Self { keys: MemoryKeys::default(), spared: Arc::default(), left: Arc::new(AtomicU32::new(times)) }
    }

    /// Kills once, at the change that comes after so many.
    #[must_use]
    pub fn after(changes: u32) -> Self {
        Self { spared: Arc::new(AtomicU32::new(changes)), ..Self::times(1) }
    }

    /// All that is stored.
    #[must_use]
    pub fn keys(&self) -> Vec<String> {
        self.keys.keys()
    }

    fn change(&self) {
        let one_less = |count: &AtomicU32| {
            count.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |count| count.checked_sub(1)).is_ok()
        };
        if !one_less(&self.spared) && one_less(&self.left) {
            std::panic::resume_unwind(Box::new("the host was killed"));
        }
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
            self.change();
            self.keys.set(key, value).await
        }
        .boxed()
    }

    fn delete<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<(), KeysError>> {
        async move {
            self.change();
            self.keys.delete(key).await
        }
        .boxed()
    }

    fn exists<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<bool, KeysError>> {
        self.keys.exists(key)
    }
}
