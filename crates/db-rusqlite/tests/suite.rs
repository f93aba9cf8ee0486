//! The behaviour suite of the database port, and what is this adapter's own.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use vitrine_db::{Db, DbError, suite::Subject};
use vitrine_db_rusqlite::Sqlite;

/// A new database file that lives as long as the test process: its folder is left to the system's clean-up.
fn empty() -> Subject {
    let path = tempfile::tempdir().unwrap().keep().join("test.db");
    Subject::new(|| Sqlite::open(&path).map(Db::from)).unwrap()
}

vitrine_db::db_suite!(empty());

#[tokio::test]
async fn data_outlives_the_handle() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kept.db");
    let db = Db::from(Sqlite::open(&path).unwrap());
    db.execute("CREATE TABLE t (id INTEGER)", []).await.unwrap();
    drop(db);
    let db = Db::from(Sqlite::open(&path).unwrap());
    assert_eq!(db.query("SELECT id FROM t", []).await, Ok(vec![]));
}

#[tokio::test]
async fn two_handles_migrate_one_file_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shared.db");
    let migration =
        vitrine_db::Migration { version: 1, name: "t", sql: "CREATE TABLE t (id INTEGER); INSERT INTO t VALUES (1)" };
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let path = path.clone();
            std::thread::spawn(move || {
                let db = Db::from(Sqlite::open(path).unwrap());
                let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
                runtime.block_on(async { db.migrate(&[migration]).await }).unwrap();
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    let db = Db::from(Sqlite::open(path).unwrap());
    assert_eq!(db.query("SELECT id FROM t", []).await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_is_no_database_is_not_available() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("not.db");
    std::fs::write(&path, "this is no database, only some text that is long enough to be looked at").unwrap();
    assert!(matches!(Sqlite::open(path), Err(DbError::Unavailable(_))));
}
