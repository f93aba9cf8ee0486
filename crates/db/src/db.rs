//! The handle that services hold.

use crate::{Backend, DbError, Migration, Row, Transaction, Value, migrate};
use std::sync::Arc;

/// How often a transaction that meets [`DbError::Conflict`] is run in all.
const CONFLICT_ATTEMPTS: u32 = 6;

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
        self.0.query(sql, params.into_iter().collect()).await
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
        self.0.execute(sql, params.into_iter().collect()).await
    }

    /// Runs `work` as one transaction: committed if it succeeds, undone if it fails or is dropped half-way.
    ///
    /// `work` uses the transaction only, never this handle, whose changes would wait for the transaction to end. It
    /// runs again from the start when the database reports [`DbError::Conflict`], so it has no effect but on the
    /// database.
    ///
    /// # Errors
    /// What `work` returns, or a [`DbError`] of beginning and committing.
    pub async fn transaction<T, E, F, W>(&self, work: F) -> Result<T, E>
    where
        F: Fn(Transaction) -> W,
        W: Future<Output = Result<T, E>>,
        E: From<DbError>,
    {
        let mut attempts = 0;
        loop {
            attempts += 1;
            let tx = Transaction::new(self.0.begin().await?);
            match work(tx.clone()).await {
                Ok(value) => match tx.take().await?.commit().await {
                    Err(DbError::Conflict) if attempts < CONFLICT_ATTEMPTS => {}
                    ended => return ended.map(|()| value).map_err(E::from),
                },
                Err(error) => {
                    // The error of the work says more than one of undoing it; a connection that cannot roll back is
                    // closed by its adapter, which undoes the changes too.
                    drop(tx.take().await?.rollback().await);
                    if !tx.met_conflict() || attempts >= CONFLICT_ATTEMPTS {
                        return Err(error);
                    }
                }
            }
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
