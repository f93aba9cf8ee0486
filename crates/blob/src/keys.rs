//! The key-value store below.

use crate::KeysError;
use bytes::Bytes;
use futures::future::{self, BoxFuture, FutureExt};
use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// A key-value store, one value at a time. What is set is durable when the future is done.
pub trait Keys: fmt::Debug + Send + Sync + 'static {
    /// The value of `key`, if it has one.
    fn get<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Bytes>, KeysError>>;

    /// Sets `key` to `value`, in place of what it had.
    fn set<'a>(&'a self, key: &'a str, value: Bytes) -> BoxFuture<'a, Result<(), KeysError>>;

    /// Erases `key`; that it has no value is no error.
    fn delete<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<(), KeysError>>;

    /// Whether `key` has a value.
    fn exists<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<bool, KeysError>>;
}

/// A store in the memory of this process, for tests and native programs. Clones are the same store.
#[derive(Debug, Clone, Default)]
pub struct MemoryKeys(Arc<Mutex<BTreeMap<String, Bytes>>>);

impl MemoryKeys {
    fn map(&self) -> MutexGuard<'_, BTreeMap<String, Bytes>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Every key that has a value, in order.
    #[must_use]
    pub fn keys(&self) -> Vec<String> {
        self.map().keys().cloned().collect()
    }
}

impl Keys for MemoryKeys {
    fn get<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Bytes>, KeysError>> {
        future::ready(Ok(self.map().get(key).cloned())).boxed()
    }

    fn set<'a>(&'a self, key: &'a str, value: Bytes) -> BoxFuture<'a, Result<(), KeysError>> {
        self.map().insert(key.to_owned(), value);
        future::ready(Ok(())).boxed()
    }

    fn delete<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<(), KeysError>> {
        self.map().remove(key);
        future::ready(Ok(())).boxed()
    }

    fn exists<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<bool, KeysError>> {
        future::ready(Ok(self.map().contains_key(key))).boxed()
    }
}
