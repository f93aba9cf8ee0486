//! A transaction on the writer's connection.

use crate::Writer;
use futures::future::{self, BoxFuture, FutureExt};
use std::fmt;
use vitrine_db::{BackendTransaction, DbError, Row, Value};

pub(crate) struct SqliteTransaction(Writer);

impl SqliteTransaction {
    pub(crate) fn begin(writer: Writer) -> Result<Self, DbError> {
        match writer.connection.execute("BEGIN IMMEDIATE", Vec::new()) {
            Ok(_) => Ok(Self(writer)),
            Err(error) => {
                writer.hand_over();
                Err(error)
            }
        }
    }

    fn end(self, sql: &str) -> Result<(), DbError> {
        // If this fails, the writer is dropped and with it the connection and its changes.
        self.0.connection.execute(sql, Vec::new())?;
        self.0.hand_over();
        Ok(())
    }
}

impl fmt::Debug for SqliteTransaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SqliteTransaction")
    }
}

impl BackendTransaction for SqliteTransaction {
    fn query<'a>(&'a mut self, sql: &'a str, params: Vec<Value>) -> BoxFuture<'a, Result<Vec<Row>, DbError>> {
        async move { self.0.connection.query(sql, params) }.boxed()
    }

    fn execute<'a>(&'a mut self, sql: &'a str, params: Vec<Value>) -> BoxFuture<'a, Result<u64, DbError>> {
        async move { self.0.connection.execute(sql, params) }.boxed()
    }

    fn commit(self: Box<Self>) -> BoxFuture<'static, Result<(), DbError>> {
        future::ready(self.end("COMMIT")).boxed()
    }

    fn rollback(self: Box<Self>) -> BoxFuture<'static, Result<(), DbError>> {
        future::ready(self.end("ROLLBACK")).boxed()
    }
}
