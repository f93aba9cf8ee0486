//! Every SQL statement about keys.

use crate::{Answer, Error, Fingerprint, Slot};
use vitrine_clock::Timestamp;
use vitrine_db::{Db, DbError, Transaction};

const FIND: &str = "SELECT fingerprint, answer FROM idempotency_keys
    WHERE caller = $1 AND route = $2 AND idempotency_key = $3 AND expires_at > $4";

const CLAIM: &str = "INSERT INTO idempotency_keys (caller, route, idempotency_key, claim, expires_at)
    VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (caller, route, idempotency_key)
    DO UPDATE SET claim = excluded.claim, fingerprint = NULL, answer = NULL, expires_at = excluded.expires_at
    WHERE idempotency_keys.expires_at <= $6";

/// It never reads before it writes: under serialisable isolation two requests with different keys do not meet.
const RECORD: &str =
    "INSERT INTO idempotency_keys (caller, route, idempotency_key, claim, fingerprint, answer, expires_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (caller, route, idempotency_key)
    DO UPDATE SET claim = excluded.claim, fingerprint = excluded.fingerprint, answer = excluded.answer,
        expires_at = excluded.expires_at
    WHERE idempotency_keys.claim = excluded.claim OR idempotency_keys.expires_at <= $8";

const RELEASE: &str = "DELETE FROM idempotency_keys
    WHERE caller = $1 AND route = $2 AND idempotency_key = $3 AND claim = $4 AND answer IS NULL";

const PRUNE: &str = "DELETE FROM idempotency_keys WHERE (caller, route, idempotency_key) IN (
    SELECT caller, route, idempotency_key FROM idempotency_keys WHERE expires_at <= $1 ORDER BY expires_at LIMIT 256)";

/// What is known of a slot.
#[derive(Debug)]
pub(crate) enum Found {
    /// The first request is at work.
    InProgress,
    /// It has ended so.
    Answer(Fingerprint, Answer),
}

/// What is known of that slot, unless it has expired.
pub(crate) async fn find(db: &Db, slot: &Slot, now: Timestamp) -> Result<Option<Found>, Error> {
    let params = [caller(slot), route(slot), key(slot), now.as_millis().into()];
    let Some(row) = db.query_one(FIND, params).await? else { return Ok(None) };
    let stored = (row.get::<Option<String>>("fingerprint")?, row.get::<Option<String>>("answer")?);
    Ok(Some(match stored {
        (Some(fingerprint), Some(answer)) => {
            Found::Answer(Fingerprint::stored(fingerprint), Answer::from_text(&answer)?)
        }
        _ => Found::InProgress,
    }))
}

/// Takes a slot that is free. False if it is not.
pub(crate) async fn claim(
    db: &Db,
    slot: &Slot,
    claim: &str,
    until: Timestamp,
    now: Timestamp,
) -> Result<bool, DbError> {
    let until = until.as_millis().into();
    let params = [caller(slot), route(slot), key(slot), claim.into(), until, now.as_millis().into()];
    Ok(db.execute(CLAIM, params).await? == 1)
}

/// Keeps an answer in a slot that is free or held by `claim`. False if it is not, and the transaction must not go on.
pub(crate) async fn record(
    tx: &Transaction,
    slot: &Slot,
    claim: Option<&str>,
    kept: (&Fingerprint, &Answer),
    until: Timestamp,
    now: Timestamp,
) -> Result<bool, Error> {
    let (fingerprint, answer) = (kept.0.as_str().into(), kept.1.to_text()?.into());
    let (until, now) = (until.as_millis().into(), now.as_millis().into());
    let params = [caller(slot), route(slot), key(slot), claim.into(), fingerprint, answer, until, now];
    Ok(tx.execute(RECORD, params).await? == 1)
}

/// Gives a slot back that is held by `claim` and has no answer.
pub(crate) async fn release(db: &Db, slot: &Slot, claim: &str) -> Result<(), DbError> {
    db.execute(RELEASE, [caller(slot), route(slot), key(slot), claim.into()]).await?;
    Ok(())
}

/// Forgets all that is known of a caller.
pub(crate) async fn forget(tx: &Transaction, caller: &str) -> Result<(), DbError> {
    tx.execute("DELETE FROM idempotency_keys WHERE caller = $1", [caller.into()]).await?;
    Ok(())
}

/// Forgets some of what has expired.
pub(crate) async fn prune(db: &Db, now: Timestamp) -> Result<u64, DbError> {
    db.execute(PRUNE, [now.as_millis().into()]).await
}

fn caller(slot: &Slot) -> vitrine_db::Value {
    slot.caller.as_str().into()
}

fn route(slot: &Slot) -> vitrine_db::Value {
    slot.route.as_str().into()
}

fn key(slot: &Slot) -> vitrine_db::Value {
    slot.key.as_str().into()
}
