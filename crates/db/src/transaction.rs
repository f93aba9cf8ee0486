//! A running transaction, as [`crate::Db::transaction`] lends it.

use crate::{BackendTransaction, DbError, Row, Value};
use futures::lock::Mutex;
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// A running transaction. Clones are the same one; after it has ended, each fails.
///
/// It is owned rather than borrowed so that the future of the work has no lifetime of its own, which the compiler could
/// not prove `Send` for.
#[derive(Debug, Clone)]
pub struct Transaction(Arc<Running>);

#[derive(Debug)]
struct Running {
    inner: Mutex<Option<Box<dyn BackendTransaction>>>,
    conflict: AtomicBool,
}

impl Transaction {
    pub(crate) fn new(inner: Box<dyn BackendTransaction>) -> Self {
        Self(Arc::new(Running { inner: Mutex::new(Some(inner)), conflict: AtomicBool::new(false) }))
    }

    /// The rows of one statement.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn query(&self, sql: &str, params: impl IntoIterator<Item = Value>) -> Result<Vec<Row>, DbError> {
        let params = params.into_iter().collect();
        let mut inner = self.0.inner.lock().await;
        let result = inner.as_mut().ok_or_else(ended)?.query(sql, params).await;
        self.note(result)
    }

    /// The first row of one statement, if it has any.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn query_one(&self, sql: &str, params: impl IntoIterator<Item = Value>) -> Result<Option<Row>, DbError> {
        Ok(self.query(sql, params).await?.into_iter().next())
    }

    /// Runs one statement and says how many rows it changed.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn execute(&self, sql: &str, params: impl IntoIterator<Item = Value>) -> Result<u64, DbError> {
        let params = params.into_iter().collect();
        let mut inner = self.0.inner.lock().await;
        let result = inner.as_mut().ok_or_else(ended)?.execute(sql, params).await;
        self.note(result)
    }

    fn note<T>(&self, result: Result<T, DbError>) -> Result<T, DbError> {
        if matches!(result, Err(DbError::Conflict)) {
            self.0.conflict.store(true, Ordering::Relaxed);
        }
        result
    }

    pub(crate) fn met_conflict(&self) -> bool {
        self.0.conflict.load(Ordering::Relaxed)
    }

    pub(crate) async fn take(&self) -> Result<Box<dyn BackendTransaction>, DbError> {
        self.0.inner.lock().await.take().ok_or_else(ended)
    }
}

fn ended() -> DbError {
    DbError::Statement("the transaction has already ended".to_owned())
}
