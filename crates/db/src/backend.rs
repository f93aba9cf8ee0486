//! What an adapter implements.

use crate::{DbError, Row, Value};
use futures::future::BoxFuture;
use std::fmt;

/// One database, as an adapter reaches it.
///
/// The SQL is one statement with parameters `$1`, `$2`, …; an adapter for SQLite rewrites it with
/// [`crate::sql::number_parameters`]. A future that is dropped leaves no connection half-used behind.
pub trait Backend: fmt::Debug + Send + Sync + 'static {
    /// Runs a statement outside any transaction and gives back its rows.
    fn query<'a>(&'a self, sql: &'a str, params: Vec<Value>) -> BoxFuture<'a, Result<Vec<Row>, DbError>>;

    /// Runs a statement outside any transaction and gives back how many rows it changed.
    fn execute<'a>(&'a self, sql: &'a str, params: Vec<Value>) -> BoxFuture<'a, Result<u64, DbError>>;

    /// Starts a transaction on a connection that nobody else uses until it ends. It holds the right to write from the
    /// start, so that no statement inside can fail for want of a lock.
    fn begin(&self) -> BoxFuture<'_, Result<Box<dyn BackendTransaction>, DbError>>;
}

/// A transaction that was started. Dropping it instead of ending it undoes its changes.
pub trait BackendTransaction: fmt::Debug + Send {
    /// Runs a statement and gives back its rows.
    fn query<'a>(&'a mut self, sql: &'a str, params: Vec<Value>) -> BoxFuture<'a, Result<Vec<Row>, DbError>>;

    /// Runs a statement and gives back how many rows it changed.
    fn execute<'a>(&'a mut self, sql: &'a str, params: Vec<Value>) -> BoxFuture<'a, Result<u64, DbError>>;

    /// Makes every change durable and visible at once. After an error nothing was changed.
    fn commit(self: Box<Self>) -> BoxFuture<'static, Result<(), DbError>>;

    /// Undoes every change.
    fn rollback(self: Box<Self>) -> BoxFuture<'static, Result<(), DbError>>;
}
