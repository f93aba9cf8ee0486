//! Prepared by PostgreSQL.

use anyhow::{Context as _, Result};
use tokio_postgres::types::Type;
use tokio_postgres::{Client, NoTls, Statement};
use vitrine_db::sql::widen_types;

use crate::records::Record;

/// What the values of the port are to PostgreSQL.
const PARAMETERS: [Type; 4] = [Type::INT8, Type::FLOAT8, Type::TEXT, Type::BYTEA];
/// What the adapter reads as values of the port.
const COLUMNS: [Type; 8] =
    [Type::BOOL, Type::INT4, Type::INT8, Type::NUMERIC, Type::FLOAT8, Type::TEXT, Type::BYTEA, Type::VARCHAR];

/// What PostgreSQL says against the statements, and which of their types the port does not have. The tables are made in a
/// schema of that number.
pub(crate) fn problems(url: &str, record: &Record, number: usize) -> Result<Vec<String>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await.context("PostgreSQL does not answer")?;
        let driver = tokio::spawn(connection);
        let found = prepare_all(&client, record, number).await;
        drop(client);
        driver.await??;
        found
    })
}

async fn prepare_all(client: &Client, record: &Record, number: usize) -> Result<Vec<String>> {
    client.batch_execute(&format!("CREATE SCHEMA s{number}; SET search_path = s{number}")).await?;
    for statement in &record.schema {
        let made = client.batch_execute(&widen_types(statement)).await;
        made.with_context(|| format!("{}:\n{statement}", record.program))?;
    }
    let mut found = Vec::new();
    for statement in &record.statements {
        let problem = match client.prepare(&widen_types(statement)).await {
            Ok(prepared) => strange(&prepared),
            Err(error) => Some(error.as_db_error().map_or(error.to_string(), |error| error.message().to_owned())),
        };
        found.extend(problem.map(|problem| format!("{problem}\n    {statement}")));
    }
    Ok(found)
}

/// The first type of a statement that the port does not have.
fn strange(prepared: &Statement) -> Option<String> {
    let parameter = prepared.params().iter().zip(1..).find(|(kind, _)| !PARAMETERS.contains(kind));
    if let Some((kind, number)) = parameter {
        return Some(format!("parameter ${number} is taken for {kind}: cast it, or let it stand beside a column"));
    }
    let column = prepared.columns().iter().find(|column| !COLUMNS.contains(column.type_()))?;
    Some(format!("column {} is of type {}, which the port does not have: cast it", column.name(), column.type_()))
}
