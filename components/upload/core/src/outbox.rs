//! The outbox: events that wait to be delivered, each with its lease, its tries and what became of it.
//!
//! A claim takes the event that is due longest and leases it. Whoever dies with a lease loses it after [`LEASE`], and
//! the event is due again: at least once, never lost.
use std::time::Duration;

use serde_json::value::RawValue;
use uuid::Uuid;
use vitrine_clock::Timestamp;
use vitrine_db::{Db, DbError, Row, Transaction};
use vitrine_random::{Random, bytes};

use crate::events::Event;

/// How long a delivery has the event for itself. Longer than any delivery takes.
pub const LEASE: Duration = Duration::from_secs(60);

/// Deliveries of one event before it is given up.
pub const TRIES: u32 = 10;

const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(300);

/// A leased event.
#[derive(Debug)]
pub(crate) struct Delivery {
    pub(crate) id: Uuid,
    /// Which delivery of the event this is, from 1.
    pub(crate) attempt: u32,
    pub(crate) subject: String,
    r#type: String,
    data: String,
    time: Timestamp,
}

impl Delivery {
    /// The event's JSON.
    pub(crate) fn to_json(&self) -> serde_json::Result<Vec<u8>> {
        let data: &RawValue = serde_json::from_str(&self.data)?;
        serde_json::to_vec(&Event::new(self.id, &self.r#type, self.time, &self.subject, data))
    }
}

/// Appends an event that is due at once, in the transaction of the change that it is about.
pub(crate) async fn append(
    tx: &Transaction,
    id: Uuid,
    r#type: &str,
    subject: Uuid,
    data: String,
    now: Timestamp,
) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO outbox (id, type, subject, data, created_at, next_at) VALUES ($1, $2, $3, $4, $5, $5)",
        [id.into(), r#type.into(), subject.into(), data.into(), now.as_millis().into()],
    )
    .await?;
    Ok(())
}

/// Whether an event is about that photo.
pub(crate) async fn is_about(tx: &Transaction, id: Uuid, subject: Uuid) -> Result<bool, DbError> {
    let sql = "SELECT id FROM outbox WHERE id = $1 AND subject = $2";
    Ok(tx.query_one(sql, [id.into(), subject.into()]).await?.is_some())
}

/// Leases the event that is due longest, if any is.
pub(crate) async fn claim(db: &Db, now: Timestamp) -> Result<Option<Delivery>, DbError> {
    db.transaction(|tx| async move {
        let due = tx
            .query_one(
                "SELECT id, type, subject, data, created_at, attempts FROM outbox
                 WHERE delivered_at IS NULL AND dead_at IS NULL AND next_at <= $1
                   AND (leased_until IS NULL OR leased_until <= $1)
                 ORDER BY next_at, id LIMIT 1",
                [now.as_millis().into()],
            )
            .await?;
        let Some(row) = due else { return Ok(None) };
        let mut delivery = delivery(&row)?;
        delivery.attempt += 1;
        tx.execute(
            "UPDATE outbox SET attempts = $2, leased_until = $3 WHERE id = $1",
            [delivery.id.into(), delivery.attempt.into(), (now + LEASE).as_millis().into()],
        )
        .await?;
        Ok(Some(delivery))
    })
    .await
}

fn delivery(row: &Row) -> Result<Delivery, DbError> {
    Ok(Delivery {
        id: row.get("id")?,
        attempt: row.get("attempts")?,
        subject: row.get("subject")?,
        r#type: row.get("type")?,
        data: row.get("data")?,
        time: Timestamp::from_millis(row.get("created_at")?),
    })
}

/// Records that the event was delivered, if its photo has ended. False if it has not.
///
/// The consumer acknowledges an event only after it has reported the photo's end, so a photo that is still `received`
/// means that it did not do its work; recorded as delivered, it would wait for ever.
pub(crate) async fn delivered(db: &Db, delivery: &Delivery, now: Timestamp) -> Result<bool, DbError> {
    let sql = "UPDATE outbox SET delivered_at = $2, leased_until = NULL, last_error = NULL
        WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM photos WHERE photos.id = outbox.subject AND status = 'received')";
    Ok(db.execute(sql, [delivery.id.into(), now.as_millis().into()]).await? == 1)
}

/// Puts the event back until `next_at`. A delivery that has lost its lease changes nothing.
pub(crate) async fn put_back(db: &Db, delivery: &Delivery, next_at: Timestamp, error: &str) -> Result<(), DbError> {
    let sql = "UPDATE outbox SET next_at = $3, leased_until = NULL, last_error = $4
        WHERE id = $1 AND attempts = $2 AND delivered_at IS NULL";
    let params = [delivery.id.into(), delivery.attempt.into(), next_at.as_millis().into(), error.into()];
    db.execute(sql, params).await?;
    Ok(())
}

/// Gives the event up; the row stays to be seen. False for a delivery that has lost its lease.
pub(crate) async fn bury(tx: &Transaction, delivery: &Delivery, now: Timestamp, error: &str) -> Result<bool, DbError> {
    let sql = "UPDATE outbox SET dead_at = $3, leased_until = NULL, last_error = $4
        WHERE id = $1 AND attempts = $2 AND delivered_at IS NULL";
    let params = [delivery.id.into(), delivery.attempt.into(), now.as_millis().into(), error.into()];
    Ok(tx.execute(sql, params).await? == 1)
}

/// How long to wait after delivery number `attempt` has failed: 1 s, 2 s, 4 s, … to 5 minutes, and of that a random
/// part of at least one half, so that what failed together does not come back together.
pub(crate) fn pause(attempt: u32, random: &dyn Random) -> Duration {
    let full = FIRST_PAUSE.saturating_mul(1 << attempt.saturating_sub(1).min(16)).min(LONGEST_PAUSE);
    let [share] = bytes::<1>(random);
    full / 2 + full / 2 * u32::from(share) / 255
}

#[cfg(test)]
mod tests {
    use super::*;
    use vitrine_random::SeededRandom;

    #[test]
    fn pauses_double_to_five_minutes_and_are_spread() {
        let random = SeededRandom::new(1);
        for (attempt, full) in [(1, 1), (2, 2), (3, 4), (8, 128), (9, 256), (10, 300), (100, 300)] {
            let full = Duration::from_secs(full);
            for _ in 0..50 {
                let pause = pause(attempt, &random);
                assert!(pause >= full / 2 && pause <= full, "{attempt}: {pause:?}");
            }
        }
        assert_ne!(pause(9, &random), pause(9, &random));
    }
}
