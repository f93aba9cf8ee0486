//! A transaction on a connection of its own.

use super::connection::Connection;
use futures::{FutureExt, future::BoxFuture};
use send_wrapper::SendWrapper;
use std::fmt;
use vitrine_db::{BackendTransaction, DbError, Row, Value};

/// There is a connection until the transaction has ended.
pub(super) struct PostgresTransaction(Option<Connection>);

impl PostgresTransaction {
    pub(super) fn new(connection: Connection) -> Self {
        Self(Some(connection))
    }

    fn connection(&self) -> Result<&Connection, DbError> {
        self.0.as_ref().ok_or_else(|| DbError::Statement("the transaction has already ended".to_owned()))
    }

    pub(super) async fn run(&self, sql: &str) -> Result<(), DbError> {
        self.connection()?.run(sql).await
    }

    async fn end(mut self, sql: &str) -> Result<(), DbError> {
        let connection = self.0.take();
        match connection {
            Some(connection) => connection.run(sql).await,
            None => self.connection().map(drop),
        }
    }
}

impl Drop for PostgresTransaction {
    /// A connection that goes back in the middle of a transaction would keep its locks until somebody uses it again.
    fn drop(&mut self) {
        if let Some(connection) = self.0.take() {
            // If it fails, the server ends the transaction when it has stood idle for long enough.
            crate::spawn(async move { drop(connection.run("ROLLBACK").await) });
        }
    }
}

impl fmt::Debug for PostgresTransaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PostgresTransaction")
    }
}

impl BackendTransaction for PostgresTransaction {
    fn query<'a>(&'a mut self, sql: &'a str, params: Vec<Value>) -> BoxFuture<'a, Result<Vec<Row>, DbError>> {
        SendWrapper::new(async move { self.connection()?.query(sql, params).await }).boxed()
    }

    fn execute<'a>(&'a mut self, sql: &'a str, params: Vec<Value>) -> BoxFuture<'a, Result<u64, DbError>> {
        SendWrapper::new(async move { self.connection()?.execute(sql, params).await }).boxed()
    }

    fn commit(self: Box<Self>) -> BoxFuture<'static, Result<(), DbError>> {
        SendWrapper::new(self.end("COMMIT")).boxed()
    }

    fn rollback(self: Box<Self>) -> BoxFuture<'static, Result<(), DbError>> {
        SendWrapper::new(self.end("ROLLBACK")).boxed()
    }
}
