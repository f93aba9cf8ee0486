//! Authenticators and recovery codes.

use super::{On, checked_blob};
use crate::totp::Authenticator;
use uuid::Uuid;
use vitrine_clock::Timestamp;
use vitrine_db::{DbError, Transaction};

const BEGIN: &str = "INSERT INTO totp (account_id, secret, session_id, made_at, last_step) VALUES ($1, $2, $3, $4, 0)
    ON CONFLICT (account_id) DO UPDATE
    SET secret = excluded.secret, session_id = excluded.session_id, made_at = excluded.made_at
    WHERE totp.confirmed_at IS NULL";
const BEGUN: &str = "SELECT secret, last_step FROM totp
    WHERE account_id = $1 AND session_id = $2 AND made_at > $3 AND confirmed_at IS NULL";
const CONFIRMED: &str = "SELECT secret, last_step FROM totp WHERE account_id = $1 AND confirmed_at IS NOT NULL";
const CONFIRM: &str = "UPDATE totp SET confirmed_at = $2 WHERE account_id = $1";
const USE: &str = "UPDATE totp SET last_step = $2 WHERE account_id = $1 AND last_step < $2";
const REMOVE: &str = "DELETE FROM totp WHERE account_id = $1";
const MARK: &str = "UPDATE accounts SET totp_enabled = $2 WHERE id = $1";
const ADD_CODE: &str = "INSERT INTO recovery_codes (hash, account_id) VALUES ($1, $2)";
const USE_CODE: &str = "DELETE FROM recovery_codes WHERE hash = $1 AND account_id = $2";
const CODES_LEFT: &str = "SELECT COUNT(*) AS total FROM recovery_codes WHERE account_id = $1";
const REMOVE_CODES: &str = "DELETE FROM recovery_codes WHERE account_id = $1";

/// Keeps an authenticator that is to be confirmed, in place of one that was not. False if there is one that was.
pub(crate) async fn begin(
    tx: &Transaction,
    account: Uuid,
    session: Uuid,
    authenticator: &Authenticator,
    now: Timestamp,
) -> Result<bool, DbError> {
    let params = [account.into(), authenticator.as_bytes().into(), session.into(), now.as_millis().into()];
    Ok(tx.execute(BEGIN, params).await? == 1)
}

/// The authenticator that this session has begun to set up, after `since`.
pub(crate) async fn begun(
    tx: &Transaction,
    account: Uuid,
    session: Uuid,
    since: Timestamp,
) -> Result<Option<Authenticator>, DbError> {
    let row = tx.query_one(BEGUN, [account.into(), session.into(), since.as_millis().into()]).await?;
    row.map(|row| checked_blob(&row, "secret", Authenticator::stored)).transpose()
}

/// The authenticator of an account.
pub(crate) async fn confirmed(on: impl Into<On<'_>>, account: Uuid) -> Result<Option<Authenticator>, DbError> {
    let on = on.into();
    let row = on.query_one(CONFIRMED, [account.into()]).await?;
    row.map(|row| checked_blob(&row, "secret", Authenticator::stored)).transpose()
}

/// Notes that an authenticator works, and that a code is asked for from now on.
pub(crate) async fn confirm(tx: &Transaction, account: Uuid, now: Timestamp) -> Result<(), DbError> {
    tx.execute(CONFIRM, [account.into(), now.as_millis().into()]).await?;
    tx.execute(MARK, [account.into(), true.into()]).await.map(drop)
}

/// Uses the code of a step. False if it, or a later one, was used before.
pub(crate) async fn use_step(tx: &Transaction, account: Uuid, step: i64) -> Result<bool, DbError> {
    Ok(tx.execute(USE, [account.into(), step.into()]).await? == 1)
}

/// Forgets the authenticator and the recovery codes of an account.
pub(crate) async fn remove(tx: &Transaction, account: Uuid) -> Result<(), DbError> {
    tx.execute(REMOVE, [account.into()]).await?;
    tx.execute(REMOVE_CODES, [account.into()]).await?;
    tx.execute(MARK, [account.into(), false.into()]).await.map(drop)
}

/// Keeps recovery codes, by their hashes, in place of all others.
pub(crate) async fn set_codes(tx: &Transaction, account: Uuid, hashes: &[String]) -> Result<(), DbError> {
    tx.execute(REMOVE_CODES, [account.into()]).await?;
    for hash in hashes {
        tx.execute(ADD_CODE, [hash.into(), account.into()]).await?;
    }
    Ok(())
}

/// Uses a recovery code. False if the account has none like it.
pub(crate) async fn use_code(tx: &Transaction, account: Uuid, hash: &str) -> Result<bool, DbError> {
    Ok(tx.execute(USE_CODE, [hash.into(), account.into()]).await? == 1)
}

/// How many recovery codes an account has left.
pub(crate) async fn codes_left(tx: &Transaction, account: Uuid) -> Result<u64, DbError> {
    let row = tx.query_one(CODES_LEFT, [account.into()]).await?;
    row.map_or(Ok(0), |row| row.get("total"))
}
