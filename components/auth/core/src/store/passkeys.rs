//! Passkeys, and challenges that wait for an answer.

use super::On;
use crate::{KeyName, Passkey, passkeys::Credential};
use uuid::Uuid;
use vitrine_clock::Timestamp;
use vitrine_db::{Db, DbError, Row, Transaction, Value};

const COUNT: &str = "SELECT COUNT(*) AS total FROM passkeys WHERE account_id = $1";
const INSERT: &str = "INSERT INTO passkeys
    (id, account_id, name, credential_id, transports, static_state, dynamic_state, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (credential_id) DO NOTHING";
const OF_ACCOUNT: &str =
    "SELECT id, name, created_at, used_at FROM passkeys WHERE account_id = $1 ORDER BY id DESC LIMIT 100";
const CREDENTIALS: &str = "SELECT credential_id, transports, static_state, dynamic_state FROM passkeys
    WHERE account_id = $1 ORDER BY id LIMIT 100";
const BY_CREDENTIAL: &str = "SELECT id, account_id, credential_id, transports, static_state, dynamic_state
    FROM passkeys WHERE credential_id = $1";
const USED: &str = "UPDATE passkeys SET dynamic_state = $2, used_at = $3 WHERE id = $1";
const REMOVE: &str = "DELETE FROM passkeys WHERE id = $1 AND account_id = $2 RETURNING name";
const REMOVE_ALL: &str = "DELETE FROM passkeys WHERE account_id = $1 RETURNING name";
const ASK: &str = "INSERT INTO passkey_challenges (challenge, account_id, session_id, state, expires_at)
    VALUES ($1, $2, $3, $4, $5)";
const FORGET: &str = "DELETE FROM passkey_challenges WHERE expires_at <= $1";
const FORGET_ASKED: &str = "DELETE FROM passkey_challenges WHERE account_id = $1";
const TAKE: &str = "DELETE FROM passkey_challenges WHERE challenge = $1
    RETURNING account_id, session_id, state, expires_at";

/// How many passkeys an account has.
pub(crate) async fn count(tx: &Transaction, account: Uuid) -> Result<u64, DbError> {
    let row = tx.query_one(COUNT, [account.into()]).await?;
    row.map_or(Ok(0), |row| row.get("total"))
}

/// Keeps a new passkey. False if there is one of that credential.
pub(crate) async fn insert(
    tx: &Transaction,
    account: Uuid,
    passkey: &Passkey,
    credential: &Credential,
) -> Result<bool, DbError> {
    let params = [
        passkey.id.into(),
        account.into(),
        passkey.name.as_str().into(),
        credential.id.as_slice().into(),
        i64::from(credential.transports).into(),
        credential.static_state.as_slice().into(),
        credential.dynamic_state.as_slice().into(),
        passkey.created_at.as_millis().into(),
    ];
    Ok(tx.execute(INSERT, params).await? == 1)
}

/// The passkeys of an account, the newest first.
pub(crate) async fn of_account(on: impl Into<On<'_>>, account: Uuid) -> Result<Vec<Passkey>, DbError> {
    let on = on.into();
    let rows = on.query(OF_ACCOUNT, [account.into()]).await?;
    rows.iter()
        .map(|row| {
            Ok(Passkey {
                id: row.get("id")?,
                name: KeyName::stored(row.get("name")?),
                created_at: Timestamp::from_millis(row.get("created_at")?),
                used_at: row.get::<Option<i64>>("used_at")?.map(Timestamp::from_millis),
            })
        })
        .collect()
}

/// What the passkeys of an account are to their authenticators.
pub(crate) async fn credentials(tx: &Transaction, account: Uuid) -> Result<Vec<Credential>, DbError> {
    tx.query(CREDENTIALS, [account.into()]).await?.iter().map(credential).collect()
}

/// The passkey of a credential, with its account.
pub(crate) async fn find(tx: &Transaction, id: &[u8]) -> Result<Option<(Uuid, Uuid, Credential)>, DbError> {
    let Some(row) = tx.query_one(BY_CREDENTIAL, [id.into()]).await? else { return Ok(None) };
    Ok(Some((row.get("id")?, row.get("account_id")?, credential(&row)?)))
}

/// Notes what a passkey has become by being used.
pub(crate) async fn used(tx: &Transaction, id: Uuid, dynamic_state: &[u8], now: Timestamp) -> Result<(), DbError> {
    tx.execute(USED, [id.into(), dynamic_state.into(), now.as_millis().into()]).await.map(drop)
}

/// Forgets a passkey of an account. Gives back its name.
pub(crate) async fn remove(tx: &Transaction, id: Uuid, account: Uuid) -> Result<Option<String>, DbError> {
    tx.query_one(REMOVE, [id.into(), account.into()]).await?.map(|row| row.get("name")).transpose()
}

/// Forgets all passkeys of an account, and what it was asked to add. Gives back their names.
pub(crate) async fn remove_all(tx: &Transaction, account: Uuid) -> Result<Vec<String>, DbError> {
    tx.execute(FORGET_ASKED, [account.into()]).await?;
    tx.query(REMOVE_ALL, [account.into()]).await?.iter().map(|row| row.get("name")).collect()
}

/// A challenge that waits for an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asked {
    /// Who adds a passkey, in which session; nobody for a login.
    pub(crate) by: Option<(Uuid, Uuid)>,
    pub(crate) state: Vec<u8>,
    pub(crate) expires_at: Timestamp,
}

impl Asked {
    fn params(&self, challenge: &str) -> [Value; 5] {
        let (account, session) = self.by.unzip();
        [
            challenge.into(),
            account.into(),
            session.into(),
            self.state.as_slice().into(),
            self.expires_at.as_millis().into(),
        ]
    }
}

/// Keeps a challenge of who adds a passkey, who has one at a time.
pub(crate) async fn ask(tx: &Transaction, challenge: &str, asked: &Asked) -> Result<(), DbError> {
    if let Some((account, _)) = asked.by {
        tx.execute(FORGET_ASKED, [account.into()]).await?;
    }
    tx.execute(ASK, asked.params(challenge)).await.map(drop)
}

/// Keeps a challenge of a login.
pub(crate) async fn ask_anybody(db: &Db, challenge: &str, asked: &Asked) -> Result<(), DbError> {
    db.execute(ASK, asked.params(challenge)).await.map(drop)
}

/// Forgets the challenges that have expired.
pub(crate) async fn forget_expired(db: &Db, now: Timestamp) -> Result<(), DbError> {
    db.execute(FORGET, [now.as_millis().into()]).await.map(drop)
}

/// Takes a challenge away, so that it is answered once.
pub(crate) async fn take(tx: &Transaction, challenge: &str) -> Result<Option<Asked>, DbError> {
    let Some(row) = tx.query_one(TAKE, [challenge.into()]).await? else { return Ok(None) };
    let by = row.get::<Option<Uuid>>("account_id")?.zip(row.get("session_id")?);
    let expires_at = Timestamp::from_millis(row.get("expires_at")?);
    Ok(Some(Asked { by, state: row.get("state")?, expires_at }))
}

fn credential(row: &Row) -> Result<Credential, DbError> {
    let transports = row.get::<i64>("transports")?;
    Ok(Credential {
        id: row.get("credential_id")?,
        transports: u8::try_from(transports).unwrap_or(0),
        static_state: row.get("static_state")?,
        dynamic_state: row.get("dynamic_state")?,
    })
}
