//! The audit log.

use super::{On, checked};
use crate::{AuditEntry, AuditKind};
use uuid::Uuid;
use vitrine_clock::Timestamp;
use vitrine_db::{DbError, Row, Transaction};

const APPEND: &str =
    "INSERT INTO audit (id, account_id, kind, session_id, detail, happened_at) VALUES ($1, $2, $3, $4, $5, $6)";
const FORGET_OLD: &str = "DELETE FROM audit WHERE id IN
    (SELECT id FROM audit WHERE happened_at < $1 ORDER BY happened_at LIMIT 100)";
const FORGET_NOBODYS: &str = "DELETE FROM audit WHERE account_id IS NULL AND happened_at < $1";
const FORGET_ALL_OF: &str = "DELETE FROM audit WHERE account_id = $1";
const OF_ACCOUNT: &str = "SELECT id, account_id, kind, session_id, detail, happened_at FROM audit
    WHERE account_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
const OF_ALL: &str = "SELECT id, account_id, kind, session_id, detail, happened_at FROM audit
    WHERE id < $1 ORDER BY id DESC LIMIT $2";

/// Sorts after every id.
const AFTER_ALL: &str = "g";

/// Notes what has happened, and forgets a little of what happened before `forget`.
pub(crate) async fn append(tx: &Transaction, entry: &AuditEntry, forget: Timestamp) -> Result<(), DbError> {
    let params = [
        entry.id.into(),
        entry.account.into(),
        entry.kind.as_str().into(),
        entry.session.into(),
        entry.detail.as_str().into(),
        entry.happened_at.as_millis().into(),
    ];
    tx.execute(APPEND, params).await?;
    tx.execute(FORGET_OLD, [forget.as_millis().into()]).await.map(drop)
}

/// Forgets logins of nobody before `forget`.
pub(crate) async fn forget_nobodys(tx: &Transaction, forget: Timestamp) -> Result<(), DbError> {
    tx.execute(FORGET_NOBODYS, [forget.as_millis().into()]).await.map(drop)
}

/// Forgets all that has happened to an account.
pub(crate) async fn forget_all_of(tx: &Transaction, account: Uuid) -> Result<(), DbError> {
    tx.execute(FORGET_ALL_OF, [account.into()]).await.map(drop)
}

/// At most `limit` entries before `before`, the last one first: those of an account, or of all.
pub(crate) async fn list(
    on: impl Into<On<'_>>,
    account: Option<Uuid>,
    before: Option<Uuid>,
    limit: u32,
) -> Result<Vec<AuditEntry>, DbError> {
    let on = on.into();
    let before = before.map_or_else(|| AFTER_ALL.to_owned(), |id| id.to_string());
    let rows = match account {
        Some(account) => on.query(OF_ACCOUNT, [account.into(), before.into(), limit.into()]).await?,
        None => on.query(OF_ALL, [before.into(), limit.into()]).await?,
    };
    rows.iter().map(entry).collect()
}

fn entry(row: &Row) -> Result<AuditEntry, DbError> {
    Ok(AuditEntry {
        id: row.get("id")?,
        account: row.get("account_id")?,
        kind: checked(row, "kind", AuditKind::parse)?,
        session: row.get("session_id")?,
        detail: row.get("detail")?,
        happened_at: Timestamp::from_millis(row.get("happened_at")?),
    })
}
