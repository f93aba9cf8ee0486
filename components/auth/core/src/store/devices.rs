//! Devices that have logged in.

use super::On;
use uuid::Uuid;
use vitrine_clock::Timestamp;
use vitrine_db::{DbError, Transaction};

const OWNER: &str = "SELECT account_id FROM devices WHERE hash = $1 AND seen_at > $2";
const SEEN: &str = "INSERT INTO devices (hash, account_id, seen_at) VALUES ($1, $2, $3)
    ON CONFLICT (hash) DO UPDATE SET seen_at = excluded.seen_at";
const FORGET_OLDEST: &str = "DELETE FROM devices WHERE hash IN
    (SELECT hash FROM devices WHERE account_id = $1 ORDER BY seen_at DESC LIMIT 1000 OFFSET 100)";
const OF_ACCOUNT: &str = "SELECT seen_at FROM devices WHERE account_id = $1 ORDER BY seen_at DESC LIMIT 200";
const FORGET_ALL: &str = "DELETE FROM devices WHERE account_id = $1";

/// The account that this device has logged in to, if that was after `since`.
pub(crate) async fn owner(on: impl Into<On<'_>>, hash: &str, since: Timestamp) -> Result<Option<Uuid>, DbError> {
    let on = on.into();
    on.query_one(OWNER, [hash.into(), since.as_millis().into()]).await?.map(|row| row.get("account_id")).transpose()
}

/// Notes that a device has logged in, and forgets the longest unseen ones beyond a hundred.
pub(crate) async fn seen(tx: &Transaction, hash: &str, account: Uuid, now: Timestamp) -> Result<(), DbError> {
    tx.execute(SEEN, [hash.into(), account.into(), now.as_millis().into()]).await?;
    tx.execute(FORGET_OLDEST, [account.into()]).await.map(drop)
}

/// Forgets all devices of an account.
pub(crate) async fn forget(tx: &Transaction, account: Uuid) -> Result<(), DbError> {
    tx.execute(FORGET_ALL, [account.into()]).await.map(drop)
}

/// When each device of an account was last seen, the last one first.
pub(crate) async fn of_account(tx: &Transaction, account: Uuid) -> Result<Vec<Timestamp>, DbError> {
    let rows = tx.query(OF_ACCOUNT, [account.into()]).await?;
    rows.iter().map(|row| Ok(Timestamp::from_millis(row.get("seen_at")?))).collect()
}
