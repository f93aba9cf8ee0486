//! A read on one snapshot, on a connection of its own.

use super::connection::Connection;
use futures::{FutureExt, future::BoxFuture};
use send_wrapper::SendWrapper;
use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};
use vitrine_db::{BackendTransaction, DbError, Row, Value};

/// Connections that are kept for the next reads.
const KEPT: usize = 4;

/// Connections of reads that have ended.
pub(super) type Idle = Arc<Mutex<Vec<Connection>>>;

/// If it is dropped before its end, the connection is closed.
pub(super) struct SpinRead {
    connection: Connection,
    idle: Idle,
}

impl SpinRead {
    pub(super) async fn begin(label: &str, idle: &Idle) -> Result<Self, DbError> {
        let kept = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match kept {
            Some(connection) => connection,
            None => Connection::open_to_read(label).await?,
        };
        connection.execute("BEGIN DEFERRED", Vec::new()).await?;
        Ok(Self { connection, idle: Arc::clone(idle) })
    }

    /// There is nothing to keep and nothing to undo.
    async fn end(self) -> Result<(), DbError> {
        self.connection.execute("ROLLBACK", Vec::new()).await?;
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < KEPT {
            idle.push(self.connection);
        }
        Ok(())
    }
}

impl fmt::Debug for SpinRead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SpinRead")
    }
}

impl BackendTransaction for SpinRead {
    fn query<'a>(&'a mut self, sql: &'a str, params: Vec<Value>) -> BoxFuture<'a, Result<Vec<Row>, DbError>> {
        SendWrapper::new(self.connection.query(sql, params)).boxed()
    }

    fn execute<'a>(&'a mut self, sql: &'a str, params: Vec<Value>) -> BoxFuture<'a, Result<u64, DbError>> {
        SendWrapper::new(self.connection.execute(sql, params)).boxed()
    }

    fn commit(self: Box<Self>) -> BoxFuture<'static, Result<(), DbError>> {
        SendWrapper::new(self.end()).boxed()
    }

    fn rollback(self: Box<Self>) -> BoxFuture<'static, Result<(), DbError>> {
        SendWrapper::new(self.end()).boxed()
    }
}
