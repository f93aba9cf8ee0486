//! Every SQL statement of auth.

use crate::{Account, Email, Field, Handle, Login};
use vitrine_clock::Timestamp;
use vitrine_db::{Db, DbError, Migration, Row};

/// The schema.
pub const MIGRATIONS: &[Migration] =
    &[Migration { version: 1, name: "accounts", sql: include_str!("../migrations/0001_accounts.sql") }];

const BY_ID: &str = "SELECT * FROM accounts WHERE id = $1";
const BY_EMAIL: &str = "SELECT * FROM accounts WHERE email_key = $1";
const BY_HANDLE: &str = "SELECT * FROM accounts WHERE handle = $1";
const TAKEN: &str = "SELECT email_key, handle FROM accounts WHERE email_key = $1 OR handle = $2 LIMIT 2";
const INSERT: &str = "INSERT INTO accounts
    (id, handle, email, email_key, email_verified, display_name, bio, roles, password_hash, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING";

/// The accounts.
#[derive(Debug, Clone)]
pub struct Store {
    db: Db,
}

impl Store {
    /// The accounts in `db`, whose migrations were applied.
    #[must_use]
    pub fn new(db: Db) -> Self {
        Self { db }
    }

    /// The account of this id.
    pub(crate) async fn find(&self, id: uuid::Uuid) -> Result<Option<Account>, DbError> {
        self.db.query_one(BY_ID, [id.into()]).await?.map(|row| account(&row)).transpose()
    }

    /// The account that logs in so, and the hash of its password.
    pub(crate) async fn find_login(&self, login: &Login) -> Result<Option<(Account, String)>, DbError> {
        let row = match login {
            Login::Email(email) => self.db.query_one(BY_EMAIL, [email.key().into()]).await?,
            Login::Handle(handle) => self.db.query_one(BY_HANDLE, [handle.as_str().into()]).await?,
        };
        row.map(|row| Ok((account(&row)?, row.get("password_hash")?))).transpose()
    }

    /// Which of the two another account has; the address if it is both.
    pub(crate) async fn taken(&self, email: &Email, handle: &Handle) -> Result<Option<Field>, DbError> {
        let rows = self.db.query(TAKEN, [email.key().into(), handle.as_str().into()]).await?;
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
    pub(crate) async fn insert(&self, account: &Account, password_hash: &str) -> Result<bool, DbError> {
        let params = [
            account.id.into(),
            account.handle.as_str().into(),
            account.email.as_str().into(),
            account.email.key().into(),
            account.email_verified.into(),
            account.display_name.as_str().into(),
            account.bio.as_str().into(),
            roles_to_text(&account.roles).into(),
            password_hash.into(),
            account.created_at.as_millis().into(),
        ];
        Ok(self.db.execute(INSERT, params).await? == 1)
    }
}

fn account(row: &Row) -> Result<Account, DbError> {
    Ok(Account {
        id: row.get("id")?,
        handle: checked(row, "handle", |text| Handle::parse(text).ok())?,
        email: checked(row, "email", |text| Email::parse(text).ok())?,
        email_verified: row.get("email_verified")?,
        display_name: row.get("display_name")?,
        bio: row.get("bio")?,
        roles: checked(row, "roles", |text| serde_json::from_str(text).ok())?,
        created_at: Timestamp::from_millis(row.get("created_at")?),
    })
}

/// A text column that is read as one of the model's types.
fn checked<T>(row: &Row, name: &str, parse: impl Fn(&str) -> Option<T>) -> Result<T, DbError> {
    parse(&row.get::<String>(name)?)
        .ok_or_else(|| DbError::Column { name: name.to_owned(), reason: "its text is not valid".to_owned() })
}

fn roles_to_text(roles: &[String]) -> String {
    serde_json::Value::from(roles).to_string()
}
