//! The database port, in the one database of the component, emptied for each case.

use crate::Ran;
use vitrine_db::suite::{HANDLES, Subject};
use vitrine_db::{Db, DbError};
use vitrine_guest::{StartError, database};

const TABLES_OF_SQLITE: &str = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
const TABLES_OF_POSTGRES: &str = "SELECT CAST(tablename AS TEXT) AS name FROM pg_tables WHERE schemaname = 'public'";

pub(crate) async fn run(case: &str) -> Ran {
    let db = database("suites").await?;
    empty(&db).await?;
    let mut others = Vec::new();
    for _ in 1..HANDLES {
        others.push(database("suites").await?);
    }
    Ok(vitrine_db::suite::run(case, Subject { db, others }).await)
}

/// Drops every table. One that another refers to goes after that one.
async fn empty(db: &Db) -> Result<(), StartError> {
    for _ in 0..3 {
        let tables = match db.query(TABLES_OF_SQLITE, []).await {
            Err(DbError::Statement(_)) => db.query(TABLES_OF_POSTGRES, []).await?,
            tables => tables?,
        };
        if tables.is_empty() {
            return Ok(());
        }
        for table in tables {
            let name: String = table.get("name")?;
            match db.execute(&format!("DROP TABLE {name}"), []).await {
                // Others refer to it: the next round drops it.
                Ok(_) | Err(DbError::Constraint(_) | DbError::Statement(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
    Err(StartError::new("the tables of an earlier case cannot be dropped"))
}
