//! The outbox: events that wait to be delivered, each delivery with its lease, its tries and what became of it.
//!
//! **Isolation.** All that can be one statement is one, outside any transaction, with a condition that makes it right
//! whatever runs beside it. A claim counts leases and takes further ones in one transaction, so that claimers, who keep a
//! bound together, exclude each other; appenders and acknowledgements never meet it. On PostgreSQL this keeps claims out of
//! the serialisation failures of a busy service. What a service does about the end of a delivery ([`Hooks`]) is done in
//! the transaction that records the end.

mod backoff;
mod claim;
mod dead;
mod prune;
mod route;
mod settle;
mod stats;

pub use prune::RETENTION;
pub use settle::LAST_TRY_LOST;

use crate::{Event, event::column, pruning::Pruning, statement::Statement};
use futures::future::{self, BoxFuture, FutureExt};
use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex},
};
use uuid::Uuid;
use vitrine_clock::{Clock, Timestamp};
use vitrine_db::{Db, DbError, Row, Transaction};
use vitrine_random::Random;

/// The tables of the outbox. A service makes it one of its own migrations.
pub const OUTBOX_SQL: &str = include_str!("../sql/outbox.sql");

/// Tries of one delivery before it is given up.
pub const TRIES: u32 = 10;

/// Rows that one statement is about at most; far from the limit of parameters of both databases.
const CHUNK: usize = 250;

/// What a service does when a delivery ends, or begins anew, in the transaction that records it. A transaction that loses
/// against a concurrent one runs again from the start, and so does what is done here.
pub trait Hooks: fmt::Debug + Send + Sync + 'static {
    /// Whether an event that the consumer has acknowledged is really done; if not, says why, and the try has failed.
    fn delivered<'a>(
        &'a self,
        tx: &'a Transaction,
        event: Uuid,
        consumer: &'a str,
    ) -> BoxFuture<'a, Result<Result<(), String>, DbError>> {
        let _ = (tx, event, consumer);
        future::ready(Ok(Ok(()))).boxed()
    }

    /// A delivery is given up.
    fn dead<'a>(&'a self, tx: &'a Transaction, event: Uuid, consumer: &'a str) -> BoxFuture<'a, Result<(), DbError>> {
        let _ = (tx, event, consumer);
        future::ready(Ok(())).boxed()
    }

    /// A delivery that was given up is due again, with all its tries: what [`Hooks::dead`] did about it no longer holds.
    /// Called once for each delivery that is replayed; an error takes the whole replay back.
    fn replayed<'a>(
        &'a self,
        tx: &'a Transaction,
        event: Uuid,
        consumer: &'a str,
    ) -> BoxFuture<'a, Result<(), DbError>> {
        let _ = (tx, event, consumer);
        future::ready(Ok(())).boxed()
    }
}

/// The outbox of one service. Clones are the same one.
#[derive(Debug, Clone)]
pub struct Outbox(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    db: Db,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    hooks: Option<Arc<dyn Hooks>>,
    /// Who was recorded as consumer of which type by this instance, and when.
    named: Mutex<BTreeMap<(String, String), Timestamp>>,
    /// When this instance looks for what is old next.
    pruning: Pruning,
}

impl Outbox {
    /// The outbox whose tables ([`OUTBOX_SQL`]) are in `db`.
    pub fn new(db: Db, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        Self::make(db, clock, random, None)
    }

    /// An outbox whose service has something to do when a delivery ends or begins anew.
    pub fn with_hooks(db: Db, clock: Arc<dyn Clock>, random: Arc<dyn Random>, hooks: Arc<dyn Hooks>) -> Self {
        Self::make(db, clock, random, Some(hooks))
    }

    fn make(db: Db, clock: Arc<dyn Clock>, random: Arc<dyn Random>, hooks: Option<Arc<dyn Hooks>>) -> Self {
        Self(Arc::new(Inner { db, clock, random, hooks, named: Mutex::default(), pruning: Pruning::default() }))
    }

    /// Appends an event in the transaction of the change that it is about. After the commit, call
    /// [`crate::committed`].
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn append(tx: &Transaction, event: &Event) -> Result<(), DbError> {
        Self::append_all(tx, std::slice::from_ref(event)).await
    }

    /// Appends several events at once.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn append_all(tx: &Transaction, events: &[Event]) -> Result<(), DbError> {
        for events in events.chunks(CHUNK) {
            let insert = "INSERT INTO outbox_events (id, source, type, subject, data, made_at) VALUES ";
            let statement = Statement::new(insert).each(", ", events, |it, event| {
                it.list([
                    event.id.into(),
                    (&event.source).into(),
                    (&event.r#type).into(),
                    event.subject.as_deref().into(),
                    event.data.get().into(),
                    event.time.as_millis().into(),
                ])
            });
            tx.execute(&statement.sql, statement.params).await?;
        }
        Ok(())
    }

    /// What an event is about; nothing if there is no such event, or if it is about nothing.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn subject_of(tx: &Transaction, event: Uuid) -> Result<Option<String>, DbError> {
        let row = tx.query_one("SELECT subject FROM outbox_events WHERE id = $1", [event.into()]).await?;
        Ok(row.map(|row| row.get("subject")).transpose()?.flatten())
    }

    fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    /// Runs one statement and counts the rows that it changed. The database tries again what lost against a concurrent
    /// one.
    async fn execute(&self, statement: Statement) -> Result<u64, DbError> {
        self.0.db.execute(&statement.sql, statement.params).await
    }

    async fn query(&self, statement: Statement) -> Result<Vec<Row>, DbError> {
        self.0.db.query(&statement.sql, statement.params).await
    }

    /// The events of these ids.
    async fn events(&self, ids: &[Uuid]) -> Result<Vec<Event>, DbError> {
        let mut events = Vec::with_capacity(ids.len());
        for ids in ids.chunks(CHUNK) {
            let select = "SELECT id, source, type, subject, data, made_at FROM outbox_events WHERE id IN ";
            let rows = self.query(Statement::new(select).list(ids.iter().map(|id| (*id).into()))).await?;
            for row in &rows {
                events.push(Event::from_row(row)?);
            }
        }
        Ok(events)
    }

    /// Those of `ids` that a statement gives back.
    async fn ids(&self, statement: Statement) -> Result<Vec<Uuid>, DbError> {
        column(&self.query(statement).await?, "id")
    }
}
