//! The behaviour suite of the key-value port on a table, by a clock that the test moves, and the table's upkeep.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{sync::Arc, time::Duration};
use vitrine_clock::{FixedClock, Timestamp};
use vitrine_db::Db;
use vitrine_db_rusqlite::Sqlite;
use vitrine_kv::{Kv, MIGRATIONS, SqlKv, suite::Subject};

/// A new database file that lives as long as the test process: its folder is left to the system's clean-up.
fn database() -> Db {
    let folder = tempfile::tempdir().unwrap().keep();
    Sqlite::open(folder.join("kv.db")).unwrap().into()
}

async fn empty() -> (Db, FixedClock, Kv) {
    let (db, clock) = (database(), FixedClock::at(Timestamp::from_millis(1_700_000_000_000)));
    db.migrate(MIGRATIONS).await.unwrap();
    let kv = SqlKv::new(db.clone(), Arc::new(clock.clone()));
    (db, clock, kv.into())
}

async fn subject() -> Subject {
    let (_, clock, kv) = empty().await;
    Subject { kv, timer: Arc::new(clock) }
}

vitrine_kv::kv_suite!(subject().await);

async fn rows(db: &Db) -> usize {
    db.query("SELECT name FROM entries", []).await.unwrap().len()
}

#[tokio::test]
async fn what_has_expired_is_removed_by_later_writes() {
    let (db, clock, kv) = empty().await;
    for n in 0..1_200 {
        kv.set(&format!("old {n}"), "x", Some(Duration::from_secs(1))).await.unwrap();
    }
    kv.set("lasting", "x", None).await.unwrap();
    assert_eq!(rows(&db).await, 1_201);
    clock.advance(Duration::from_secs(60));
    for (n, left) in [(0, 702), (1, 203), (2, 4), (3, 5)] {
        kv.increment(&format!("new {n}"), 1, None).await.unwrap();
        assert_eq!(rows(&db).await, left);
    }
}

#[tokio::test]
async fn a_clock_that_was_set_back_does_not_end_the_upkeep() {
    let (db, clock, kv) = empty().await;
    kv.set("a", "x", Some(Duration::from_secs(1))).await.unwrap();
    clock.set(Timestamp::from_millis(1_000_000));
    kv.set("b", "x", Some(Duration::from_secs(1))).await.unwrap();
    clock.advance(Duration::from_secs(11));
    kv.set("c", "x", None).await.unwrap();
    assert_eq!(rows(&db).await, 2);
}
