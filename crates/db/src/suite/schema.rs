//! Migrations.

use super::{Outcome, check_eq, check_is};
use crate::{Db, DbError, Migration};
use futures::future;

const FIRST: Migration =
    Migration { version: 1, name: "notes", sql: "CREATE TABLE notes (id INTEGER); INSERT INTO notes VALUES (1);" };
const SECOND: Migration =
    Migration { version: 2, name: "titles", sql: "ALTER TABLE notes ADD COLUMN title TEXT DEFAULT ';'" };

async fn count(db: &Db, table: &str) -> Result<usize, DbError> {
    Ok(db.query(&format!("SELECT 1 AS one FROM {table}"), []).await?.len())
}

pub(super) async fn migrations_apply_once(db: Db) -> Outcome {
    db.migrate(&[FIRST]).await?;
    db.migrate(&[FIRST]).await?;
    check_eq!(count(&db, "notes").await?, 1);
    db.migrate(&[FIRST, SECOND]).await?;
    db.migrate(&[FIRST, SECOND]).await?;
    check_eq!(db.query("SELECT id, title FROM notes", []).await?.len(), 1);
    check_eq!(count(&db, "_migrations").await?, 2);
    Ok(())
}

pub(super) async fn a_changed_migration_is_refused(db: Db) -> Outcome {
    db.migrate(&[FIRST]).await?;
    let changed = Migration { sql: "CREATE TABLE notes (id TEXT)", ..FIRST };
    let refused = db.migrate(&[changed, SECOND]).await;
    check_is!(refused, Err(DbError::Migration { version: 1, .. }));
    check_eq!(count(&db, "_migrations").await?, 1);
    let gap = db.migrate(&[FIRST, Migration { version: 3, ..SECOND }]).await;
    check_is!(gap, Err(DbError::Migration { version: 3, .. }));
    Ok(())
}

pub(super) async fn a_failing_migration_leaves_nothing(db: Db) -> Outcome {
    let broken =
        Migration { version: 2, name: "broken", sql: "INSERT INTO notes VALUES (2); INSERT INTO absent VALUES (1)" };
    let failed = db.migrate(&[FIRST, broken]).await;
    check_is!(failed, Err(DbError::Migration { version: 2, .. }));
    check_eq!(count(&db, "notes").await.is_err(), true);
    db.migrate(&[FIRST, SECOND]).await?;
    check_eq!(count(&db, "notes").await?, 1);
    Ok(())
}

pub(super) async fn a_later_program_is_tolerated(db: Db) -> Outcome {
    db.migrate(&[FIRST, SECOND]).await?;
    db.migrate(&[FIRST]).await?;
    check_eq!(count(&db, "_migrations").await?, 2);
    Ok(())
}

pub(super) async fn programs_that_start_together_migrate_once(db: Db) -> Outcome {
    let starts = future::join_all((0..8).map(|_| db.migrate(&[FIRST, SECOND]))).await;
    starts.into_iter().collect::<Result<Vec<_>, DbError>>()?;
    check_eq!(count(&db, "notes").await?, 1);
    check_eq!(count(&db, "_migrations").await?, 2);
    Ok(())
}
