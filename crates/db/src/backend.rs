//! What an adapter implements.

use crate::{DbError, Row, Value};
use futures::future::BoxFuture;
use std::{fmt, time::Duration};

/// One database, as an adapter reaches it.
///
/// The SQL is one portable statement with parameters `$1`, `$2`, …: an adapter for SQLite rewrites it with
/// [`crate::sql::number_parameters`], one for PostgreSQL with [`crate::sql::widen_types`]. A future that is dropped leaves
/// no connection half-used behind.
pub trait Backend: fmt::Debug + Send + Sync + 'static {
    /// Runs a statement outside any transaction and gives back its rows.
    fn query<'a>(&'a self, sql: &'a str, params: Vec<Value>) -> BoxFuture<'a, Result<Vec<Row>, DbError>>;

    /// Runs a statement outside any transaction and gives back how many rows it changed.
    fn execute<'a>(&'a self, sql: &'a str, params: Vec<Value>) -> BoxFuture<'a, Result<u64, DbError>>;

    /// Starts a serialisable transaction on a connection that nobody else uses until it ends. An adapter whose database
    /// lets one write at a time takes the right to write now, so that no statement inside can fail for want of it; one
    /// whose database lets many answers [`DbError::Conflict`] where they got into each other's way.
    fn begin(&self) -> BoxFuture<'_, Result<Box<dyn BackendTransaction>, DbError>>;

    /// Starts a transaction whose statements all see the database as it is at the first of them, whoever commits
    /// meanwhile, and that the database lets change nothing. It waits for no writer, and none waits for it.
    fn begin_read(&self) -> BoxFuture<'_, Result<Box<dyn BackendTransaction>, DbError>>;

    /// Starts a transaction that nobody else who calls this can start until it ends, and that sees all that was
    /// committed before: for changes of the schema.
    fn begin_alone(&self) -> BoxFuture<'_, Result<Box<dyn BackendTransaction>, DbError>> {
        self.begin()
    }

    /// Lets `time` pass.
    fn pause(&self, time: Duration) -> BoxFuture<'_, ()>;
}

/// A transaction that was started. Dropping it instead of ending it undoes its changes.
pub trait BackendTransaction: fmt::Debug + Send {
    /// Runs a statement and gives back its rows.
    fn query<'a>(&'a mut self, sql: &'a str, params: Vec<Value>) -> BoxFuture<'a, Result<Vec<Row>, DbError>>;

    /// Runs a statement and gives back how many rows it changed.
    fn execute<'a>(&'a mut self, sql: &'a str, params: Vec<Value>) -> BoxFuture<'a, Result<u64, DbError>>;

    /// Makes every change durable and visible at once. After an error nothing was changed, but for
    /// [`DbError::Unavailable`]: where the server went away while it committed, nobody can tell.
    fn commit(self: Box<Self>) -> BoxFuture<'static, Result<(), DbError>>;

    /// Undoes every change.
    fn rollback(self: Box<Self>) -> BoxFuture<'static, Result<(), DbError>>;
}
