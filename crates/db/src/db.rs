//! The handle that services hold.

use crate::{
    Backend, BackendTransaction, DbError, Migration, Row, Snapshot, Transaction, Value, migrate, retry::Attempts,
    value::checked,
};
use futures::future::BoxFuture;
use std::sync::Arc;

/// How a transaction is begun.
type Begin = for<'a> fn(&'a dyn Backend) -> BoxFuture<'a, Result<Box<dyn BackendTransaction>, DbError>>;

/// A database. Clones are the same database.
#[derive(Debug, Clone)]
pub struct Db(Arc<dyn Backend>);

impl Db {
    /// The database behind `backend`.
    pub fn new(backend: impl Backend) -> Self {
        Self(Arc::new(backend))
    }

    /// The rows of one statement, outside any transaction.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn query(&self, sql: &str, params: impl IntoIterator<Item = Value>) -> Result<Vec<Row>, DbError> {
        let params = checked(params)?;
        let mut attempts = Attempts::default();
        loop {
            match self.0.query(sql, params.clone()).await {
                Err(error) if attempts.again(&error, &*self.0).await => {}
                ended => return ended,
            }
        }
    }

    /// The first row of one statement, if it has any.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn query_one(&self, sql: &str, params: impl IntoIterator<Item = Value>) -> Result<Option<Row>, DbError> {
        Ok(self.query(sql, params).await?.into_iter().next())
    }

    /// Runs one statement, a transaction of its own, and says how many rows it changed.
    ///
    /// # Errors
    /// See [`DbError`]; nothing was changed then.
    pub async fn execute(&self, sql: &str, params: impl IntoIterator<Item = Value>) -> Result<u64, DbError> {
        let params = checked(params)?;
        let mut attempts = Attempts::default();
        loop {
            match self.0.execute(sql, params.clone()).await {
                Err(error) if attempts.again(&error, &*self.0).await => {}
                ended => return ended,
            }
        }
    }

    /// Runs `work` as one serialisable transaction: committed if it succeeds, undone if it fails or is dropped half-way.
    ///
    /// `work` uses the transaction only, never this handle, whose changes would wait for the transaction to end. It
    /// runs again from the start, after a pause, when the database reports [`DbError::Conflict`], so it has no effect
    /// but on the database. A statement that fails ends the transaction, also if `work` says that it succeeded.
    ///
    /// # Errors
    /// What `work` returns, or a [`DbError`] of beginning, of a statement, or of committing.
    pub async fn transaction<T, E, F, W>(&self, work: F) -> Result<T, E>
    where
        F: Fn(Transaction) -> W,
        W: Future<Output = Result<T, E>>,
        E: From<DbError>,
    {
        self.run(|backend| backend.begin(), work).await
    }

    /// Runs `work`, which only asks, on one snapshot: all its statements see the database as it is at the first of
    /// them, whoever commits meanwhile. A single question needs none: [`Db::query`] costs less.
    ///
    /// Like that of [`Db::transaction`], `work` may run again from the start.
    ///
    /// # Errors
    /// What `work` returns, or a [`DbError`] of beginning, of a statement, or of ending; [`DbError::Statement`] for a
    /// statement that would change something.
    pub async fn read<T, E, F, W>(&self, work: F) -> Result<T, E>
    where
        F: Fn(Snapshot) -> W,
        W: Future<Output = Result<T, E>>,
        E: From<DbError>,
    {
        self.run(|backend| backend.begin_read(), |tx| work(Snapshot::new(tx))).await
    }

    async fn run<T, E, F, W>(&self, begin: Begin, work: F) -> Result<T, E>
    where
        F: Fn(Transaction) -> W,
        W: Future<Output = Result<T, E>>,
        E: From<DbError>,
    {
        let mut attempts = Attempts::default();
        loop {
            let tx = match begin(&*self.0).await {
                Ok(begun) => Transaction::new(begun),
                Err(error) if attempts.again(&error, &*self.0).await => continue,
                Err(error) => return Err(error.into()),
            };
            match tx.end(work(tx.clone()).await).await {
                Ended::Well(value) => return Ok(value),
                Ended::Badly(_, Some(met)) if attempts.again(&met, &*self.0).await => {}
                Ended::Badly(error, _) => return Err(error),
            }
        }
    }

    /// Runs `work` as one transaction for changes of the schema. See [`Backend::begin_alone`].
    pub(crate) async fn alone<F, W>(&self, work: F) -> Result<(), DbError>
    where
        F: FnOnce(Transaction) -> W,
        W: Future<Output = Result<(), DbError>>,
    {
        let tx = Transaction::new(self.0.begin_alone().await?);
        match tx.end(work(tx.clone()).await).await {
            Ended::Well(()) => Ok(()),
            Ended::Badly(error, _) => Err(error),
        }
    }

    /// Applies, in order and each exactly once, the migrations that this database has not seen. Safe to call from
    /// several programs at the same time: one applies them, the others wait.
    ///
    /// A migration of a higher version than this program knows is left alone, so that the old program goes on working
    /// while a new one is rolled out.
    ///
    /// # Errors
    /// [`DbError::Migration`] if an applied migration has changed or a lower one is missing, and any other [`DbError`];
    /// the migrations of this call are then all undone.
    pub async fn migrate(&self, migrations: &[Migration]) -> Result<(), DbError> {
        migrate::run(self, migrations).await
    }
}

/// How a transaction ended.
pub(crate) enum Ended<T, E> {
    /// It was committed.
    Well(T),
    /// It was undone, for the first reason. The second is what the database said, if it was the database.
    Badly(E, Option<DbError>),
}
