//! Migrations.

use super::{Outcome, Subject, check_eq, check_is};
use crate::{Db, DbError, Migration};
use futures::future;

const FIRST: Migration =
    Migration { version: 1, name: "notes", sql: "CREATE TABLE notes (id INTEGER); INSERT INTO notes VALUES (1);" };
const SECOND: Migration =
    Migration { version: 2, name: "titles", sql: "ALTER TABLE notes ADD COLUMN title TEXT DEFAULT ';'" };

async fn count(db: &Db, table: &str) -> Result<usize, DbError> {
    Ok(db.query(&format!("SELECT 1 AS one FROM {table}"), []).await?.len())
}

pub(super) async fn migrations_apply_once(Subject { db, .. }: Subject) -> Outcome {
    db.migrate(&[FIRST]).await?;
    db.migrate(&[FIRST]).await?;
    check_eq!(count(&db, "notes").await?, 1);
    db.migrate(&[FIRST, SECOND]).await?;
    db.migrate(&[FIRST, SECOND]).await?;
    check_eq!(db.query("SELECT id, title FROM notes", []).await?.len(), 1);
    check_eq!(count(&db, "_migrations").await?, 2);
    Ok(())
}

pub(super) async fn a_changed_migration_is_refused(Subject { db, .. }: Subject) -> Outcome {
    db.migrate(&[FIRST]).await?;
    let changed = Migration { sql: "CREATE TABLE notes (id TEXT)", ..FIRST };
    let refused = db.migrate(&[changed, SECOND]).await;
    check_is!(refused, Err(DbError::Migration { version: 1, .. }));
    check_eq!(count(&db, "_migrations").await?, 1);
    let gap = db.migrate(&[FIRST, Migration { version: 3, ..SECOND }]).await;
    check_is!(gap, Err(DbError::Migration { version: 3, .. }));
    Ok(())
}

pub(super) async fn a_failing_migration_leaves_nothing(Subject { db, .. }: Subject) -> Outcome {
    let broken =
        Migration { version: 2, name: "broken", sql: "INSERT INTO notes VALUES (2); INSERT INTO absent VALUES (1)" };
    let failed = db.migrate(&[FIRST, broken]).await;
    check_is!(failed, Err(DbError::Migration { version: 2, .. }));
    check_eq!(count(&db, "notes").await.is_err(), true);
    db.migrate(&[FIRST, SECOND]).await?;
    check_eq!(count(&db, "notes").await?, 1);
    Ok(())
}

pub(super) async fn a_later_program_is_tolerated(Subject { db, .. }: Subject) -> Outcome {
    db.migrate(&[FIRST, SECOND]).await?;
    db.migrate(&[FIRST]).await?;
    check_eq!(count(&db, "_migrations").await?, 2);
    Ok(())
}

pub(super) async fn programs_that_start_together_migrate_once(Subject { db, others }: Subject) -> Outcome {
    let starts = others.iter().chain([&db]).map(|program| program.migrate(&[FIRST, SECOND]));
    future::join_all(starts).await.into_iter().collect::<Result<Vec<_>, DbError>>()?;
    check_eq!(count(&db, "notes").await?, 1);
    check_eq!(count(&db, "_migrations").await?, 2);
    Ok(())
}

/// A later program adds a column while an earlier one runs, whose statements were prepared before.
pub(super) async fn a_schema_may_change_under_statements(Subject { db, others }: Subject) -> Outcome {
    const ALL: &str = "SELECT * FROM notes";
    async fn inside(db: &Db) -> Result<usize, DbError> {
        let row = db.transaction(|tx| async move { tx.query_one(ALL, []).await }).await?;
        Ok(row.map_or(0, |row| row.columns().len()))
    }
    async fn in_a_read(db: &Db) -> Result<usize, DbError> {
        let row = db.read(|at| async move { at.query_one(ALL, []).await }).await?;
        Ok(row.map_or(0, |row| row.columns().len()))
    }
    async fn alone(db: &Db) -> Result<usize, DbError> {
        Ok(db.query_one(ALL, []).await?.map_or(0, |row| row.columns().len()))
    }
    db.migrate(&[FIRST]).await?;
    check_eq!((inside(&db).await?, in_a_read(&db).await?, alone(&db).await?), (1, 1, 1));
    for later in others.iter().take(1) {
        later.migrate(&[FIRST, SECOND]).await?;
    }
    check_eq!((inside(&db).await?, in_a_read(&db).await?, alone(&db).await?), (2, 2, 2));
    Ok(())
}
