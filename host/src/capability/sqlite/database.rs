//! A database file, and connections to it.

use super::confine::Confinement;
use super::statement::{self, MAX_RESULT, Outcome};
use super::{Error, Value};
use parking_lot::Mutex;
use rusqlite::OpenFlags;
use rusqlite::hooks::AuthContext;
use rusqlite::limits::Limit;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
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
    pub fn connect(&self, open: Arc<()>) -> Result<Connection, Error> {
        let confinement = Arc::new(Confinement::default());
        let connection = self.confined(&confinement).map_err(statement::failed)?;
        Ok(Connection(Arc::new(Inner {
            connection: Arc::new(Mutex::new(connection)),
            confinement,
            rowid: AtomicI64::new(0),
            changes: AtomicU64::new(0),
            _open: open,
        })))
    }

    /// A connection that reaches this one file and nothing beside it.
    fn confined(&self, confinement: &Arc<Confinement>) -> rusqlite::Result<rusqlite::Connection> {
        // Without `SQLITE_OPEN_URI`: a name is a name and carries no options.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = rusqlite::Connection::open_with_flags(&self.0, flags)?;
        connection.set_prepared_statement_cache_capacity(PREPARED);
        let confinement = confinement.clone();
        connection.authorizer(Some(move |context: AuthContext<'_>| confinement.authorize(&context)))?;
        // Else one value (`zeroblob(900000000)`) takes memory that no limit of the component counts.
        connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, MAX_RESULT as i32)?;
        connection.set_limit(Limit::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, statement::PATTERN_LENGTH)?;
        connection.busy_timeout(Duration::ZERO)?;
        Ok(connection)
    }
}

/// A connection, as a guest holds it. What it left undone is rolled back when the guest drops it or ends.
#[derive(Clone)]
pub struct Connection(Arc<Inner>);

struct Inner {
    connection: Arc<Mutex<rusqlite::Connection>>,
    confinement: Arc<Confinement>,
    rowid: AtomicI64,
    changes: AtomicU64,
    /// Counted by its instance.
    _open: Arc<()>,
}

/// Stops a statement when nobody waits for it any more.
struct Abandoned(Arc<AtomicBool>);

impl Drop for Abandoned {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Connection {
    /// Runs one statement.
    ///
    /// Short reads run at once, where they are asked for: handing them to another thread would cost more than they
    /// do. What may wait for the disk, and reads that turn out to be long, run on threads that may block. A database
    /// that is locked is waited for without keeping any thread, since whoever holds the lock may be on this one.
    ///
    /// When the future is dropped, a statement that still runs is interrupted.
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
                result => return result.map(|outcome| self.note(outcome)).map_err(statement::failed),
            }
        }
    }

    /// Keeps what the guest may ask for next, so that asking never waits for a statement that runs.
    fn note(&self, outcome: Outcome) -> Outcome {
        self.0.rowid.store(outcome.rowid, Ordering::Relaxed);
        self.0.changes.store(outcome.changes, Ordering::Relaxed);
        outcome
    }

    fn at_once(&self, text: &str, parameters: &[Value]) -> Option<rusqlite::Result<Outcome>> {
        let connection = self.0.connection.try_lock()?;
        statement::run_short(&connection, &self.0.confinement, text, parameters)
    }

    async fn on_a_thread(&self, text: &str, parameters: &Arc<Vec<Value>>) -> rusqlite::Result<Outcome> {
        let (connection, text, parameters) = (self.0.connection.clone(), text.to_owned(), parameters.clone());
        let confinement = self.0.confinement.clone();
        let stop = Arc::new(AtomicBool::new(false));
        let _abandoned = Abandoned(stop.clone());
        spawn_blocking(move || statement::run(&connection.lock(), &confinement, &text, &parameters, stop))
            .await
            .unwrap_or_else(|error| Err(rusqlite::Error::ToSqlConversionFailure(Box::new(error))))
    }

    /// The row id of the last insert.
    #[must_use]
    pub fn last_insert_rowid(&self) -> i64 {
        self.0.rowid.load(Ordering::Relaxed)
    }

    /// The rows that the last statement changed.
    #[must_use]
    pub fn changes(&self) -> u64 {
        self.0.changes.load(Ordering::Relaxed)
    }
}
