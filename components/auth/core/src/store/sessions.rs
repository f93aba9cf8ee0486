//! Sessions and the refresh tokens of each.

use super::On;
use crate::{DeviceName, Session};
use uuid::Uuid;
use vitrine_clock::Timestamp;
use vitrine_db::{DbError, Row, Transaction};

const INSERT: &str = "INSERT INTO sessions (id, account_id, device, created_at, seen_at, expires_at)
    VALUES ($1, $2, $3, $4, $4, $5)";
const INSERT_TOKEN: &str = "INSERT INTO refresh_tokens (hash, session_id, parent, made_at) VALUES ($1, $2, $3, $4)";
const IS_LIVE: &str = "SELECT id FROM sessions
    WHERE id = $1 AND account_id = $2 AND ended_at IS NULL AND expires_at > $3";
const LIVE: &str = "SELECT id, device, created_at, seen_at FROM sessions
    WHERE account_id = $1 AND ended_at IS NULL AND expires_at > $2 ORDER BY seen_at DESC, id DESC LIMIT 200";
const TOKEN: &str = "SELECT t.session_id, t.parent, t.used_at, s.account_id, s.created_at
    FROM refresh_tokens t JOIN sessions s ON s.id = t.session_id
    WHERE t.hash = $1 AND s.ended_at IS NULL AND s.expires_at > $2";
const CHILDREN: &str = "SELECT used_at FROM refresh_tokens WHERE parent = $1";
const USE: &str = "UPDATE refresh_tokens SET used_at = $2 WHERE hash = $1";
const USE_SIBLINGS: &str =
    "UPDATE refresh_tokens SET used_at = $3 WHERE parent = $1 AND hash <> $2 AND used_at IS NULL";
const SEEN: &str = "UPDATE sessions SET seen_at = $2, expires_at = $3 WHERE id = $1";
const FORGET_TOKENS: &str = "DELETE FROM refresh_tokens WHERE session_id = $1 AND used_at < $2";
const FORGET_SESSIONS: &str = "DELETE FROM sessions WHERE account_id = $1 AND (ended_at < $2 OR expires_at < $2)";
const END: &str = "UPDATE sessions SET ended_at = $3 WHERE id = $1 AND account_id = $2 AND ended_at IS NULL";
const END_OTHERS: &str = "UPDATE sessions SET ended_at = $3
    WHERE account_id = $1 AND id <> $2 AND ended_at IS NULL RETURNING id";
const END_ALL: &str = "UPDATE sessions SET ended_at = $2 WHERE account_id = $1 AND ended_at IS NULL RETURNING id";
const END_SURPLUS: &str = "UPDATE sessions SET ended_at = $2 WHERE id IN
    (SELECT id FROM sessions WHERE account_id = $1 AND ended_at IS NULL ORDER BY seen_at DESC, id DESC
        LIMIT 1000 OFFSET 100)
    RETURNING id";
const MOVE: &str = "INSERT INTO sessions (id, account_id, device, created_at, seen_at, expires_at)
    SELECT $2, account_id, device, created_at, seen_at, expires_at FROM sessions WHERE id = $1 AND ended_at IS NULL";
const MOVE_TOKENS: &str = "UPDATE refresh_tokens SET session_id = $2 WHERE session_id = $1";
const SESSION_OF: &str = "SELECT s.id, s.account_id
    FROM refresh_tokens t JOIN sessions s ON s.id = t.session_id WHERE t.hash = $1";
const EXISTS: &str = "SELECT id FROM sessions WHERE id = $1 AND account_id = $2";

/// A session that begins.
#[derive(Debug, Clone)]
pub(crate) struct NewSession {
    pub(crate) id: Uuid,
    pub(crate) account: Uuid,
    pub(crate) device: DeviceName,
    pub(crate) now: Timestamp,
    pub(crate) expires_at: Timestamp,
    /// The hash of its first refresh token.
    pub(crate) token: String,
}

/// A refresh token that somebody presents, of a session that is live.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoredToken {
    pub(crate) session: Uuid,
    pub(crate) account: Uuid,
    pub(crate) parent: Option<String>,
    pub(crate) used_at: Option<Timestamp>,
    pub(crate) session_began_at: Timestamp,
}

/// Adds a session with its first token, ends the longest unseen ones beyond a hundred, and forgets those that ended before
/// `forget`. Gives back those that it ended.
pub(crate) async fn insert(tx: &Transaction, it: &NewSession, forget: Timestamp) -> Result<Vec<Uuid>, DbError> {
    let now = it.now.as_millis();
    let account = it.account;
    tx.execute(FORGET_SESSIONS, [account.into(), forget.as_millis().into()]).await?;
    let params =
        [it.id.into(), account.into(), it.device.as_str().into(), now.into(), it.expires_at.as_millis().into()];
    tx.execute(INSERT, params).await?;
    insert_token(tx, it.id, None, &it.token, it.now).await?;
    ids(&tx.query(END_SURPLUS, [account.into(), now.into()]).await?)
}

/// Adds a token that was given for `parent`.
pub(crate) async fn insert_token(
    tx: &Transaction,
    session: Uuid,
    parent: Option<&str>,
    hash: &str,
    now: Timestamp,
) -> Result<(), DbError> {
    tx.execute(INSERT_TOKEN, [hash.into(), session.into(), parent.into(), now.as_millis().into()]).await.map(drop)
}

/// Whether this session of that account may be refreshed.
pub(crate) async fn is_live(on: impl Into<On<'_>>, id: Uuid, account: Uuid, now: Timestamp) -> Result<bool, DbError> {
    let on = on.into();
    Ok(on.query_one(IS_LIVE, [id.into(), account.into(), now.as_millis().into()]).await?.is_some())
}

/// Whether the account has had this session, live or not.
pub(crate) async fn exists(on: impl Into<On<'_>>, id: Uuid, account: Uuid) -> Result<bool, DbError> {
    let on = on.into();
    Ok(on.query_one(EXISTS, [id.into(), account.into()]).await?.is_some())
}

/// The sessions of an account that are live, the last seen first.
pub(crate) async fn live(on: impl Into<On<'_>>, account: Uuid, now: Timestamp) -> Result<Vec<Session>, DbError> {
    let on = on.into();
    let rows = on.query(LIVE, [account.into(), now.as_millis().into()]).await?;
    rows.iter()
        .map(|row| {
            Ok(Session {
                id: row.get("id")?,
                device: DeviceName::of(&row.get::<String>("device")?),
                created_at: Timestamp::from_millis(row.get("created_at")?),
                seen_at: Timestamp::from_millis(row.get("seen_at")?),
            })
        })
        .collect()
}

/// The refresh token of this hash, unless its session has ended.
pub(crate) async fn token(tx: &Transaction, hash: &str, now: Timestamp) -> Result<Option<StoredToken>, DbError> {
    let Some(row) = tx.query_one(TOKEN, [hash.into(), now.as_millis().into()]).await? else { return Ok(None) };
    Ok(Some(StoredToken {
        session: row.get("session_id")?,
        account: row.get("account_id")?,
        parent: row.get("parent")?,
        used_at: moment(&row, "used_at")?,
        session_began_at: Timestamp::from_millis(row.get("created_at")?),
    }))
}

/// The session of a refresh token, and its account, whether they are live or not.
pub(crate) async fn session_of(tx: &Transaction, hash: &str) -> Result<Option<(Uuid, Uuid)>, DbError> {
    let row = tx.query_one(SESSION_OF, [hash.into()]).await?;
    row.map(|row| Ok((row.get("id")?, row.get("account_id")?))).transpose()
}

/// Of each token that was given for this one, when it was used.
pub(crate) async fn children(tx: &Transaction, hash: &str) -> Result<Vec<Option<Timestamp>>, DbError> {
    tx.query(CHILDREN, [hash.into()]).await?.iter().map(|row| moment(row, "used_at")).collect()
}

/// Notes that a token is used, and that its sibling is of no use any more.
pub(crate) async fn use_token(
    tx: &Transaction,
    hash: &str,
    parent: Option<&str>,
    now: Timestamp,
) -> Result<(), DbError> {
    tx.execute(USE, [hash.into(), now.as_millis().into()]).await?;
    if let Some(parent) = parent {
        tx.execute(USE_SIBLINGS, [parent.into(), hash.into(), now.as_millis().into()]).await?;
    }
    Ok(())
}

/// Notes that a session was seen, and forgets its tokens that were used before `forget`.
pub(crate) async fn seen(
    tx: &Transaction,
    id: Uuid,
    now: Timestamp,
    expires_at: Timestamp,
    forget: Timestamp,
) -> Result<(), DbError> {
    tx.execute(SEEN, [id.into(), now.as_millis().into(), expires_at.as_millis().into()]).await?;
    tx.execute(FORGET_TOKENS, [id.into(), forget.as_millis().into()]).await.map(drop)
}

/// Ends a session of an account. Says whether it was live.
pub(crate) async fn end(tx: &Transaction, id: Uuid, account: Uuid, now: Timestamp) -> Result<bool, DbError> {
    Ok(tx.execute(END, [id.into(), account.into(), now.as_millis().into()]).await? == 1)
}

/// Ends the sessions of an account, all but one. Gives back those that it ended.
pub(crate) async fn end_others(
    tx: &Transaction,
    account: Uuid,
    but: Uuid,
    now: Timestamp,
) -> Result<Vec<Uuid>, DbError> {
    ids(&tx.query(END_OTHERS, [account.into(), but.into(), now.as_millis().into()]).await?)
}

/// Ends all sessions of an account. Gives back those that it ended.
pub(crate) async fn end_all(tx: &Transaction, account: Uuid, now: Timestamp) -> Result<Vec<Uuid>, DbError> {
    ids(&tx.query(END_ALL, [account.into(), now.as_millis().into()]).await?)
}

/// Ends a session of an account, and has all its refresh tokens go on with one of another id.
pub(crate) async fn renew(tx: &Transaction, id: Uuid, to: Uuid, account: Uuid, now: Timestamp) -> Result<(), DbError> {
    if tx.execute(MOVE, [id.into(), to.into()]).await? == 1 {
        tx.execute(MOVE_TOKENS, [id.into(), to.into()]).await?;
        end(tx, id, account, now).await?;
    }
    Ok(())
}

fn ids(rows: &[Row]) -> Result<Vec<Uuid>, DbError> {
    rows.iter().map(|row| row.get("id")).collect()
}

fn moment(row: &Row, name: &str) -> Result<Option<Timestamp>, DbError> {
    Ok(row.get::<Option<i64>>(name)?.map(Timestamp::from_millis))
}
