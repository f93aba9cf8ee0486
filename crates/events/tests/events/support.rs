//! An outbox and a ledger that consumes from it, each with a SQLite file of its own.

use futures::future::BoxFuture;
use serde::Deserialize;
use serde_json::json;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};
use tempfile::TempDir;
use uuid::Uuid;
use vitrine_clock::{Clock, FixedClock, Timestamp};
use vitrine_db::{Db, DbError, Migration, Transaction};
use vitrine_db_rusqlite::Sqlite;
use vitrine_events::{
    Consumer, Event, Handler, Hooks, INBOX_SQL, Inbox, OUTBOX_SQL, Outbox, Refusal,
    wire::{AckRequest, ClaimRequest, Failed, Leased, Receipt, ReplayRequest, ReplayResponse},
};
use vitrine_random::{Ids, SeededRandom};

pub(crate) const PLACED: &str = "shop.order.placed.v1";

pub(crate) struct Shop {
    pub(crate) db: Db,
    pub(crate) outbox: Outbox,
    pub(crate) clock: FixedClock,
    ids: Ids,
    _folder: TempDir,
}

impl Shop {
    pub(crate) async fn new() -> Self {
        Self::with(None).await
    }

    pub(crate) async fn with(hooks: Option<Arc<dyn Hooks>>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let db = Db::new(Sqlite::open(folder.path().join("shop.db")).unwrap());
        db.migrate(&[Migration { version: 1, name: "outbox", sql: OUTBOX_SQL }]).await.unwrap();
        let clock = FixedClock::at(Timestamp::from_millis(1_769_860_800_000));
        let (shared, random) = (Arc::new(clock.clone()), Arc::new(SeededRandom::new(1)));
        let ids = Ids::new(shared.clone(), random.clone());
        let outbox = match hooks {
            Some(hooks) => Outbox::with_hooks(db.clone(), shared, random, hooks),
            None => Outbox::new(db.clone(), shared, random),
        };
        Self { db, outbox, clock, ids, _folder: folder }
    }

    /// The same outbox as another instance of the service sees it.
    pub(crate) fn other_instance(&self) -> Outbox {
        Outbox::new(self.db.clone(), Arc::new(self.clock.clone()), Arc::new(SeededRandom::new(2)))
    }

    pub(crate) fn event(&self, order: u32) -> Event {
        let data = json!({ "order": order });
        Event::new(&self.ids, &self.clock, "/shop", PLACED, &order.to_string(), &data).unwrap()
    }

    pub(crate) async fn append(&self, event: &Event) {
        self.db.transaction(|tx| async move { Outbox::append(&tx, event).await }).await.unwrap();
    }

    /// Appends the event of an order and gives its id.
    pub(crate) async fn order(&self, order: u32) -> Uuid {
        let event = self.event(order);
        self.append(&event).await;
        event.id
    }

    pub(crate) async fn orders(&self, orders: std::ops::Range<u32>) -> Vec<Uuid> {
        let mut ids = Vec::new();
        for order in orders {
            ids.push(self.order(order).await);
        }
        ids
    }

    pub(crate) fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    pub(crate) async fn claim(&self, request: &ClaimRequest) -> Vec<Leased> {
        self.outbox.claim(request).await.unwrap().deliveries
    }

    pub(crate) async fn deliver(&self, leased: &[Leased]) -> u64 {
        let delivered = leased.iter().map(receipt).collect();
        self.outbox.acknowledge(AckRequest { delivered, ..AckRequest::default() }).await.unwrap()
    }

    pub(crate) async fn fail(&self, leased: &[Leased], error: &str) -> u64 {
        let failed = leased.iter().map(|it| failed(it, error)).collect();
        self.outbox.acknowledge(AckRequest { failed, ..AckRequest::default() }).await.unwrap()
    }

    pub(crate) async fn append_all(&self, events: &[Event]) {
        self.db.transaction(|tx| async move { Outbox::append_all(&tx, events).await }).await.unwrap();
    }

    /// How many dead letters were replayed, and whether there are more.
    pub(crate) async fn replay(&self, which: &ReplayRequest) -> (u64, bool) {
        let ReplayResponse { replayed, more } = self.outbox.replay(which).await.unwrap();
        (replayed, more)
    }

    pub(crate) async fn count(&self, sql: &str) -> i64 {
        self.db.query_one(sql, []).await.unwrap().unwrap().get("n").unwrap()
    }
}

pub(crate) fn receipt(it: &Leased) -> Receipt {
    Receipt { event: it.event.id, consumer: it.consumer.clone(), attempt: it.attempt }
}

pub(crate) fn failed(it: &Leased, error: &str) -> Failed {
    Failed { event: it.event.id, consumer: it.consumer.clone(), attempt: it.attempt, error: error.to_owned() }
}

pub(crate) fn ids(leased: &[Leased]) -> Vec<Uuid> {
    leased.iter().map(|it| it.event.id).collect()
}

/// A claim for these consumers, all of which consume orders, each with this bound.
pub(crate) fn claim(consumers: &[(&str, u32)]) -> ClaimRequest {
    let names = consumers.iter().map(|(name, _)| (*name).to_owned()).collect();
    ClaimRequest {
        consumers: BTreeMap::from([(PLACED.to_owned(), names)]),
        per_consumer: consumers.iter().map(|(name, most)| ((*name).to_owned(), *most)).collect(),
        limit: 100,
        lease_ms: 60_000,
    }
}

pub(crate) fn at(clock: &FixedClock) -> Timestamp {
    clock.now()
}

#[derive(Deserialize)]
struct Placed {
    order: u32,
}

/// Writes an entry for each order; refuses those that it is told to.
#[derive(Debug, Default)]
pub(crate) struct Bookkeeper {
    pub(crate) refused: Mutex<Vec<u32>>,
}

impl Handler for Bookkeeper {
    fn handle<'a>(&'a self, tx: &'a Transaction, events: &'a [Event]) -> BoxFuture<'a, Result<(), Refusal>> {
        Box::pin(async move {
            for event in events {
                let placed: Placed = event.data().map_err(|error| Refusal::NotUnderstood(error.to_string()))?;
                tx.execute("INSERT INTO entries (order_id) VALUES ($1)", [placed.order.into()]).await?;
                if self.refused.lock().unwrap().contains(&placed.order) {
                    return Err(Refusal::Later("the bookkeeper is ill".to_owned()));
                }
            }
            Ok(())
        })
    }
}

/// A consumer whose entries have no constraint: what takes effect twice is seen twice.
pub(crate) struct Ledger {
    pub(crate) db: Db,
    pub(crate) consumer: Consumer,
    pub(crate) bookkeeper: Arc<Bookkeeper>,
    _folder: TempDir,
}

impl Ledger {
    pub(crate) async fn new(clock: &FixedClock) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let db = Db::new(Sqlite::open(folder.path().join("ledger.db")).unwrap());
        let migrations = [
            Migration { version: 1, name: "inbox", sql: INBOX_SQL },
            Migration { version: 2, name: "entries", sql: "CREATE TABLE entries (order_id BIGINT NOT NULL)" },
        ];
        db.migrate(&migrations).await.unwrap();
        let bookkeeper = Arc::new(Bookkeeper::default());
        let inbox = Inbox::new(Arc::new(clock.clone()));
        let consumer = Consumer::new(db.clone(), inbox, bookkeeper.clone());
        Self { db, consumer, bookkeeper, _folder: folder }
    }

    pub(crate) async fn entries(&self) -> Result<Vec<u32>, DbError> {
        let rows = self.db.query("SELECT order_id FROM entries ORDER BY order_id", []).await?;
        rows.iter().map(|row| row.get("order_id")).collect()
    }
}
