//! Migrations: the schema of a service, in steps that are applied once.

use crate::{Db, DbError, Row, sql};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;

/// One step of a schema. Once released it never changes; a correction is a further step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Migration {
    /// Its place in the order, from 1 up.
    pub version: u32,
    /// What it does, in a few words.
    pub name: &'static str,
    /// Its statements, separated by semicolons.
    pub sql: &'static str,
}

impl Migration {
    fn sha256(&self) -> String {
        Sha256::digest(self.sql.as_bytes()).iter().fold(String::new(), |mut hex, byte| {
            // Writing to a `String` cannot fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    }
}

const TABLE: &str = "CREATE TABLE IF NOT EXISTS _migrations (
    version INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    applied_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
)";
const APPLIED: &str = "SELECT version, sha256 FROM _migrations ORDER BY version";
const RECORD: &str = "INSERT INTO _migrations (version, name, sha256) VALUES ($1, $2, $3)";

pub(crate) async fn run(db: &Db, migrations: &[Migration]) -> Result<(), DbError> {
    check_order(migrations)?;
    // Most starts find everything applied and need no lock. That the table is absent is an error like any other here:
    // the locked way below meets the real ones again.
    if let Ok(applied) = db.query(APPLIED, []).await
        && outstanding(migrations, &applied)?.is_empty()
    {
        return Ok(());
    }
    db.alone(|tx| async move {
        tx.execute(TABLE, []).await?;
        let applied = tx.query(APPLIED, []).await?;
        for migration in outstanding(migrations, &applied)? {
            for statement in sql::statements(migration.sql) {
                tx.execute(statement, []).await.map_err(|error| match error {
                    DbError::Statement(reason) | DbError::Constraint(reason) => {
                        DbError::Migration { version: migration.version, reason }
                    }
                    error => error,
                })?;
            }
            let record = [migration.version.into(), migration.name.into(), migration.sha256().into()];
            tx.execute(RECORD, record).await?;
        }
        Ok(())
    })
    .await
}

fn check_order(migrations: &[Migration]) -> Result<(), DbError> {
    for (migration, expected) in migrations.iter().zip(1..) {
        if migration.version != expected {
            let reason = format!("versions count up from 1 without a gap, so {expected} was expected here");
            return Err(DbError::Migration { version: migration.version, reason });
        }
    }
    Ok(())
}

/// The migrations that are still to be applied, if what was applied is the beginning of `migrations` or goes beyond it.
fn outstanding<'a>(migrations: &'a [Migration], applied: &[Row]) -> Result<&'a [Migration], DbError> {
    let mut left = migrations;
    for row in applied {
        let Some((next, rest)) = left.split_first() else { break };
        let (version, sha256) = (row.get::<u32>("version")?, row.get::<String>("sha256")?);
        if version != next.version {
            let reason = format!("it was never applied, though {version} was");
            return Err(DbError::Migration { version: next.version, reason });
        }
        if sha256 != next.sha256() {
            let reason = "its SQL has changed since it was applied; add a further migration instead".to_owned();
            return Err(DbError::Migration { version, reason });
        }
        left = rest;
    }
    Ok(left)
}
