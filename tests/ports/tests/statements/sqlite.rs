//! Prepared by SQLite.

use anyhow::{Context as _, Result};
use rusqlite::Connection;
use vitrine_db::sql::number_parameters;

use crate::records::Record;

/// What SQLite says against the statements.
pub(crate) fn problems(record: &Record, _number: usize) -> Result<Vec<String>> {
    let connection = Connection::open_in_memory()?;
    for statement in &record.schema {
        connection.execute(statement, []).with_context(|| format!("{}:\n{statement}", record.program))?;
    }
    let refused = record.statements.iter().filter_map(|statement| {
        let error = connection.prepare(&number_parameters(statement)).err()?;
        Some(format!("{error}\n    {statement}"))
    });
    Ok(refused.collect())
}
