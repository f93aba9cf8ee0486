//! The database port on a SQLite file of this process, for tests and native programs.
//!
//! Statements run on the thread that asks for them: SQLite answers most in microseconds, which is less than handing
//! them to another thread costs.
#![forbid(unsafe_code)]

mod connection;
mod read;
mod record;
mod transaction;

use connection::Connection;
use futures::future::{BoxFuture, FutureExt};
use read::SqliteRead;
use record::Recorder;
use std::{
    fmt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use transaction::SqliteTransaction;
use vitrine_db::{Backend, BackendTransaction, Db, DbError, Row, Value, sql::only_reads};

/// How long a writer waits for those of this process before it gives up with [`DbError::Busy`].
const WRITER_PATIENCE: Duration = Duration::from_secs(10);

/// A SQLite database file in WAL mode: any number of readers, one writer at a time.
#[derive(Clone)]
pub struct Sqlite {
    path: PathBuf,
    reader: Arc<Mutex<Connection>>,
    /// SQLite lets one connection write at a time; waiting for it here costs no thread.
    writer: Arc<tokio::sync::Mutex<Option<Connection>>>,
    snapshots: Idle,
    recorder: Option<Arc<Recorder>>,
}

/// Connections of reads that have ended, for the next ones.
type Idle = Arc<Mutex<Vec<Connection>>>;

impl fmt::Debug for Sqlite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sqlite").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Sqlite {
    /// Opens or makes the file at `path`.
    ///
    /// # Errors
    /// [`DbError::Unavailable`] if it cannot be opened or is no SQLite database.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, DbError> {
        let path = path.as_ref().to_owned();
        let mut reader = Connection::open(&path, None)?;
        // What is in a file that others have made cannot be made anew.
        let recorder = if reader.is_empty() { Recorder::of_tests().map(Arc::new) } else { None };
        reader.record(recorder.clone());
        let reader = Arc::new(Mutex::new(reader));
        Ok(Self { path, reader, writer: Arc::default(), snapshots: Idle::default(), recorder })
    }

    async fn writer(&self) -> Result<Writer, DbError> {
        let turn = self.writer.clone().lock_owned();
        let mut turn = tokio::time::timeout(WRITER_PATIENCE, turn).await.map_err(|_| DbError::Busy)?;
        let connection = match turn.take() {
            Some(connection) => connection,
            None => Connection::open(&self.path, self.recorder.clone())?,
        };
        Ok(Writer { turn, connection })
    }
}

/// The right to write, and the connection to write with.
struct Writer {
    turn: tokio::sync::OwnedMutexGuard<Option<Connection>>,
    connection: Connection,
}

impl Writer {
    /// Lets the next writer in, with this connection. A writer that is dropped instead closes its connection, which
    /// undoes what it had not committed.
    fn hand_over(mut self) {
        *self.turn = Some(self.connection);
    }
}

impl Backend for Sqlite {
    fn query<'a>(&'a self, sql: &'a str, params: Vec<Value>) -> BoxFuture<'a, Result<Vec<Row>, DbError>> {
        async move {
            if !only_reads(sql) {
                let writer = self.writer().await?;
                let rows = writer.connection.query(sql, params);
                writer.hand_over();
                return rows;
            }
            self.reader.lock().unwrap_or_else(PoisonError::into_inner).query(sql, params)
        }
        .boxed()
    }

    fn execute<'a>(&'a self, sql: &'a str, params: Vec<Value>) -> BoxFuture<'a, Result<u64, DbError>> {
        async move {
            let writer = self.writer().await?;
            let changes = writer.connection.execute(sql, params);
            writer.hand_over();
            changes
        }
        .boxed()
    }

    fn begin(&self) -> BoxFuture<'_, Result<Box<dyn BackendTransaction>, DbError>> {
        async move {
            let writer = self.writer().await?;
            let transaction: Box<dyn BackendTransaction> = Box::new(SqliteTransaction::begin(writer)?);
            Ok(transaction)
        }
        .boxed()
    }

    fn begin_read(&self) -> BoxFuture<'_, Result<Box<dyn BackendTransaction>, DbError>> {
        async move {
            let idle = self.snapshots.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let connection = match idle {
                Some(connection) => connection,
                None => Connection::open_to_read(&self.path, self.recorder.clone())?,
            };
            let read: Box<dyn BackendTransaction> = Box::new(SqliteRead::begin(connection, &self.snapshots)?);
            Ok(read)
        }
        .boxed()
    }

    fn pause(&self, time: Duration) -> BoxFuture<'_, ()> {
        tokio::time::sleep(time).boxed()
    }
}

impl From<Sqlite> for Db {
    fn from(sqlite: Sqlite) -> Self {
        Self::new(sqlite)
    }
}
