//! A read on one snapshot, on a connection of its own.

use crate::{Idle, connection::Connection};
use futures::future::{self, BoxFuture, FutureExt};
use std::{
    fmt,
    sync::{Arc, PoisonError},
};
use vitrine_db::{BackendTransaction, DbError, Row, Value};

/// Connections that are kept for the next reads.
const KEPT: usize = 4;

/// If it is dropped before its end, the connection is closed.
pub(crate) struct SqliteRead {
    connection: Connection,
    idle: Idle,
}

impl SqliteRead {
    pub(crate) fn begin(connection: Connection, idle: &Idle) -> Result<Self, DbError> {
        connection.execute("BEGIN DEFERRED", Vec::new())?;
        Ok(Self { connection, idle: Arc::clone(idle) })
    }

    /// There is nothing to keep and nothing to undo.
    fn end(self) -> Result<(), DbError> {
        self.connection.execute("ROLLBACK", Vec::new())?;
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < KEPT {
            idle.push(self.connection);
        }
        Ok(())
    }
}

impl fmt::Debug for SqliteRead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SqliteRead")
    }
}

impl BackendTransaction for SqliteRead {
    fn query<'a>(&'a mut self, sql: &'a str, params: Vec<Value>) -> BoxFuture<'a, Result<Vec<Row>, DbError>> {
        async move { self.connection.query(sql, params) }.boxed()
    }

    fn execute<'a>(&'a mut self, sql: &'a str, params: Vec<Value>) -> BoxFuture<'a, Result<u64, DbError>> {
        async move { self.connection.execute(sql, params) }.boxed()
    }

    fn commit(self: Box<Self>) -> BoxFuture<'static, Result<(), DbError>> {
        future::ready(self.end()).boxed()
    }

    fn rollback(self: Box<Self>) -> BoxFuture<'static, Result<(), DbError>> {
        future::ready(self.end()).boxed()
    }
}
