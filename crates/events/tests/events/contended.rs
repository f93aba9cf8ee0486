//! A database whose statements always lose against concurrent ones.

use futures::future::{BoxFuture, FutureExt, ready};
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use uuid::Uuid;
use vitrine_clock::{FixedClock, Timestamp};
use vitrine_db::{Backend, BackendTransaction, Db, DbError, Row, Value};
use vitrine_events::{
    Outbox,
    wire::{AckRequest, Receipt},
};
use vitrine_random::SeededRandom;

/// Counts what it is asked to execute.
#[derive(Debug, Clone, Default)]
struct Contended(Arc<AtomicUsize>);

impl Backend for Contended {
    fn query<'a>(&'a self, _: &'a str, _: Vec<Value>) -> BoxFuture<'a, Result<Vec<Row>, DbError>> {
        ready(Err(DbError::Conflict)).boxed()
    }

    fn execute<'a>(&'a self, _: &'a str, _: Vec<Value>) -> BoxFuture<'a, Result<u64, DbError>> {
        self.0.fetch_add(1, Ordering::SeqCst);
        ready(Err(DbError::Conflict)).boxed()
    }

    fn begin(&self) -> BoxFuture<'_, Result<Box<dyn BackendTransaction>, DbError>> {
        ready(Err(DbError::Conflict)).boxed()
    }

    fn begin_read(&self) -> BoxFuture<'_, Result<Box<dyn BackendTransaction>, DbError>> {
        ready(Err(DbError::Conflict)).boxed()
    }

    fn pause(&self, _: Duration) -> BoxFuture<'_, ()> {
        ready(()).boxed()
    }
}

#[tokio::test]
async fn a_statement_is_tried_as_often_as_the_database_does_it_and_no_more() {
    let alone = Contended::default();
    assert_eq!(Db::new(alone.clone()).execute("UPDATE t SET x = 1", []).await, Err(DbError::Conflict));
    let backend = Contended::default();
    let clock = Arc::new(FixedClock::at(Timestamp::from_millis(0)));
    let outbox = Outbox::new(Db::new(backend.clone()), clock, Arc::new(SeededRandom::new(1)));
    let receipt = Receipt { event: Uuid::nil(), consumer: "ledger".to_owned(), attempt: 1 };
    let request = AckRequest { delivered: vec![receipt], ..AckRequest::default() };
    assert_eq!(outbox.acknowledge(request).await, Err(DbError::Conflict));
    assert_eq!(backend.0.load(Ordering::SeqCst), alone.0.load(Ordering::SeqCst));
}
