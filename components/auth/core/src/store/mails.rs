//! Mail that is to be sent, and the secrets that were.

use super::checked;
use crate::mail::MailKind;
use uuid::Uuid;
use vitrine_clock::Timestamp;
use vitrine_db::{Db, DbError, Transaction};

const QUEUE: &str = "INSERT INTO mails (id, kind, email_key, made_at, attempt, next_at) VALUES ($1, $2, $3, $4, 0, $4)";
const DUE: &str = "SELECT id, kind, email_key, attempt FROM mails WHERE next_at <= $1 ORDER BY next_at, id LIMIT 1";
const LEASE: &str = "UPDATE mails SET attempt = attempt + 1, next_at = $2 WHERE id = $1";
const REMOVE: &str = "DELETE FROM mails WHERE id = $1";
const FORGET: &str = "DELETE FROM mails WHERE email_key = $1";
const SENT: &str = "DELETE FROM mails WHERE id = $1 AND attempt = $2";
const FAILED: &str = "UPDATE mails SET next_at = $3, last_error = $4 WHERE id = $1 AND attempt = $2";
const GIVE_UP: &str = "UPDATE mails SET next_at = NULL, last_error = $2 WHERE id = $1";
const ADD_TOKEN: &str =
    "INSERT INTO mail_tokens (hash, account_id, kind, email_key, expires_at) VALUES ($1, $2, $3, $4, $5)";
const TOKEN: &str = "SELECT account_id, email_key FROM mail_tokens WHERE hash = $1 AND kind = $2 AND expires_at > $3";
const USE_TOKEN: &str = "DELETE FROM mail_tokens WHERE hash = $1 AND kind = $2 AND expires_at > $3
    RETURNING account_id, email_key";
const FORGET_TOKENS: &str = "DELETE FROM mail_tokens WHERE account_id = $1 AND (kind = $2 OR expires_at <= $3)";

/// A mail whose turn it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Due {
    pub(crate) id: Uuid,
    pub(crate) kind: MailKind,
    pub(crate) email_key: String,
    /// The try that begins, from 1. It tells tries apart: one that lost its lease does not speak for a later one.
    pub(crate) attempt: u32,
}

/// Whom a secret was sent to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Addressee {
    pub(crate) account: Uuid,
    pub(crate) email_key: String,
}

/// Notes a mail that is to be sent to an address.
pub(crate) async fn queue(
    tx: &Transaction,
    id: Uuid,
    kind: MailKind,
    email_key: &str,
    now: Timestamp,
) -> Result<(), DbError> {
    tx.execute(QUEUE, [id.into(), kind.as_str().into(), email_key.into(), now.as_millis().into()]).await.map(drop)
}

/// The mail that is due longest, leased until `until`.
pub(crate) async fn lease(tx: &Transaction, now: Timestamp, until: Timestamp) -> Result<Option<Due>, DbError> {
    let Some(row) = tx.query_one(DUE, [now.as_millis().into()]).await? else { return Ok(None) };
    let id: Uuid = row.get("id")?;
    tx.execute(LEASE, [id.into(), until.as_millis().into()]).await?;
    let kind = checked(&row, "kind", MailKind::parse)?;
    let attempt = row.get::<u32>("attempt")?.saturating_add(1);
    Ok(Some(Due { id, kind, email_key: row.get("email_key")?, attempt }))
}

/// Forgets a mail that nobody is to get.
pub(crate) async fn remove(tx: &Transaction, id: Uuid) -> Result<(), DbError> {
    tx.execute(REMOVE, [id.into()]).await.map(drop)
}

/// Forgets all mail to an address.
pub(crate) async fn forget(tx: &Transaction, email_key: &str) -> Result<(), DbError> {
    tx.execute(FORGET, [email_key.into()]).await.map(drop)
}

/// Forgets a mail that was sent.
pub(crate) async fn sent(db: &Db, due: &Due) -> Result<(), DbError> {
    db.execute(SENT, [due.id.into(), due.attempt.into()]).await.map(drop)
}

/// Notes that a try failed, and when there is another one, if there is.
pub(crate) async fn failed(db: &Db, due: &Due, next: Option<Timestamp>, error: &str) -> Result<(), DbError> {
    let next = next.map(Timestamp::as_millis);
    db.execute(FAILED, [due.id.into(), due.attempt.into(), next.into(), error.into()]).await.map(drop)
}

/// Notes that a mail is never tried again, and why.
pub(crate) async fn give_up(tx: &Transaction, id: Uuid, error: &str) -> Result<(), DbError> {
    tx.execute(GIVE_UP, [id.into(), error.into()]).await.map(drop)
}

/// Keeps the hash of a secret that is about to be sent.
pub(crate) async fn add_token(
    tx: &Transaction,
    hash: &str,
    kind: MailKind,
    to: &Addressee,
    expires_at: Timestamp,
) -> Result<(), DbError> {
    let expires_at = expires_at.as_millis();
    let params =
        [hash.into(), to.account.into(), kind.as_str().into(), to.email_key.as_str().into(), expires_at.into()];
    tx.execute(ADD_TOKEN, params).await.map(drop)
}

/// Whom this secret was sent to, if it is good.
pub(crate) async fn token(db: &Db, hash: &str, kind: MailKind, now: Timestamp) -> Result<Option<Addressee>, DbError> {
    let row = db.query_one(TOKEN, [hash.into(), kind.as_str().into(), now.as_millis().into()]).await?;
    row.map(|row| Ok(Addressee { account: row.get("account_id")?, email_key: row.get("email_key")? })).transpose()
}

/// The same, and it is used up: so are all others of that kind that were sent to the account.
pub(crate) async fn use_token(
    tx: &Transaction,
    hash: &str,
    kind: MailKind,
    now: Timestamp,
) -> Result<Option<Addressee>, DbError> {
    let row = tx.query_one(USE_TOKEN, [hash.into(), kind.as_str().into(), now.as_millis().into()]).await?;
    let Some(row) = row else { return Ok(None) };
    let to = Addressee { account: row.get("account_id")?, email_key: row.get("email_key")? };
    tx.execute(FORGET_TOKENS, [to.account.into(), kind.as_str().into(), now.as_millis().into()]).await?;
    Ok(Some(to))
}
