//! Accounts.

use super::{On, checked};
use crate::{Account, Bio, DisplayName, Email, Field, Handle, Login, Role};
use uuid::Uuid;
use vitrine_clock::Timestamp;
use vitrine_db::{DbError, Row, Transaction};

const BY_ID: &str = "SELECT * FROM accounts WHERE id = $1";
const BY_EMAIL: &str = "SELECT * FROM accounts WHERE email_key = $1";
const BY_HANDLE: &str = "SELECT * FROM accounts WHERE handle = $1";
const TAKEN: &str = "SELECT email_key, handle FROM accounts WHERE email_key = $1 OR handle = $2 LIMIT 2";
const INSERT: &str = "INSERT INTO accounts
    (id, handle, email, email_key, email_verified, display_name, bio, roles, password_hash, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING";
const SET_PROFILE: &str = "UPDATE accounts SET display_name = $2, bio = $3 WHERE id = $1";
const SET_PASSWORD: &str = "UPDATE accounts SET password_hash = $2 WHERE id = $1";
const SET_VERIFIED: &str = "UPDATE accounts SET email_verified = 1 WHERE id = $1";
const SET_ROLES: &str = "UPDATE accounts SET roles = $2 WHERE id = $1";
const ANY_WITH_ROLE: &str = "SELECT id FROM accounts WHERE roles LIKE $1 LIMIT 1";
const DELETE: &str = "DELETE FROM accounts WHERE id = $1";
const REPLACE_PASSWORD: &str = "UPDATE accounts SET password_hash = $2 WHERE id = $1 AND password_hash = $3";

/// The account of this id.
pub(crate) async fn find(on: impl Into<On<'_>>, id: Uuid) -> Result<Option<Account>, DbError> {
    let on = on.into();
    on.query_one(BY_ID, [id.into()]).await?.map(|row| account(&row)).transpose()
}

/// The account of this id, and the hash of its password.
pub(crate) async fn with_hash(on: impl Into<On<'_>>, id: Uuid) -> Result<Option<(Account, String)>, DbError> {
    let on = on.into();
    on.query_one(BY_ID, [id.into()]).await?.map(|row| Ok((account(&row)?, row.get("password_hash")?))).transpose()
}

/// The account of this handle.
pub(crate) async fn by_handle(on: impl Into<On<'_>>, handle: &Handle) -> Result<Option<Account>, DbError> {
    let on = on.into();
    on.query_one(BY_HANDLE, [handle.as_str().into()]).await?.map(|row| account(&row)).transpose()
}

/// The account that logs in so, and the hash of its password.
pub(crate) async fn by_login(on: impl Into<On<'_>>, login: &Login) -> Result<Option<(Account, String)>, DbError> {
    let on = on.into();
    let row = match login {
        Login::Email(email) => on.query_one(BY_EMAIL, [email.key().into()]).await?,
        Login::Handle(handle) => on.query_one(BY_HANDLE, [handle.as_str().into()]).await?,
    };
    row.map(|row| Ok((account(&row)?, row.get("password_hash")?))).transpose()
}

/// The account whose address has this key.
pub(crate) async fn by_email_key(on: impl Into<On<'_>>, key: &str) -> Result<Option<Account>, DbError> {
    let on = on.into();
    on.query_one(BY_EMAIL, [key.into()]).await?.map(|row| account(&row)).transpose()
}

/// Which of the two another account has; the address if it is both.
pub(crate) async fn taken(on: impl Into<On<'_>>, email: &Email, handle: &Handle) -> Result<Option<Field>, DbError> {
    let on = on.into();
    let rows = on.query(TAKEN, [email.key().into(), handle.as_str().into()]).await?;
    let mut taken = None;
    for row in rows {
        if row.get::<String>("email_key")? == email.key() {
            return Ok(Some(Field::Email));
        }
        taken = Some(Field::Handle);
    }
    Ok(taken)
}

/// Adds `account`, unless its address or its handle is taken. Says whether it was added.
pub(crate) async fn insert(tx: &Transaction, account: &Account, password_hash: &str) -> Result<bool, DbError> {
    let params = [
        account.id.into(),
        account.handle.as_str().into(),
        account.email.as_str().into(),
        account.email.key().into(),
        account.email_verified.into(),
        account.display_name.as_str().into(),
        account.bio.as_str().into(),
        Role::to_json(&account.roles).into(),
        password_hash.into(),
        account.created_at.as_millis().into(),
    ];
    Ok(tx.execute(INSERT, params).await? == 1)
}

/// Keeps what the account says about itself.
pub(crate) async fn set_profile(tx: &Transaction, account: &Account) -> Result<(), DbError> {
    let params = [account.id.into(), account.display_name.as_str().into(), account.bio.as_str().into()];
    tx.execute(SET_PROFILE, params).await.map(drop)
}

/// Keeps the hash of another password.
pub(crate) async fn set_password(tx: &Transaction, account: Uuid, hash: &str) -> Result<(), DbError> {
    tx.execute(SET_PASSWORD, [account.into(), hash.into()]).await.map(drop)
}

/// Keeps another hash of the same password, unless the password was changed meanwhile.
pub(crate) async fn replace_hash(tx: &Transaction, account: Uuid, old: &str, new: &str) -> Result<(), DbError> {
    tx.execute(REPLACE_PASSWORD, [account.into(), new.into(), old.into()]).await.map(drop)
}

/// Notes that the address was shown to be the account's own.
pub(crate) async fn set_verified(tx: &Transaction, account: Uuid) -> Result<(), DbError> {
    tx.execute(SET_VERIFIED, [account.into()]).await.map(drop)
}

/// Keeps other roles.
pub(crate) async fn set_roles(tx: &Transaction, account: Uuid, roles: &[Role]) -> Result<(), DbError> {
    tx.execute(SET_ROLES, [account.into(), Role::to_json(roles).into()]).await.map(drop)
}

/// Forgets an account, and all that refers to it.
pub(crate) async fn delete(tx: &Transaction, account: Uuid) -> Result<(), DbError> {
    tx.execute(DELETE, [account.into()]).await.map(drop)
}

/// Whether there is an admin.
pub(crate) async fn any_admin(tx: &Transaction) -> Result<bool, DbError> {
    let word = format!("%\"{}\"%", Role::Admin.as_str());
    Ok(tx.query_one(ANY_WITH_ROLE, [word.into()]).await?.is_some())
}

fn account(row: &Row) -> Result<Account, DbError> {
    Ok(Account {
        id: row.get("id")?,
        handle: Handle::stored(row.get("handle")?),
        email: Email::stored(row.get("email")?),
        email_verified: row.get("email_verified")?,
        display_name: DisplayName::stored(row.get("display_name")?),
        bio: Bio::stored(row.get("bio")?),
        roles: checked(row, "roles", Role::from_json)?,
        totp_enabled: row.get("totp_enabled")?,
        created_at: Timestamp::from_millis(row.get("created_at")?),
    })
}
