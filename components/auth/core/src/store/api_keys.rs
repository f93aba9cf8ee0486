//! Keys of programs.

use super::{On, checked};
use crate::{ApiKey, KeyName, Scope};
use uuid::Uuid;
use vitrine_clock::Timestamp;
use vitrine_db::{Db, DbError, Row, Transaction};

const COUNT: &str = "SELECT COUNT(*) AS total FROM api_keys WHERE account_id = $1";
const INSERT: &str = "INSERT INTO api_keys (id, account_id, name, secret_hash, scopes, created_at)
    VALUES ($1, $2, $3, $4, $5, $6)";
const OF_ACCOUNT: &str =
    "SELECT id, name, scopes, created_at, used_at FROM api_keys WHERE account_id = $1 ORDER BY id DESC LIMIT 100";
const BY_ID: &str = "SELECT account_id, secret_hash, scopes FROM api_keys WHERE id = $1";
const USED: &str = "UPDATE api_keys SET used_at = $2 WHERE id = $1 AND (used_at IS NULL OR used_at < $3)";
const REMOVE: &str = "DELETE FROM api_keys WHERE id = $1 AND account_id = $2";
const REMOVE_ALL: &str = "DELETE FROM api_keys WHERE account_id = $1 RETURNING id";

/// A key that somebody presents the id of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoredKey {
    pub(crate) account: Uuid,
    pub(crate) secret_hash: String,
    pub(crate) scopes: Vec<Scope>,
}

/// How many keys an account has.
pub(crate) async fn count(tx: &Transaction, account: Uuid) -> Result<u64, DbError> {
    let row = tx.query_one(COUNT, [account.into()]).await?;
    row.map_or(Ok(0), |row| row.get("total"))
}

/// Keeps a new key.
pub(crate) async fn insert(tx: &Transaction, account: Uuid, key: &ApiKey, secret_hash: &str) -> Result<(), DbError> {
    let params = [
        key.id.into(),
        account.into(),
        key.name.as_str().into(),
        secret_hash.into(),
        serde_json::Value::from(Scope::words(&key.scopes)).to_string().into(),
        key.created_at.as_millis().into(),
    ];
    tx.execute(INSERT, params).await.map(drop)
}

/// The keys of an account, the newest first.
pub(crate) async fn of_account(on: impl Into<On<'_>>, account: Uuid) -> Result<Vec<ApiKey>, DbError> {
    let on = on.into();
    let rows = on.query(OF_ACCOUNT, [account.into()]).await?;
    rows.iter()
        .map(|row| {
            Ok(ApiKey {
                id: row.get("id")?,
                name: KeyName::stored(row.get("name")?),
                scopes: scopes(row)?,
                created_at: Timestamp::from_millis(row.get("created_at")?),
                used_at: row.get::<Option<i64>>("used_at")?.map(Timestamp::from_millis),
            })
        })
        .collect()
}

/// The key of this id.
pub(crate) async fn find(db: &Db, id: Uuid) -> Result<Option<StoredKey>, DbError> {
    let Some(row) = db.query_one(BY_ID, [id.into()]).await? else { return Ok(None) };
    let (account, secret_hash) = (row.get("account_id")?, row.get("secret_hash")?);
    Ok(Some(StoredKey { account, secret_hash, scopes: scopes(&row)? }))
}

/// Notes that a key is used, unless that was noted after `since`.
pub(crate) async fn used(db: &Db, id: Uuid, now: Timestamp, since: Timestamp) -> Result<(), DbError> {
    db.execute(USED, [id.into(), now.as_millis().into(), since.as_millis().into()]).await.map(drop)
}

/// Forgets a key of an account. Says whether it had it.
pub(crate) async fn remove(tx: &Transaction, id: Uuid, account: Uuid) -> Result<bool, DbError> {
    Ok(tx.execute(REMOVE, [id.into(), account.into()]).await? == 1)
}

/// Forgets all keys of an account. Gives back their ids.
pub(crate) async fn remove_all(tx: &Transaction, account: Uuid) -> Result<Vec<Uuid>, DbError> {
    tx.query(REMOVE_ALL, [account.into()]).await?.iter().map(|row| row.get("id")).collect()
}

fn scopes(row: &Row) -> Result<Vec<Scope>, DbError> {
    checked(row, "scopes", |text| {
        let words: Vec<String> = serde_json::from_str(text).ok()?;
        Scope::parse_all(&words).ok()
    })
}
