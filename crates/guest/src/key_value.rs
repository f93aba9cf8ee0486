//! The keys of the blob port on Spin's key-value store.

use crate::turn::Once;
use bytes::Bytes;
use futures::{FutureExt, future::BoxFuture};
use send_wrapper::SendWrapper;
use spin_sdk::key_value::{Error, Store};
use std::fmt;
use vitrine_blob::{Keys, KeysError};

/// One store of the manifest, opened at its first use and kept open.
pub struct KvKeys {
    label: String,
    store: Once<SendWrapper<Store>>,
}

impl KvKeys {
    /// The store whose label is `label`, as in `key_value_stores` of the manifest.
    #[must_use]
    pub fn new(label: &str) -> Self {
        Self { label: label.to_owned(), store: Once::new() }
    }

    async fn store(&self) -> Result<&Store, KeysError> {
        let open = || async { Store::open(&self.label).await.map(SendWrapper::new) };
        let store = self.store.get_or_try_init(open).await.map_err(|error| self.error(&error))?;
        Ok(store)
    }

    fn error(&self, error: &Error) -> KeysError {
        KeysError(format!("store `{}`: {error}", self.label))
    }
}

impl fmt::Debug for KvKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KvKeys({})", self.label)
    }
}

impl Keys for KvKeys {
    fn get<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Bytes>, KeysError>> {
        SendWrapper::new(async move {
            let value = self.store().await?.get(key).await.map_err(|error| self.error(&error))?;
            Ok(value.map(Bytes::from))
        })
        .boxed()
    }

    fn set<'a>(&'a self, key: &'a str, value: Bytes) -> BoxFuture<'a, Result<(), KeysError>> {
        SendWrapper::new(async move { self.store().await?.set(key, value).await.map_err(|error| self.error(&error)) })
            .boxed()
    }

    fn delete<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<(), KeysError>> {
        SendWrapper::new(async move { self.store().await?.delete(key).await.map_err(|error| self.error(&error)) })
            .boxed()
    }

    fn exists<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<bool, KeysError>> {
        SendWrapper::new(async move { self.store().await?.exists(key).await.map_err(|error| self.error(&error)) })
            .boxed()
    }
}
