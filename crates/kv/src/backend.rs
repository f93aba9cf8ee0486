//! What an adapter implements.

use crate::KvError;
use bytes::Bytes;
use futures::future::BoxFuture;
use std::{fmt, time::Duration};

/// One keyspace, as an adapter reaches it. [`crate::Kv`] has checked keys and values, and an expiry is a whole number of
/// milliseconds, at least one.
pub trait Backend: fmt::Debug + Send + Sync + 'static {
    /// The value of `key`, unless it has none or has expired.
    fn get<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Bytes>, KvError>>;

    /// Sets `key` to `value`, in place of what it had. Without `expiry` it stays.
    fn set<'a>(&'a self, key: &'a str, value: Bytes, expiry: Option<Duration>) -> BoxFuture<'a, Result<(), KvError>>;

    /// Removes `key`; that it has no value is no error.
    fn delete<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<(), KvError>>;

    /// Adds `by` to the number of `key`, in one step, and gives back the sum. A key without a value counts as 0, and
    /// expires after `expiry`; one that has a value keeps its expiry.
    fn increment<'a>(&'a self, key: &'a str, by: i64, expiry: Option<Duration>) -> BoxFuture<'a, Result<i64, KvError>>;
}
