//! How an outbox is doing.

use super::Outbox;
use crate::wire::{ConsumerStats, Stats};
use std::time::Duration;
use vitrine_clock::Timestamp;
use vitrine_db::{DbError, Row};

const OPEN: &str = "SELECT consumer,
        SUM(CASE WHEN leased_until > $1 THEN 1 ELSE 0 END) AS in_flight,
        SUM(CASE WHEN next_at <= $1 THEN 1 ELSE 0 END) AS due,
        SUM(CASE WHEN next_at > $1 AND (leased_until IS NULL OR leased_until <= $1) THEN 1 ELSE 0 END) AS waiting
    FROM (SELECT consumer, next_at, leased_until FROM outbox_deliveries WHERE next_at IS NOT NULL LIMIT 100000) AS open
    GROUP BY consumer";
/// Each the first of the index, however many there are. Who is open has a subscription.
const DUE_SINCE: &str = "SELECT s.consumer AS consumer, (SELECT MIN(d.next_at) FROM outbox_deliveries d
        WHERE d.next_at IS NOT NULL AND d.consumer = s.consumer) AS due_since
    FROM (SELECT DISTINCT consumer FROM outbox_subscriptions) AS s";
const DEAD: &str = "SELECT consumer, COUNT(*) AS dead
    FROM (SELECT consumer FROM outbox_deliveries WHERE dead_at IS NOT NULL LIMIT 100000) AS dead GROUP BY consumer";
const UNROUTED: &str = "SELECT COUNT(*) AS n, MIN(made_at) AS oldest
    FROM (SELECT made_at FROM outbox_events WHERE routed_at IS NULL ORDER BY id LIMIT 100000) AS fresh";
const TOTALS: &str = "SELECT consumer, delivered, retried, dead FROM outbox_totals";

impl Outbox {
    /// How this outbox is doing.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn stats(&self) -> Result<Stats, DbError> {
        let (db, now) = (&self.0.db, self.now());
        let mut stats = Stats::default();
        if let Some(row) = db.query_one(UNROUTED, []).await? {
            stats.unrouted = row.get("n")?;
            stats.unrouted_lag_ms = lag(&row, "oldest", now)?;
        }
        for row in db.query(OPEN, [now.as_millis().into()]).await? {
            let it = consumer(&mut stats, &row)?;
            (it.in_flight, it.due, it.waiting) = (row.get("in_flight")?, row.get("due")?, row.get("waiting")?);
        }
        for row in db.query(DUE_SINCE, []).await? {
            let lag = lag(&row, "due_since", now)?;
            if lag > 0 {
                consumer(&mut stats, &row)?.lag_ms = lag;
            }
        }
        for row in db.query(DEAD, []).await? {
            consumer(&mut stats, &row)?.dead = row.get("dead")?;
        }
        for row in db.query(TOTALS, []).await? {
            let it = consumer(&mut stats, &row)?;
            (it.delivered_total, it.retried_total) = (row.get("delivered")?, row.get("retried")?);
            it.dead_total = row.get("dead")?;
        }
        Ok(stats)
    }
}

fn consumer<'a>(stats: &'a mut Stats, row: &Row) -> Result<&'a mut ConsumerStats, DbError> {
    Ok(stats.consumers.entry(row.get("consumer")?).or_default())
}

fn lag(row: &Row, since: &str, now: Timestamp) -> Result<u64, DbError> {
    let since = row.get::<Option<i64>>(since)?.map(Timestamp::from_millis);
    let lag = since.map_or(Duration::ZERO, |since| now.since(since));
    Ok(u64::try_from(lag.as_millis()).unwrap_or(u64::MAX))
}
