//! One connection.

use crate::time::sleep;
use send_wrapper::SendWrapper;
use spin_sdk::sqlite as spin;
use std::{sync::Arc, time::Duration};
use vitrine_db::{
    DbError, Row, Value,
    sql::{changes_rows, number_parameters},
};

/// What every connection sets. The time to wait for locks comes first, since setting the journal mode needs one.
const SETTINGS: [&str; 4] = [
    "PRAGMA busy_timeout = 5000",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
];

/// How long to wait before each further try when SQLite answers that it is busy at once instead of waiting, as it does
/// while another connection sets the journal mode or recovers the log.
const PAUSES: [Duration; 5] = [
    Duration::from_millis(10),
    Duration::from_millis(40),
    Duration::from_millis(160),
    Duration::from_millis(320),
    Duration::from_millis(640),
];

pub(crate) struct Connection(SendWrapper<spin::Connection>);

impl Connection {
    pub(crate) async fn open(label: &str) -> Result<Self, DbError> {
        let connection = spin::Connection::open(label).await.map_err(|error| unavailable(label, error))?;
        let connection = Self(SendWrapper::new(connection));
        for setting in SETTINGS {
            patiently(|| connection.query(setting, Vec::new())).await?;
        }
        Ok(connection)
    }

    /// The same, but nothing can be changed by it.
    pub(crate) async fn open_to_read(label: &str) -> Result<Self, DbError> {
        let connection = Self::open(label).await?;
        connection.query("PRAGMA query_only = ON", Vec::new()).await?;
        Ok(connection)
    }

    pub(crate) async fn query(&self, sql: &str, params: Vec<Value>) -> Result<Vec<Row>, DbError> {
        let params = params.into_iter().map(to_spin);
        let mut answer = self.0.execute(number_parameters(sql), params).await.map_err(db_error)?;
        let columns: Arc<[String]> = answer.columns().into();
        let mut rows = Vec::new();
        while let Some(row) = answer.next().await {
            rows.push(Row::new(Arc::clone(&columns), row.values.into_iter().map(from_spin).collect()));
        }
        answer.result().await.map_err(db_error)?;
        Ok(rows)
    }

    pub(crate) async fn execute(&self, sql: &str, params: Vec<Value>) -> Result<u64, DbError> {
        self.query(sql, params).await?;
        // SQLite repeats the count of the last change for statements that cannot change rows.
        Ok(if changes_rows(sql) { self.0.changes().await } else { 0 })
    }
}

/// Runs `statement` again, after pauses, while the database is busy.
pub(crate) async fn patiently<T, F>(statement: impl Fn() -> F) -> Result<T, DbError>
where
    F: Future<Output = Result<T, DbError>>,
{
    for pause in PAUSES {
        match statement().await {
            Err(DbError::Busy) => sleep(pause).await,
            ended => return ended,
        }
    }
    statement().await
}

fn to_spin(value: Value) -> spin::Value {
    match value {
        Value::Null => spin::Value::Null,
        Value::Integer(value) => spin::Value::Integer(value),
        Value::Real(value) => spin::Value::Real(value),
        Value::Text(value) => spin::Value::Text(value),
        Value::Blob(value) => spin::Value::Blob(value),
    }
}

fn from_spin(value: spin::Value) -> Value {
    match value {
        spin::Value::Null => Value::Null,
        spin::Value::Integer(value) => Value::Integer(value),
        spin::Value::Real(value) => Value::Real(value),
        spin::Value::Text(value) => Value::Text(value),
        spin::Value::Blob(value) => Value::Blob(value),
    }
}

fn db_error(error: spin::Error) -> DbError {
    match error {
        spin::Error::Io(message) => DbError::from_sqlite_message(&message),
        other => DbError::Unavailable(other.to_string()),
    }
}

fn unavailable(label: &str, error: spin::Error) -> DbError {
    match db_error(error) {
        DbError::Busy => DbError::Busy,
        error => DbError::Unavailable(format!("database `{label}`: {error}")),
    }
}
