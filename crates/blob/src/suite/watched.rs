//! A key-value store that is looked at from outside.

use crate::{Keys, KeysError, chunks::turn::yield_now};
use bytes::Bytes;
use futures::future::{BoxFuture, FutureExt};
use std::{
    collections::BTreeSet,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// What is to happen before the next read of a key.
type Meeting = (String, BoxFuture<'static, ()>);

/// Remembers what was ever set, and lets others run before each use, so that what is done at once meets at every step.
pub(super) struct Watched {
    keys: Arc<dyn Keys>,
    set: Mutex<BTreeSet<String>>,
    meeting: Mutex<Option<Meeting>>,
}

impl Watched {
    pub(super) fn new(keys: &Arc<dyn Keys>) -> Arc<Self> {
        Arc::new(Self { keys: Arc::clone(keys), set: Mutex::default(), meeting: Mutex::default() })
    }

    /// Does `what` before the next read of `key`.
    pub(super) fn before(&self, key: &str, what: impl Future<Output = ()> + Send + 'static) {
        *lock(&self.meeting) = Some((key.to_owned(), what.boxed()));
    }

    /// What was set and has not been erased.
    pub(super) async fn left(&self) -> Result<Vec<String>, KeysError> {
        let mut left = Vec::new();
        let set = lock(&self.set).clone();
        for key in set {
            if self.keys.exists(&key).await? {
                left.push(key);
            }
        }
        Ok(left)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Keys for Watched {
    fn get<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Bytes>, KeysError>> {
        async move {
            yield_now().await;
            let met = lock(&self.meeting).take_if(|(met, _)| met == key);
            if let Some((_, what)) = met {
                what.await;
            }
            self.keys.get(key).await
        }
        .boxed()
    }

    fn set<'a>(&'a self, key: &'a str, value: Bytes) -> BoxFuture<'a, Result<(), KeysError>> {
        async move {
            yield_now().await;
            lock(&self.set).insert(key.to_owned());
            self.keys.set(key, value).await
        }
        .boxed()
    }

    fn delete<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<(), KeysError>> {
        async move {
            yield_now().await;
            self.keys.delete(key).await
        }
        .boxed()
    }

    fn exists<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<bool, KeysError>> {
        async move {
            yield_now().await;
            self.keys.exists(key).await
        }
        .boxed()
    }
}

impl fmt::Debug for Watched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.keys.fmt(f)
    }
}
