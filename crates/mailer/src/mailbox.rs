//! A mailbox that nobody's mail leaves: for development and tests.

use crate::{Mail, MailError, Mailer};
use futures::future::{BoxFuture, FutureExt};
use serde::Serialize;
use std::{sync::Arc, time::Duration};
use uuid::Uuid;
use vitrine_clock::{Clock, Timestamp};
use vitrine_db::{Db, DbError};

/// The table of the mailbox. A service makes it one of its own migrations.
pub const MAILBOX_SQL: &str = include_str!("../migrations/mailbox.sql");

/// How long a mail stays.
const KEPT: Duration = Duration::from_secs(7 * 24 * 60 * 60);

const PUT: &str = "INSERT INTO mailbox (id, recipient, subject, text, received_at) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (id) DO UPDATE SET text = excluded.text, received_at = excluded.received_at";
const FORGET: &str = "DELETE FROM mailbox WHERE received_at < $1";
const LATEST: &str =
    "SELECT id, recipient, subject, text, received_at FROM mailbox ORDER BY received_at DESC, id DESC LIMIT $1";
const LATEST_TO: &str = "SELECT id, recipient, subject, text, received_at FROM mailbox
    WHERE recipient = $1 ORDER BY received_at DESC, id DESC LIMIT $2";

/// A mail in the mailbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Received {
    /// The mail's.
    pub id: Uuid,
    /// The address of the recipient.
    pub to: String,
    /// One line.
    pub subject: String,
    /// The text.
    pub text: String,
    /// When it came.
    pub received_at: Timestamp,
}

/// A mailbox in a table. Clones are the same one.
#[derive(Debug, Clone)]
pub struct Mailbox {
    db: Db,
    clock: Arc<dyn Clock>,
}

impl Mailbox {
    /// The mailbox whose table ([`MAILBOX_SQL`]) is in `db`.
    pub fn new(db: Db, clock: Arc<dyn Clock>) -> Self {
        Self { db, clock }
    }

    /// At most `limit` mails, to one address or to all, the last one first.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn latest(&self, to: Option<&str>, limit: u32) -> Result<Vec<Received>, DbError> {
        let rows = match to {
            Some(to) => self.db.query(LATEST_TO, [to.into(), limit.into()]).await?,
            None => self.db.query(LATEST, [limit.into()]).await?,
        };
        rows.iter()
            .map(|row| {
                Ok(Received {
                    id: row.get("id")?,
                    to: row.get("recipient")?,
                    subject: row.get("subject")?,
                    text: row.get("text")?,
                    received_at: Timestamp::from_millis(row.get("received_at")?),
                })
            })
            .collect()
    }

    async fn put(&self, mail: &Mail) -> Result<(), DbError> {
        let now = self.clock.now();
        self.db.execute(FORGET, [(now - KEPT).as_millis().into()]).await?;
        let params = [
            mail.id.into(),
            mail.to.as_str().into(),
            mail.subject.as_str().into(),
            mail.text.as_str().into(),
            now.as_millis().into(),
        ];
        self.db.execute(PUT, params).await.map(drop)
    }
}

impl Mailer for Mailbox {
    fn send<'a>(&'a self, mail: &'a Mail) -> BoxFuture<'a, Result<(), MailError>> {
        async move { self.put(mail).await.map_err(|error| MailError::Later(error.to_string())) }.boxed()
    }
}
