//! A connection as a guest holds it, and what happens to it afterwards.
//!
//! A connection goes back to the pool as if it were new. The session notes what the guest's statements may have left
//! behind; what is left is undone before the connection is given back, out of the guest's way: a transaction that is
//! still open is rolled back, settings and locks are discarded. A connection whose statement was still running (its
//! guest trapped, or was stopped) is closed.

use super::statement::Effect;
use super::value::{self, MAX_RESULT};
use super::{Column, Error, ParameterValue, QueryError, Row, RowSet, error};
use deadpool_postgres::Object;
use futures::TryStreamExt;
use parking_lot::Mutex;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::time::timeout;
use tokio_postgres::Statement;
use tokio_postgres::error::SqlState;
use tokio_postgres_rustls::MakeRustlsConnect;

/// Statements that one connection keeps prepared.
const PREPARED: usize = 256;
/// How long it may take to make a connection clean; then it is closed.
const CLEANING: Duration = Duration::from_secs(5);

/// A connection, as a guest holds it.
#[derive(Clone)]
pub struct Connection(Arc<Session>);

struct Session {
    /// Taken when the session ends.
    client: Option<Object>,
    tls: MakeRustlsConnect,
    marks: Mutex<Marks>,
}

/// What statements may have left behind.
#[derive(Default)]
struct Marks {
    /// Statements that have begun.
    begun: u64,
    /// Statements that have begun and not ended.
    running: u32,
    /// A transaction may be open.
    transaction: bool,
    /// Settings and the like may differ from those of a new connection.
    session: bool,
    /// Nobody waited for the end of a statement.
    abandoned: bool,
}

impl Connection {
    /// A session on a clean connection.
    pub(super) fn new(client: Object, tls: MakeRustlsConnect) -> Self {
        Self(Arc::new(Session { client: Some(client), tls, marks: Mutex::default() }))
    }

    /// Runs a statement and gives its rows, up to 64 MiB of them.
    pub(super) async fn query(&self, text: &str, parameters: Vec<ParameterValue>) -> Result<RowSet, Error> {
        let parameters = value::parameters(parameters).map_err(Error::BadParameter)?;
        let Some(running) = self.0.begin(text) else { return Ok(RowSet { columns: Vec::new(), rows: Vec::new() }) };
        let result = running.query(&parameters).await;
        running.end(result.is_ok());
        result
    }

    /// Runs a statement and gives the number of rows that it changed.
    pub(super) async fn execute(&self, text: &str, parameters: Vec<ParameterValue>) -> Result<u64, Error> {
        let parameters = value::parameters(parameters).map_err(Error::ValueConversionFailed)?;
        let Some(running) = self.0.begin(text) else { return Ok(0) };
        let result = running.execute(&parameters).await;
        running.end(result.is_ok());
        result
    }
}

impl Session {
    /// Notes that a statement begins. There is nothing to do for one that rolls back what has never begun: guests whose
    /// runtime gives them unclean connections begin with it, here it need not travel.
    fn begin<'a>(&'a self, text: &'a str) -> Option<Running<'a>> {
        let client = self.client.as_ref()?;
        let effect = Effect::of(text);
        let mut marks = self.marks.lock();
        if effect == Effect::RollsBack && marks.begun == 0 {
            return None;
        }
        marks.begun += 1;
        marks.running += 1;
        marks.transaction |= effect == Effect::Opens;
        marks.session |= effect == Effect::Session;
        let alone = marks.running == 1;
        Some(Running { session: self, client, text, effect, number: marks.begun, alone, outcome: None })
    }
}

/// A statement between its beginning and its end.
struct Running<'a> {
    session: &'a Session,
    client: &'a Object,
    text: &'a str,
    effect: Effect,
    number: u64,
    /// No other was running when it began.
    alone: bool,
    /// Whether it succeeded, once that is known.
    outcome: Option<bool>,
}

impl Running<'_> {
    fn end(mut self, succeeded: bool) {
        self.outcome = Some(succeeded);
    }

    async fn query(&self, parameters: &[value::Parameter]) -> Result<RowSet, Error> {
        let prepared = self.prepared().await?;
        match self.rows(&prepared, parameters).await {
            Err(Failure::Statement(error)) if self.is_outdated(&error) => {
                let prepared = self.prepared().await?;
                Ok(self.rows(&prepared, parameters).await?)
            }
            result => Ok(result?),
        }
    }

    async fn execute(&self, parameters: &[value::Parameter]) -> Result<u64, Error> {
        let prepared = self.prepared().await?;
        match self.client.execute_raw(&prepared, value::refer(parameters)).await {
            Err(error) if self.is_outdated(&error) => {
                let prepared = self.prepared().await?;
                let result = self.client.execute_raw(&prepared, value::refer(parameters)).await;
                result.map_err(|error| error::query(&error))
            }
            result => result.map_err(|error| error::query(&error)),
        }
    }

    /// The statement, prepared: now, or long ago where it is a common one.
    async fn prepared(&self) -> Result<Statement, Error> {
        let cache = &self.client.statement_cache;
        let prepared = if self.effect.is_common() {
            if cache.size() >= PREPARED {
                cache.clear();
            }
            self.client.prepare_cached(self.text).await
        } else {
            self.client.prepare(self.text).await
        };
        prepared.map_err(|error| error::query(&error))
    }

    /// Whether the statement was prepared before its tables changed. If so, it is forgotten on every connection, and
    /// can be tried again unless it failed a transaction by that.
    fn is_outdated(&self, error: &tokio_postgres::Error) -> bool {
        let outdated = error.as_db_error().is_some_and(|error| {
            let state = error.code();
            *state == SqlState::INVALID_SQL_STATEMENT_NAME
                || (*state == SqlState::FEATURE_NOT_SUPPORTED && error.message().contains("cached plan"))
        });
        if outdated {
            match Object::pool(self.client) {
                Some(pool) => pool.manager().statement_caches.remove(self.text, &[]),
                None => drop(self.client.statement_cache.remove(self.text, &[])),
            }
        }
        outdated && !self.session.marks.lock().transaction
    }

    async fn rows(&self, prepared: &Statement, parameters: &[value::Parameter]) -> Result<RowSet, Failure> {
        let mut stream = pin!(self.client.query_raw(prepared, value::refer(parameters)).await?);
        let mut rows: Vec<Row> = Vec::new();
        let mut size = 0;
        while let Some(row) = stream.try_next().await? {
            let row = value::row(&row)?;
            size += row.iter().map(value::size).sum::<usize>();
            if size > MAX_RESULT {
                let limit = MAX_RESULT >> 20;
                let reason = format!("the result is larger than {limit} MiB: ask for fewer rows with LIMIT");
                return Err(Failure::Answer(reason));
            }
            rows.push(row);
        }
        let columns = prepared.columns().iter();
        let columns = columns
            .map(|column| Column { name: column.name().to_owned(), data_type: value::data_type(column.type_()) });
        Ok(RowSet { columns: columns.collect(), rows })
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        let mut marks = self.session.marks.lock();
        marks.running -= 1;
        let last = self.alone && marks.begun == self.number;
        match self.outcome {
            None => marks.abandoned = true,
            Some(true) if last && matches!(self.effect, Effect::Ends | Effect::RollsBack) => marks.transaction = false,
            Some(_) => {}
        }
    }
}

/// Why there are no rows.
enum Failure {
    Statement(tokio_postgres::Error),
    Answer(String),
}

impl From<tokio_postgres::Error> for Failure {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Statement(error)
    }
}

impl From<String> for Failure {
    fn from(reason: String) -> Self {
        Self::Answer(reason)
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Statement(error) => error::query(&error),
            Failure::Answer(reason) => Self::QueryFailed(QueryError::Text(reason)),
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let Some(client) = self.client.take() else { return };
        let marks = self.marks.get_mut();
        if !(marks.transaction || marks.session || marks.abandoned) {
            return;
        }
        let Ok(runtime) = Handle::try_current() else { return close(client) };
        if marks.abandoned {
            let (cancel, tls) = (client.cancel_token(), self.tls.clone());
            runtime.spawn(async move {
                // Else the server would go on with it, and keep what it has locked.
                if let Ok(Err(error)) = timeout(CLEANING, cancel.cancel_query(tls)).await {
                    tracing::debug!(%error, "a statement that nobody waits for could not be cancelled");
                }
                close(client);
            });
        } else {
            runtime.spawn(clean(client, marks.transaction, marks.session));
        }
    }
}

/// Takes a connection out of the pool; the server rolls back what it was doing.
fn close(client: Object) {
    drop(Object::take(client));
}

/// Undoes what a guest left behind, then gives the connection back; or closes it when that fails.
async fn clean(client: Object, transaction: bool, session: bool) {
    let work = async {
        if transaction {
            client.batch_execute("ROLLBACK").await?;
        }
        if session {
            client.statement_cache.clear();
            client.batch_execute("DISCARD ALL").await?;
        }
        Ok::<_, tokio_postgres::Error>(())
    };
    match timeout(CLEANING, work).await {
        Ok(Ok(())) => drop(client),
        Ok(Err(error)) => {
            tracing::debug!(%error, "a connection could not be made clean, and is closed");
            close(client);
        }
        Err(_) => {
            tracing::debug!("a connection did not get clean in time, and is closed");
            close(client);
        }
    }
}
