//! The database port on Spin's SQLite.
//!
//! Opening a connection is what costs most, so each instance keeps some: one for single questions; one for writing, whose
//! users take turns (SQLite lets one connection write at a time; waiting for the turn inside the instance blocks nobody
//! else); and those of reads that have ended. Writers of other instances are waited for by SQLite itself, and by
//! [`connection::patiently`].

mod connection;
mod read;
mod transaction;

use crate::{
    time::{sleep, timeout},
    turn::{Once, Taken, Turn},
};
use connection::Connection;
use futures::{FutureExt, future::BoxFuture};
use read::SpinRead;
use send_wrapper::SendWrapper;
use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use transaction::SpinTransaction;
use vitrine_db::{Backend, BackendTransaction, Db, DbError, Row, Value, sql::only_reads};

/// How long a writer waits for the other writers of its instance before it gives up with [`DbError::Busy`].
const WRITER_PATIENCE: Duration = Duration::from_secs(9);

/// The database whose label is `label`, as in `sqlite_databases` of the manifest. It is opened at its first use.
#[must_use]
pub fn sqlite(label: &str) -> Db {
    Db::new(SpinSqlite::new(label))
}

/// One database of the manifest.
pub struct SpinSqlite {
    label: String,
    reader: Once<Connection>,
    writer: Idle,
    turn: Turn,
    snapshots: read::Idle,
}

/// The connection of the last writer, while nobody writes.
type Idle = Arc<Mutex<Option<Connection>>>;

impl SpinSqlite {
    /// The database whose label is `label`, not opened yet.
    #[must_use]
    pub fn new(label: &str) -> Self {
        Self {
            label: label.to_owned(),
            reader: Once::new(),
            writer: Idle::default(),
            turn: Turn::default(),
            snapshots: read::Idle::default(),
        }
    }

    async fn reader(&self) -> Result<&Connection, DbError> {
        self.reader.get_or_try_init(|| Connection::open(&self.label)).await
    }

    async fn writer(&self) -> Result<Writer, DbError> {
        let turn = timeout(WRITER_PATIENCE, self.turn.take()).await.ok_or(DbError::Busy)?;
        let idle = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        let connection = match idle {
            Some(connection) => connection,
            None => Connection::open(&self.label).await?,
        };
        Ok(Writer { connection, idle: Arc::clone(&self.writer), _turn: turn })
    }
}

impl fmt::Debug for SpinSqlite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SpinSqlite({})", self.label)
    }
}

/// The right to write, and the connection to write with.
struct Writer {
    connection: Connection,
    idle: Idle,
    _turn: Taken,
}

impl Writer {
    /// Lets the next writer in, with this connection. A writer that is dropped instead closes its connection, which
    /// undoes what it had not committed; so nobody ever inherits half a transaction.
    fn hand_over(self) {
        *self.idle.lock().unwrap_or_else(PoisonError::into_inner) = Some(self.connection);
    }
}

impl Backend for SpinSqlite {
    fn query<'a>(&'a self, sql: &'a str, params: Vec<Value>) -> BoxFuture<'a, Result<Vec<Row>, DbError>> {
        SendWrapper::new(async move {
            if only_reads(sql) {
                return self.reader().await?.query(sql, params).await;
            }
            let writer = self.writer().await?;
            let rows = writer.connection.query(sql, params).await;
            writer.hand_over();
            rows
        })
        .boxed()
    }

    fn execute<'a>(&'a self, sql: &'a str, params: Vec<Value>) -> BoxFuture<'a, Result<u64, DbError>> {
        SendWrapper::new(async move {
            let writer = self.writer().await?;
            let changes = writer.connection.execute(sql, params).await;
            writer.hand_over();
            changes
        })
        .boxed()
    }

    fn begin(&self) -> BoxFuture<'_, Result<Box<dyn BackendTransaction>, DbError>> {
        SendWrapper::new(async move {
            let transaction = SpinTransaction::begin(self.writer().await?).await?;
            Ok(Box::new(transaction) as Box<dyn BackendTransaction>)
        })
        .boxed()
    }

    fn begin_read(&self) -> BoxFuture<'_, Result<Box<dyn BackendTransaction>, DbError>> {
        SendWrapper::new(async move {
            let read = SpinRead::begin(&self.label, &self.snapshots).await?;
            Ok(Box::new(read) as Box<dyn BackendTransaction>)
        })
        .boxed()
    }

    fn pause(&self, time: Duration) -> BoxFuture<'_, ()> {
        sleep(time)
    }
}
