//! Live sessions, on the key-value port in a database of the process.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{sync::Arc, time::Duration};
use uuid::Uuid;
use vitrine_clock::{FixedClock, Timestamp};
use vitrine_db::Db;
use vitrine_db_rusqlite::Sqlite;
use vitrine_kv::{Kv, MIGRATIONS, SqlKv};
use vitrine_session::LiveSessions;

const HOUR: Duration = Duration::from_secs(3600);

struct Fixture {
    live: LiveSessions,
    kv: Kv,
    clock: FixedClock,
    _folder: tempfile::TempDir,
}

async fn fixture() -> Fixture {
    let folder = tempfile::tempdir().unwrap();
    let db = Db::from(Sqlite::open(folder.path().join("kv.db")).unwrap());
    db.migrate(MIGRATIONS).await.unwrap();
    let clock = FixedClock::at(Timestamp::from_seconds(1_769_860_800));
    let kv = Kv::from(SqlKv::new(db, Arc::new(clock.clone())));
    Fixture { live: LiveSessions::new(kv.clone()), kv, clock, _folder: folder }
}

#[tokio::test]
async fn a_session_is_live_from_open_to_close() {
    let Fixture { live, .. } = fixture().await;
    let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
    assert!(!live.is_live(one).await.unwrap());
    live.open(one, Uuid::nil(), HOUR).await.unwrap();
    live.open(other, Uuid::nil(), HOUR).await.unwrap();
    assert!(live.is_live(one).await.unwrap());
    live.close(one).await.unwrap();
    live.close(one).await.unwrap();
    assert!(!live.is_live(one).await.unwrap());
    assert!(live.is_live(other).await.unwrap());
}

#[tokio::test]
async fn it_ends_by_itself_unless_it_is_opened_again() {
    let Fixture { live, clock, .. } = fixture().await;
    let session = Uuid::from_u128(1);
    live.open(session, Uuid::nil(), HOUR).await.unwrap();
    clock.advance(HOUR / 2);
    live.open(session, Uuid::nil(), HOUR).await.unwrap();
    clock.advance(HOUR - Duration::from_millis(1));
    assert!(live.is_live(session).await.unwrap());
    clock.advance(Duration::from_millis(1));
    assert!(!live.is_live(session).await.unwrap());
}

#[tokio::test]
async fn what_is_stored_is_what_the_other_component_reads() {
    let Fixture { live, kv, .. } = fixture().await;
    let (session, account) = (Uuid::from_u128(1), Uuid::from_u128(2));
    live.open(session, account, HOUR).await.unwrap();
    let stored = kv.get("session/00000000-0000-0000-0000-000000000001").await.unwrap().unwrap();
    assert_eq!(stored, r#"{"account":"00000000-0000-0000-0000-000000000002"}"#);
}
