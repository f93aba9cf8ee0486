//! A part of a store that is as good as a store of its own.

use crate::{Keys, KeysError};
use bytes::Bytes;
use futures::future::{BoxFuture, FutureExt};
use std::sync::Arc;

/// The keys of a store that begin with a prefix, without it. For cases on a store that cannot be made anew.
#[derive(Debug, Clone)]
pub struct Corner {
    keys: Arc<dyn Keys>,
    prefix: String,
}

impl Corner {
    /// The corner of `keys` whose keys begin with `prefix`.
    pub fn new(keys: Arc<dyn Keys>, prefix: &str) -> Self {
        Self { keys, prefix: prefix.to_owned() }
    }

    fn full(&self, key: &str) -> String {
        format!("{}{key}", self.prefix)
    }
}

impl Keys for Corner {
    fn get<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Bytes>, KeysError>> {
        async move { self.keys.get(&self.full(key)).await }.boxed()
    }

    fn set<'a>(&'a self, key: &'a str, value: Bytes) -> BoxFuture<'a, Result<(), KeysError>> {
        async move { self.keys.set(&self.full(key), value).await }.boxed()
    }

    fn delete<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<(), KeysError>> {
        async move { self.keys.delete(&self.full(key)).await }.boxed()
    }

    fn exists<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<bool, KeysError>> {
        async move { self.keys.exists(&self.full(key)).await }.boxed()
    }
}
