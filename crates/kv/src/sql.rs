//! The key-value port on a table.

use crate::{Backend, Kv, KvError};
use bytes::Bytes;
use futures::future::{BoxFuture, FutureExt};
use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};
use vitrine_clock::{Clock, Timestamp};
use vitrine_db::{Db, Migration, Row, Value};

/// The schema. It has the numbers of migrations for itself, and so needs a database of its own.
pub const MIGRATIONS: &[Migration] =
    &[Migration { version: 1, name: "entries", sql: include_str!("../migrations/0001_entries.sql") }];

/// How often expired rows are removed, and how many at a time, by whoever writes.
const PURGE_EVERY: Duration = Duration::from_secs(10);
const PURGE_AT_ONCE: u32 = 500;

const GET: &str = "SELECT bytes, number FROM entries WHERE name = $1 AND (expires_at IS NULL OR expires_at > $2)";
const SET: &str = "INSERT INTO entries (name, bytes, number, expires_at) VALUES ($1, $2, $3, $4)
    ON CONFLICT (name) DO UPDATE
    SET bytes = excluded.bytes, number = excluded.number, expires_at = excluded.expires_at";
const DELETE: &str = "DELETE FROM entries WHERE name = $1";
/// Changes nothing where the entry is no number, or a number to which that cannot be added.
const INCREMENT: &str = "INSERT INTO entries (name, number, expires_at) VALUES ($1, $2, $3)
    ON CONFLICT (name) DO UPDATE
    SET bytes = NULL,
        number = CASE WHEN entries.expires_at <= $4 THEN excluded.number ELSE entries.number + excluded.number END,
        expires_at = CASE WHEN entries.expires_at <= $4 THEN excluded.expires_at ELSE entries.expires_at END
    WHERE entries.expires_at <= $4 OR entries.number BETWEEN $5 AND $6
    RETURNING number";
const PURGE: &str = "DELETE FROM entries
    WHERE name IN (SELECT name FROM entries WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)";

/// A keyspace in a database of its own.
#[derive(Debug)]
pub struct SqlKv {
    db: Db,
    clock: Arc<dyn Clock>,
    /// When expired rows are next removed, in milliseconds.
    purge_at: AtomicI64,
}

impl SqlKv {
    /// The keyspace in `db`, to which [`MIGRATIONS`] were applied.
    pub fn new(db: Db, clock: Arc<dyn Clock>) -> Self {
        Self { db, clock, purge_at: AtomicI64::new(0) }
    }

    fn expires_at(now: Timestamp, expiry: Option<Duration>) -> Value {
        expiry.map(|expiry| (now + expiry).as_millis()).into()
    }

    /// Removes some of what has expired, if it is time. That it fails is no matter: the next one tries again.
    async fn purge(&self, now: Timestamp) {
        let (at, next) = (self.purge_at.load(Ordering::Relaxed), (now + PURGE_EVERY).as_millis());
        // A clock that was set back must not put it off for long.
        if (at > now.as_millis() && at <= next)
            || self.purge_at.compare_exchange(at, next, Ordering::Relaxed, Ordering::Relaxed).is_err()
        {
            return;
        }
        let removed = self.db.execute(PURGE, [now.as_millis().into(), PURGE_AT_ONCE.into()]).await;
        if removed.is_ok_and(|rows| rows >= u64::from(PURGE_AT_ONCE)) {
            self.purge_at.store(now.as_millis(), Ordering::Relaxed);
        }
    }
}

impl From<SqlKv> for Kv {
    fn from(kv: SqlKv) -> Self {
        Self::new(kv)
    }
}

impl Backend for SqlKv {
    fn get<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Bytes>, KvError>> {
        async move {
            let row = self.db.query_one(GET, [key.into(), self.clock.now().as_millis().into()]).await?;
            row.as_ref().map(value).transpose()
        }
        .boxed()
    }

    fn set<'a>(&'a self, key: &'a str, value: Bytes, expiry: Option<Duration>) -> BoxFuture<'a, Result<(), KvError>> {
        async move {
            let now = self.clock.now();
            let (bytes, number) = match number(&value) {
                Some(number) => (Value::Null, Value::Integer(number)),
                None => (Value::Blob(value.to_vec()), Value::Null),
            };
            self.db.execute(SET, [key.into(), bytes, number, Self::expires_at(now, expiry)]).await?;
            self.purge(now).await;
            Ok(())
        }
        .boxed()
    }

    fn delete<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<(), KvError>> {
        async move { Ok(self.db.execute(DELETE, [key.into()]).await.map(drop)?) }.boxed()
    }

    fn increment<'a>(&'a self, key: &'a str, by: i64, expiry: Option<Duration>) -> BoxFuture<'a, Result<i64, KvError>> {
        async move {
            let now = self.clock.now();
            let least = i64::MIN.saturating_sub(by.min(0));
            let most = i64::MAX.saturating_sub(by.max(0));
            let params = [
                key.into(),
                by.into(),
                Self::expires_at(now, expiry),
                now.as_millis().into(),
                least.into(),
                most.into(),
            ];
            let row = self.db.query_one(INCREMENT, params).await?.ok_or(KvError::NotANumber)?;
            self.purge(now).await;
            Ok(row.get("number")?)
        }
        .boxed()
    }
}

/// The number that bytes are in decimals, as it would be written: without `+`, and without zeros before it.
fn number(bytes: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(bytes).ok()?;
    text.parse().ok().filter(|number: &i64| number.to_string() == text)
}

fn value(row: &Row) -> Result<Bytes, KvError> {
    Ok(match row.get::<Option<i64>>("number")? {
        Some(number) => number.to_string().into(),
        None => row.get::<Vec<u8>>("bytes")?.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn only_what_comes_back_the_same_is_a_number() {
        for (text, is) in [("0", Some(0)), ("-7", Some(-7)), ("9223372036854775807", Some(i64::MAX))] {
            assert_eq!(number(text.as_bytes()), is);
        }
        for text in ["", "+1", "01", "-0", " 1", "1.0", "9223372036854775808", "a"] {
            assert_eq!(number(text.as_bytes()), None, "{text}");
        }
        assert_eq!(number(&[0xff]), None);
    }
}
