//! The database port on PostgreSQL.
//!
//! The runtime keeps a pool of connections for each address, so one is opened for each use and given back at once. Spin
//! gives it to the next user as it is, also in the middle of a transaction that a trap left behind: so its first
//! statement is `ROLLBACK`.

mod connection;
mod error;
mod transaction;
mod value;

use crate::time::sleep;
use connection::Connection;
use futures::{FutureExt, future::BoxFuture};
use send_wrapper::SendWrapper;
use std::{fmt, time::Duration};
use transaction::PostgresTransaction;
use vitrine_db::{Backend, BackendTransaction, DbError, Row, Value};

/// What every connection begins with, in milliseconds where it is a time. Single statements are serialisable
/// transactions; one that hangs is cancelled; a transaction that nobody goes on with, because its instance has ended,
/// loses its locks. That there was nothing to roll back is not worth a line of anybody's log.
const SETTINGS: [(&str, &str); 4] = [
    ("client_min_messages", "error"),
    ("default_transaction_isolation", "serializable"),
    ("statement_timeout", "30000"),
    ("idle_in_transaction_session_timeout", "10000"),
];

/// Seconds to wait for the server to take a connection.
const CONNECT_TIMEOUT: &str = "5";

const BEGIN: &str = "BEGIN ISOLATION LEVEL SERIALIZABLE";

/// One snapshot for all statements. It cannot fail for what others do meanwhile, and keeps no note of what it has read.
const BEGIN_READ: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY";

/// Changes of the schema: one at a time in the database, by a lock that ends with the transaction. Each statement must
/// see what was committed while it waited for the lock, which a serialisable transaction would not. The number is any
/// that nobody else takes.
const BEGIN_ALONE: [&str; 3] = [
    "BEGIN ISOLATION LEVEL READ COMMITTED",
    "SET LOCAL statement_timeout = 0",
    "SELECT pg_advisory_xact_lock(8607426010)",
];

/// One database of a PostgreSQL server.
pub struct SpinPostgres {
    address: String,
}

impl SpinPostgres {
    /// The database at `url`: `postgres://user:password@host:port/database`. Settings that the URL has in its query
    /// (`options`, `connect_timeout`) take the place of this adapter's.
    #[must_use]
    pub fn new(url: &str) -> Self {
        Self { address: with_settings(url) }
    }

    /// Whether the server lets this component in.
    ///
    /// # Errors
    /// [`DbError::Unavailable`] if it does not answer or refuses; [`DbError::Busy`] if every connection is taken.
    pub async fn ping(&self) -> Result<(), DbError> {
        Connection::open(&self.address).await.map(drop)
    }

    async fn start(&self, statements: &[&str]) -> Result<Box<dyn BackendTransaction>, DbError> {
        let transaction = PostgresTransaction::new(Connection::open(&self.address).await?);
        for statement in statements {
            transaction.run(statement).await?;
        }
        Ok(Box::new(transaction))
    }
}

/// The address with [`SETTINGS`] and a time limit for connecting, unless it has its own.
fn with_settings(url: &str) -> String {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let has = |key: &str| query.split('&').any(|pair| pair.split('=').next() == Some(key));
    let mut address = url.to_owned();
    let mut add = |key: &str, value: &str| {
        if !has(key) {
            address.push(if address.contains('?') { '&' } else { '?' });
            address.push_str(&format!("{key}={value}"));
        }
    };
    let options = SETTINGS.map(|(name, value)| format!("-c%20{name}%3D{value}"));
    add("options", &options.join("%20"));
    add("connect_timeout", CONNECT_TIMEOUT);
    address
}

impl fmt::Debug for SpinPostgres {
    // Without the address, which holds a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SpinPostgres")
    }
}

impl Backend for SpinPostgres {
    fn query<'a>(&'a self, sql: &'a str, params: Vec<Value>) -> BoxFuture<'a, Result<Vec<Row>, DbError>> {
        SendWrapper::new(async move { Connection::open(&self.address).await?.query(sql, params).await }).boxed()
    }

    fn execute<'a>(&'a self, sql: &'a str, params: Vec<Value>) -> BoxFuture<'a, Result<u64, DbError>> {
        SendWrapper::new(async move { Connection::open(&self.address).await?.execute(sql, params).await }).boxed()
    }

    fn begin(&self) -> BoxFuture<'_, Result<Box<dyn BackendTransaction>, DbError>> {
        SendWrapper::new(self.start(&[BEGIN])).boxed()
    }

    fn begin_alone(&self) -> BoxFuture<'_, Result<Box<dyn BackendTransaction>, DbError>> {
        SendWrapper::new(self.start(&BEGIN_ALONE)).boxed()
    }

    fn begin_read(&self) -> BoxFuture<'_, Result<Box<dyn BackendTransaction>, DbError>> {
        SendWrapper::new(self.start(&[BEGIN_READ])).boxed()
    }

    fn pause(&self, time: Duration) -> BoxFuture<'_, ()> {
        sleep(time)
    }
}
