//! A database file, and connections to it.

use super::statement::{self, Outcome};
use super::{Error, Value};
use parking_lot::Mutex;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::spawn_blocking;

/// Statements that each connection keeps prepared.
const PREPARED: usize = 64;

/// A database file.
pub struct Database(PathBuf);

impl Database {
    /// Makes sure that the file can be opened and written, and makes it when there is none.
    ///
    /// # Errors
    /// When the file cannot be opened or written.
    pub fn open(path: &Path) -> rusqlite::Result<Self> {
        let connection = rusqlite::Connection::open(path)?;
        connection.execute_batch("BEGIN IMMEDIATE; ROLLBACK")?;
        Ok(Self(path.to_owned()))
    }

    /// A new connection. It has SQLite's defaults, as on Spin: what a component wants otherwise it sets by a pragma.
    ///
    /// # Errors
    /// `Error::Io` when the file cannot be opened.
    pub fn connect(&self) -> Result<Connection, Error> {
        let connection = rusqlite::Connection::open(&self.0).map_err(statement::failed)?;
        connection.set_prepared_statement_cache_capacity(PREPARED);
        connection.authorizer(Some(no_other_file)).map_err(statement::failed)?;
        connection.busy_timeout(Duration::ZERO).map_err(statement::failed)?;
        Ok(Connection { connection: Arc::new(Mutex::new(connection)) })
    }
}

/// A connection may not attach another file, which could be another component's database.
fn no_other_file(context: AuthContext<'_>) -> Authorization {
    match context.action {
        AuthAction::Attach { filename } if !matches!(filename, "" | ":memory:") => Authorization::Deny,
        _ => Authorization::Allow,
    }
}

/// A connection, as a guest holds it. What it left undone is rolled back when the guest drops it or ends.
#[derive(Clone)]
pub struct Connection {
    connection: Arc<Mutex<rusqlite::Connection>>,
}

impl Connection {
    /// Runs one statement.
    ///
    /// Short reads run at once, where they are asked for: handing them to another thread would cost more than they
    /// do. What may wait for the disk, and reads that turn out to be long, run on threads that may block. A database
    /// that is locked is waited for without keeping any thread, since whoever holds the lock may be on this one.
    ///
    /// # Errors
    /// `Error::Io` with what SQLite says.
    pub async fn execute(&self, text: String, parameters: Vec<Value>) -> Result<Outcome, Error> {
        let parameters = Arc::new(parameters);
        let mut wait = statement::Wait::new();
        loop {
            let attempt = match self.at_once(&text, &parameters) {
                Some(result) => result,
                None => self.on_a_thread(&text, &parameters).await,
            };
            match attempt {
                Err(error) if statement::locked(&error) && wait.more(&error).await => {}
                result => return result.map_err(statement::failed),
            }
        }
    }

    fn at_once(&self, text: &str, parameters: &[Value]) -> Option<rusqlite::Result<Outcome>> {
        let connection = self.connection.try_lock()?;
        statement::run_short(&connection, text, parameters)
    }

    async fn on_a_thread(&self, text: &str, parameters: &Arc<Vec<Value>>) -> rusqlite::Result<Outcome> {
        let (connection, text, parameters) = (self.connection.clone(), text.to_owned(), parameters.clone());
        spawn_blocking(move || statement::run(&connection.lock(), &text, &parameters))
            .await
            .unwrap_or_else(|error| Err(rusqlite::Error::ToSqlConversionFailure(Box::new(error))))
    }

    /// The row id of the last insert.
    #[must_use]
    pub fn last_insert_rowid(&self) -> i64 {
        self.connection.lock().last_insert_rowid()
    }

    /// The rows that the last statement changed.
    #[must_use]
    pub fn changes(&self) -> u64 {
        self.connection.lock().changes()
    }
}
