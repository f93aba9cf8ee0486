//! One connection.

use crate::record::Recorder;
use rusqlite::types::{ToSqlOutput, ValueRef};
use std::{path::Path, sync::Arc};
use vitrine_db::{
    DbError, Row, Value,
    sql::{changes_rows, number_parameters},
};

/// What every connection sets, on this adapter and on Spin's alike.
const SETTINGS: &str = "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
    PRAGMA foreign_keys = ON";

pub(crate) struct Connection {
    inner: rusqlite::Connection,
    recorder: Option<Arc<Recorder>>,
}

impl Connection {
    pub(crate) fn open(path: &Path, recorder: Option<Arc<Recorder>>) -> Result<Self, DbError> {
        let open = || {
            let connection = rusqlite::Connection::open(path)?;
            connection.execute_batch(SETTINGS)?;
            Ok(Self { inner: connection, recorder })
        };
        open().map_err(|error: rusqlite::Error| DbError::Unavailable(error.to_string()))
    }

    /// The same, but nothing can be changed by it.
    pub(crate) fn open_to_read(path: &Path, recorder: Option<Arc<Recorder>>) -> Result<Self, DbError> {
        let connection = Self::open(path, recorder)?;
        connection.query("PRAGMA query_only = ON", Vec::new())?;
        Ok(connection)
    }

    pub(crate) fn query(&self, sql: &str, params: Vec<Value>) -> Result<Vec<Row>, DbError> {
        let mut statement = self.inner.prepare_cached(&number_parameters(sql)).map_err(db_error)?;
        let mut rows = statement.query(rusqlite::params_from_iter(params.iter().map(Param))).map_err(db_error)?;
        let (mut answer, mut names) = (Vec::new(), None);
        while let Some(row) = rows.next().map_err(db_error)? {
            // A statement whose tables have changed since it was prepared gets its new columns at the first row.
            let names = names.get_or_insert_with(|| columns(row.as_ref()));
            let values = (0..names.len()).map(|index| row.get_ref(index).map_err(db_error).and_then(value));
            answer.push(Row::new(Arc::clone(names), values.collect::<Result<_, _>>()?));
        }
        if let Some(recorder) = &self.recorder {
            recorder.note(sql);
        }
        Ok(answer)
    }

    /// Whether there are no tables.
    pub(crate) fn is_empty(&self) -> bool {
        self.query("SELECT 1 AS one FROM sqlite_master LIMIT 1", Vec::new()).is_ok_and(|rows| rows.is_empty())
    }

    /// Notes, from here on, what is run.
    pub(crate) fn record(&mut self, recorder: Option<Arc<Recorder>>) {
        self.recorder = recorder;
    }

    pub(crate) fn execute(&self, sql: &str, params: Vec<Value>) -> Result<u64, DbError> {
        self.query(sql, params)?;
        // SQLite repeats the count of the last change for statements that cannot change rows.
        Ok(if changes_rows(sql) { self.inner.changes() } else { 0 })
    }
}

fn columns(statement: &rusqlite::Statement<'_>) -> Arc<[String]> {
    statement.column_names().into_iter().map(String::from).collect()
}

struct Param<'a>(&'a Value);

impl rusqlite::ToSql for Param<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self.0 {
            Value::Null => ValueRef::Null,
            Value::Integer(value) => ValueRef::Integer(*value),
            Value::Real(value) => ValueRef::Real(*value),
            Value::Text(value) => ValueRef::Text(value.as_bytes()),
            Value::Blob(value) => ValueRef::Blob(value),
        }))
    }
}

fn value(value: ValueRef<'_>) -> Result<Value, DbError> {
    Ok(match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(value) => Value::Integer(value),
        ValueRef::Real(value) => Value::Real(value),
        ValueRef::Text(value) => Value::Text(
            String::from_utf8(value.to_vec())
                .map_err(|_| DbError::Statement("a text is not valid UTF-8".to_owned()))?,
        ),
        ValueRef::Blob(value) => Value::Blob(value.to_vec()),
    })
}

fn db_error(error: rusqlite::Error) -> DbError {
    DbError::from_sqlite_message(&error.to_string())
}
