//! Runs one SQL statement on a connection.

use super::confine::Confinement;
use super::{Error, RowResult, Value};
use rusqlite::limits::Limit;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ErrorCode, Statement, ToSql, params_from_iter};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Steps of SQLite's virtual machine that a read may take where it was asked for (some 100 µs).
const SHORT: u32 = 10_000;
/// How long it may take there.
const SHORT_TIME: Duration = Duration::from_millis(2);
/// How often both are looked at, in steps.
const SHORT_LOOK: u32 = 500;
/// The longest value that it may meet there, and the longest statement, in bytes. One step may read a whole value, and
/// nothing is looked at within a step.
const SHORT_LENGTH: usize = 16 * 1024;

/// How often a statement that runs looks whether somebody still waits for it, in steps of the virtual machine.
const LOOK: std::ffi::c_int = 100_000;
/// The same for one that searches in values: each step may take long.
const SEARCH_LOOK: std::ffi::c_int = 10;
/// The longest value that such a statement may meet, in bytes: a search takes time by the product of two lengths, and
/// cannot be interrupted. (Half of this in the other half takes a second or two.)
const SEARCH_LENGTH: usize = 512 * 1024;
/// The longest pattern of LIKE and GLOB.
pub(super) const PATTERN_LENGTH: i32 = 1000;

/// The most that one statement may give back, and the longest value, in bytes.
pub(super) const MAX_RESULT: usize = 64 * 1024 * 1024;

/// How long a locked database is waited for. A guest that wants less sets `PRAGMA busy_timeout`, which SQLite itself
/// obeys; the host adds this on top without keeping a thread.
const LOCK_WAIT: Duration = Duration::from_secs(5);

/// What a statement gave back.
pub struct Outcome {
    /// Names of the columns.
    pub columns: Vec<String>,
    /// The rows.
    pub rows: Vec<RowResult>,
    /// The row id of the last insert on the connection.
    pub rowid: i64,
    /// The rows that the last change on the connection changed.
    pub changes: u64,
}

/// Runs a statement if it is a read and turns out to be short; else nothing has happened.
pub(super) fn run_short(
    connection: &Connection,
    confinement: &Confinement,
    text: &str,
    parameters: &[Value],
) -> Option<rusqlite::Result<Outcome>> {
    if text.len() > SHORT_LENGTH {
        return None;
    }
    let at_once = AtOnce::begin(connection, confinement).ok()?;
    let result = connection.prepare_cached(text).and_then(|mut statement| {
        // Writes and COMMIT wait for the disk. And a write must not be interrupted: that would undo its transaction.
        if !statement.readonly() || statement.column_count() == 0 {
            return Ok(None);
        }
        collect(connection, &mut statement, parameters).map(Some)
    });
    drop(at_once);
    match result {
        Err(error) if confinement.long() || too_much(&error) => None,
        // SQLite waits for a lock where it may block, if the guest wants it to wait.
        Err(error) if locked(&error) && !confinement.busy().is_zero() => None,
        result => result.transpose(),
    }
}

/// The bounds of what runs on a thread that serves, for as long as it runs.
struct AtOnce<'a> {
    connection: &'a Connection,
    confinement: &'a Confinement,
}

impl<'a> AtOnce<'a> {
    fn begin(connection: &'a Connection, confinement: &'a Confinement) -> rusqlite::Result<Self> {
        confinement.begin(true);
        let this = Self { connection, confinement };
        let (start, mut looks) = (Instant::now(), 0);
        let long = move || {
            looks += 1;
            looks >= SHORT / SHORT_LOOK || start.elapsed() > SHORT_TIME
        };
        connection.progress_handler(SHORT_LOOK as std::ffi::c_int, Some(long))?;
        connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, SHORT_LENGTH as i32)?;
        if !confinement.busy().is_zero() {
            connection.busy_timeout(Duration::ZERO)?;
        }
        Ok(this)
    }
}

impl Drop for AtOnce<'_> {
    fn drop(&mut self) {
        // None of these fails on a connection that is open.
        _ = self.connection.progress_handler(0, None::<fn() -> bool>);
        _ = self.connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, MAX_RESULT as i32);
        let busy = self.confinement.busy();
        if !busy.is_zero() {
            _ = self.connection.busy_timeout(busy);
        }
    }
}

/// Whether a statement met a bound of what runs at once.
fn too_much(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::OperationInterrupted | ErrorCode::TooBig))
}

/// Runs a statement until it ends or `stop` becomes true.
pub(super) fn run(
    connection: &Connection,
    confinement: &Confinement,
    text: &str,
    parameters: &[Value],
    stop: Arc<AtomicBool>,
) -> rusqlite::Result<Outcome> {
    if stop.load(Ordering::Relaxed) {
        return Err(rusqlite::Error::ToSqlConversionFailure("nobody waits for the statement".into()));
    }
    confinement.begin(false);
    let stopped = move || stop.load(Ordering::Relaxed);
    connection.progress_handler(LOOK, Some(stopped.clone()))?;
    let result = connection.prepare_cached(text).and_then(|mut statement| {
        if confinement.searches() {
            connection.progress_handler(SEARCH_LOOK, Some(stopped))?;
            connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, SEARCH_LENGTH as i32)?;
        }
        let result = collect(connection, &mut statement, parameters);
        if confinement.long() {
            // It must be compiled anew, so that it is known again for what it is.
            statement.discard();
        }
        result
    });
    connection.progress_handler(0, None::<fn() -> bool>)?;
    connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, MAX_RESULT as i32)?;
    if confinement.pragma() {
        let busy = connection.pragma_query_value(None, "busy_timeout", |row| row.get::<_, i64>(0))?;
        confinement.set_busy(busy.max(0).unsigned_abs());
    }
    result
}

fn collect(connection: &Connection, statement: &mut Statement<'_>, parameters: &[Value]) -> rusqlite::Result<Outcome> {
    let mut columns = None;
    let mut rows = Vec::new();
    let mut size = 0;
    let mut found = statement.query(params_from_iter(parameters.iter().map(Parameter)))?;
    while let Some(row) = found.next()? {
        // A statement whose tables have changed since it was prepared gets its new columns at the first row.
        let width = columns.get_or_insert_with(|| names(row.as_ref())).len();
        let mut values = Vec::with_capacity(width);
        for column in 0..width {
            let value = value(row.get_ref(column)?)?;
            size += 16
                + match &value {
                    Value::Text(text) => text.len(),
                    Value::Blob(bytes) => bytes.len(),
                    _ => 0,
                };
            values.push(value);
        }
        if size > MAX_RESULT {
            let limit = format!("the result is larger than {} MiB: ask for fewer rows with LIMIT", MAX_RESULT >> 20);
            return Err(rusqlite::Error::ToSqlConversionFailure(limit.into()));
        }
        rows.push(RowResult { values });
    }
    drop(found);
    let columns = columns.unwrap_or_else(|| names(statement));
    Ok(Outcome { columns, rows, rowid: connection.last_insert_rowid(), changes: connection.changes() })
}

fn names(statement: &Statement<'_>) -> Vec<String> {
    statement.column_names().into_iter().map(str::to_owned).collect()
}

struct Parameter<'a>(&'a Value);

impl ToSql for Parameter<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self.0 {
            Value::Null => ValueRef::Null,
            Value::Integer(number) => ValueRef::Integer(*number),
            Value::Real(number) => ValueRef::Real(*number),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

fn value(value: ValueRef<'_>) -> rusqlite::Result<Value> {
    Ok(match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Integer(number),
        ValueRef::Real(number) => Value::Real(number),
        ValueRef::Text(text) => Value::Text(std::str::from_utf8(text)?.to_owned()),
        ValueRef::Blob(bytes) => Value::Blob(bytes.to_vec()),
    })
}

/// Whether the database is locked by another connection, so that waiting helps.
pub(super) fn locked(error: &rusqlite::Error) -> bool {
    // A read that would become a write on an old snapshot (SQLITE_BUSY_SNAPSHOT) never succeeds by waiting.
    matches!(error, rusqlite::Error::SqliteFailure(failure, _)
        if failure.code == ErrorCode::DatabaseBusy && failure.extended_code == rusqlite::ffi::SQLITE_BUSY)
}

/// What a guest is told.
#[allow(clippy::needless_pass_by_value, reason = "used in map_err")]
pub(super) fn failed(error: rusqlite::Error) -> Error {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => Error::DatabaseFull,
        _ => Error::Io(error.to_string()),
    }
}

/// Waits longer and longer for a lock, and not for ever.
pub(super) struct Wait {
    until: Instant,
    next: Duration,
}

impl Wait {
    pub(super) fn new() -> Self {
        Self { until: Instant::now() + LOCK_WAIT, next: Duration::from_millis(1) }
    }

    /// Waits, or returns `false` when it has waited long enough.
    pub(super) async fn more(&mut self, error: &rusqlite::Error) -> bool {
        if Instant::now() >= self.until {
            tracing::warn!(%error, "a database stayed locked for {LOCK_WAIT:?}");
            return false;
        }
        tokio::time::sleep(self.next).await;
        self.next = (self.next * 2).min(Duration::from_millis(50));
        true
    }
}
