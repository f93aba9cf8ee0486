//! A transaction on the writer's connection.

use crate::sqlite::{Writer, connection::patiently};
use futures::{FutureExt, future::BoxFuture};
use send_wrapper::SendWrapper;
use std::fmt;
use vitrine_db::{BackendTransaction, DbError, Row, Value};

pub(crate) struct SpinTransaction(Writer);

impl SpinTransaction {
    pub(crate) async fn begin(writer: Writer) -> Result<Self, DbError> {
        let began = patiently(|| writer.connection.execute("BEGIN IMMEDIATE", Vec::new())).await;
        match began {
            Ok(_) => Ok(Self(writer)),
            Err(error) => {
                writer.hand_over();
                Err(error)
            }
        }
    }

    async fn end(self, sql: &str) -> Result<(), DbError> {
        // If this fails, the writer is dropped and with it the connection and its changes.
        self.0.connection.execute(sql, Vec::new()).await?;
        self.0.hand_over();
        Ok(())
    }
}

impl fmt::Debug for SpinTransaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SpinTransaction")
    }
}

impl BackendTransaction for SpinTransaction {
    fn query<'a>(&'a mut self, sql: &'a str, params: Vec<Value>) -> BoxFuture<'a, Result<Vec<Row>, DbError>> {
        SendWrapper::new(self.0.connection.query(sql, params)).boxed()
    }

    fn execute<'a>(&'a mut self, sql: &'a str, params: Vec<Value>) -> BoxFuture<'a, Result<u64, DbError>> {
        SendWrapper::new(self.0.connection.execute(sql, params)).boxed()
    }

    fn commit(self: Box<Self>) -> BoxFuture<'static, Result<(), DbError>> {
        SendWrapper::new(self.end("COMMIT")).boxed()
    }

    fn rollback(self: Box<Self>) -> BoxFuture<'static, Result<(), DbError>> {
        SendWrapper::new(self.end("ROLLBACK")).boxed()
    }
}
