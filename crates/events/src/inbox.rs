//! The inbox: which events have taken effect here.

use crate::{event::column, pruning::Pruning, statement::Statement};
use std::{collections::BTreeSet, sync::Arc, time::Duration};
use uuid::Uuid;
use vitrine_clock::{Clock, Timestamp};
use vitrine_db::{Db, DbError, Transaction};

/// The table of the inbox. A service makes it one of its own migrations.
pub const INBOX_SQL: &str = include_str!("../sql/inbox.sql");

/// How long an event is remembered: longer than any outbox keeps one that it might deliver again.
const REMEMBERED: Duration = Duration::from_secs(90 * 24 * 3600);

/// How often an instance looks for what is old, when the last look found little.
const EVERY: Duration = Duration::from_secs(600);

/// Rows that one look takes away at most.
const AT_ONCE: u32 = 5000;

const CHUNK: usize = 250;

/// The inbox of one consumer. Clones are the same one.
#[derive(Debug, Clone)]
pub struct Inbox {
    clock: Arc<dyn Clock>,
    pruning: Arc<Pruning>,
}

impl Inbox {
    /// The inbox whose table ([`INBOX_SQL`]) is where the transactions are that it is given.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, pruning: Arc::default() }
    }

    /// Records an event in the transaction of its effect. False if it has taken effect before: then there is nothing to
    /// do.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn first(&self, tx: &Transaction, event: Uuid) -> Result<bool, DbError> {
        Ok(!self.first_of(tx, &[event]).await?.is_empty())
    }

    /// Records events in the transaction of their effect, and gives back those that have not taken effect before.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn first_of(&self, tx: &Transaction, events: &[Uuid]) -> Result<BTreeSet<Uuid>, DbError> {
        let now = self.clock.now().as_millis();
        let mut first = BTreeSet::new();
        for events in events.chunks(CHUNK) {
            let insert = Statement::new("INSERT INTO inbox (event_id, received_at) VALUES ")
                .each(", ", events, |it, event| it.list([(*event).into(), now.into()]))
                .text(" ON CONFLICT (event_id) DO NOTHING RETURNING event_id");
            first.extend(column::<Uuid>(&tx.query(&insert.sql, insert.params).await?, "event_id")?);
        }
        Ok(first)
    }

    /// Forgets, now and then, events that nobody delivers any more: a batch of them, and the next one at the next call as
    /// long as batches are full. What fails is tried again at the next time.
    pub async fn prune_in_time(&self, db: &Db) {
        let now = self.clock.now();
        self.pruning.in_time(now, EVERY, AT_ONCE.into(), prune(db, now - REMEMBERED)).await;
    }
}

async fn prune(db: &Db, before: Timestamp) -> Result<u64, DbError> {
    let sql = "DELETE FROM inbox WHERE event_id IN
        (SELECT event_id FROM inbox WHERE received_at < $1 ORDER BY received_at LIMIT $2)";
    db.execute(sql, [before.as_millis().into(), AT_ONCE.into()]).await
}
