//! The handle that services hold.

use crate::{Backend, KvError};
use bytes::Bytes;
use std::{sync::Arc, time::Duration};

/// Bytes of the longest key.
pub const MAX_KEY: usize = 512;
/// Bytes of the longest value: what is larger is a blob.
pub const MAX_VALUE: usize = 1 << 20;
/// No expiry is later: some adapters reckon in 64 bits of milliseconds.
const MAX_EXPIRY: Duration = Duration::from_secs(100 * 366 * 24 * 60 * 60);

/// A keyspace. Clones are the same one.
#[derive(Debug, Clone)]
pub struct Kv(Arc<dyn Backend>);

impl Kv {
    /// The keyspace behind `backend`.
    pub fn new(backend: impl Backend) -> Self {
        Self(Arc::new(backend))
    }

    /// The value of `key`, unless it has none or has expired.
    ///
    /// # Errors
    /// See [`KvError`].
    pub async fn get(&self, key: &str) -> Result<Option<Bytes>, KvError> {
        check(key)?;
        self.0.get(key).await
    }

    /// Sets `key` to `value`, in place of what it had and of when that was to expire. Without `expiry` it stays.
    ///
    /// # Errors
    /// See [`KvError`].
    pub async fn set(&self, key: &str, value: impl Into<Bytes>, expiry: Option<Duration>) -> Result<(), KvError> {
        check(key)?;
        let value = value.into();
        if value.len() > MAX_VALUE {
            return Err(KvError::Invalid(format!("a value of {} bytes is longer than {MAX_VALUE}", value.len())));
        }
        self.0.set(key, value, expiry.map(whole)).await
    }

    /// Removes `key`; that it has no value is no error.
    ///
    /// # Errors
    /// See [`KvError`].
    pub async fn delete(&self, key: &str) -> Result<(), KvError> {
        check(key)?;
        self.0.delete(key).await
    }

    /// Adds `by` to the number of `key`, in one step whoever else counts on it, and gives back the sum.
    ///
    /// A key without a value counts as 0 and is made, to expire after `expiry`; a value that is there keeps its expiry,
    /// so that a window of time ends when it must. The number is also the key's value, in decimals.
    ///
    /// # Errors
    /// [`KvError::NotANumber`] if the value is none or the sum has more than 64 bits; otherwise see [`KvError`].
    pub async fn increment(&self, key: &str, by: i64, expiry: Option<Duration>) -> Result<i64, KvError> {
        check(key)?;
        self.0.increment(key, by, expiry.map(whole)).await
    }
}

fn check(key: &str) -> Result<(), KvError> {
    if key.is_empty() || key.len() > MAX_KEY {
        return Err(KvError::Invalid(format!("a key has 1 to {MAX_KEY} bytes, not {}", key.len())));
    }
    if key.contains('\0') {
        return Err(KvError::Invalid("a key holds no U+0000".to_owned()));
    }
    Ok(())
}

/// Whole milliseconds, at least one: nothing expires sooner than it was told to.
fn whole(expiry: Duration) -> Duration {
    let millis = expiry.min(MAX_EXPIRY).as_nanos().div_ceil(1_000_000).max(1);
    Duration::from_millis(u64::try_from(millis).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expiry_is_whole_and_not_nothing() {
        let millis = |expiry| whole(expiry).as_millis();
        assert_eq!(millis(Duration::ZERO), 1);
        assert_eq!(millis(Duration::from_nanos(1)), 1);
        assert_eq!(millis(Duration::from_micros(1_500)), 2);
        assert_eq!(millis(Duration::from_secs(60)), 60_000);
        assert!(whole(Duration::MAX) <= MAX_EXPIRY);
    }
}
