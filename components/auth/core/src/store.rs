//! Every SQL statement of auth, by table.

pub(crate) mod accounts;
pub(crate) mod api_keys;
pub(crate) mod audit;
pub(crate) mod closing;
pub(crate) mod devices;
pub(crate) mod mails;
pub(crate) mod passkeys;
pub(crate) mod sessions;
pub(crate) mod totp;

use vitrine_db::{Db, DbError, Migration, Row, Transaction, Value};
use vitrine_events::OUTBOX_SQL;
use vitrine_mailer::MAILBOX_SQL;

/// The schema.
pub const MIGRATIONS: &[Migration] = &[
    Migration { version: 1, name: "accounts", sql: include_str!("../migrations/0001_accounts.sql") },
    Migration { version: 2, name: "sessions", sql: include_str!("../migrations/0002_sessions.sql") },
    Migration { version: 3, name: "mail", sql: include_str!("../migrations/0003_mail.sql") },
    Migration { version: 4, name: "mailbox", sql: MAILBOX_SQL },
    Migration { version: 5, name: "second factors", sql: include_str!("../migrations/0005_second_factors.sql") },
    Migration { version: 6, name: "API keys", sql: include_str!("../migrations/0006_api_keys.sql") },
    Migration { version: 7, name: "audit", sql: include_str!("../migrations/0007_audit.sql") },
    Migration { version: 8, name: "outbox", sql: OUTBOX_SQL },
    Migration { version: 9, name: "closing", sql: include_str!("../migrations/0009_closing.sql") },
    Migration { version: 10, name: "passkeys", sql: include_str!("../migrations/0010_passkeys.sql") },
];

/// Where a statement runs: by itself, or in a transaction.
#[derive(Debug, Clone, Copy)]
pub(crate) enum On<'a> {
    Db(&'a Db),
    Tx(&'a Transaction),
}

impl<'a> From<&'a Db> for On<'a> {
    fn from(db: &'a Db) -> Self {
        Self::Db(db)
    }
}

impl<'a> From<&'a Transaction> for On<'a> {
    fn from(tx: &'a Transaction) -> Self {
        Self::Tx(tx)
    }
}

impl On<'_> {
    async fn query<const N: usize>(self, sql: &str, params: [Value; N]) -> Result<Vec<Row>, DbError> {
        match self {
            Self::Db(db) => db.query(sql, params).await,
            Self::Tx(tx) => tx.query(sql, params).await,
        }
    }

    async fn query_one<const N: usize>(self, sql: &str, params: [Value; N]) -> Result<Option<Row>, DbError> {
        Ok(self.query(sql, params).await?.into_iter().next())
    }
}

/// A text column that is read as one of the model's types.
fn checked<T>(row: &Row, name: &str, parse: impl Fn(&str) -> Option<T>) -> Result<T, DbError> {
    parse(&row.get::<String>(name)?)
        .ok_or_else(|| DbError::Column { name: name.to_owned(), reason: "its text is not valid".to_owned() })
}

/// A column of bytes that is read as one of the model's types.
fn checked_blob<T>(row: &Row, name: &str, read: impl Fn(&[u8]) -> Option<T>) -> Result<T, DbError> {
    read(&row.get::<Vec<u8>>(name)?)
        .ok_or_else(|| DbError::Column { name: name.to_owned(), reason: "its bytes are not valid".to_owned() })
}
