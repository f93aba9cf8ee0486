//! A running transaction, as [`crate::Db::transaction`] lends it.

use crate::{BackendTransaction, DbError, Row, Value, db::Ended, value::checked};
use futures::lock::Mutex;
use std::sync::Arc;

/// A running transaction. Clones are the same one; after it has ended, or after one of its statements has failed, each
/// further statement fails.
///
/// It is owned rather than borrowed so that the future of the work has no lifetime of its own, which the compiler could
/// not prove `Send` for.
#[derive(Debug, Clone)]
pub struct Transaction(Arc<Mutex<State>>);

#[derive(Debug)]
enum State {
    Running(Box<dyn BackendTransaction>),
    /// A statement failed. PostgreSQL refuses every further one and undoes the transaction when it is told to commit;
    /// here that holds on every adapter, so that nobody takes for kept what is not.
    Failed(Box<dyn BackendTransaction>, DbError),
    Ended,
}

impl Transaction {
    pub(crate) fn new(inner: Box<dyn BackendTransaction>) -> Self {
        Self(Arc::new(Mutex::new(State::Running(inner))))
    }

    /// The rows of one statement.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn query(&self, sql: &str, params: impl IntoIterator<Item = Value>) -> Result<Vec<Row>, DbError> {
        let params = checked(params);
        let mut state = self.0.lock().await;
        let result = match params {
            Ok(params) => state.running()?.query(sql, params).await,
            Err(error) => Err(error),
        };
        state.note(result)
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
        let params = checked(params);
        let mut state = self.0.lock().await;
        let result = match params {
            Ok(params) => state.running()?.execute(sql, params).await,
            Err(error) => Err(error),
        };
        state.note(result)
    }

    /// Commits after a result that is good, if no statement failed; undoes everything otherwise.
    pub(crate) async fn end<T, E: From<DbError>>(&self, result: Result<T, E>) -> Ended<T, E> {
        let state = std::mem::replace(&mut *self.0.lock().await, State::Ended);
        let (inner, error, met) = match (state, result) {
            (State::Running(inner), Ok(value)) => match inner.commit().await {
                Ok(()) => return Ended::Well(value),
                Err(error) => return Ended::Badly(error.clone().into(), Some(error)),
            },
            (State::Running(inner), Err(error)) => (inner, error, None),
            (State::Failed(inner, met), Ok(_)) => (inner, met.clone().into(), Some(met)),
            (State::Failed(inner, met), Err(error)) => (inner, error, Some(met)),
            (State::Ended, _) => return Ended::Badly(ended().into(), None),
        };
        // What made it fail says more than an error of undoing it; a connection that cannot roll back is closed by its
        // adapter or by the server, which undoes the changes too.
        drop(inner.rollback().await);
        Ended::Badly(error, met)
    }
}

impl State {
    fn running(&mut self) -> Result<&mut Box<dyn BackendTransaction>, DbError> {
        match self {
            Self::Running(inner) => Ok(inner),
            Self::Failed(_, error) => Err(error.clone()),
            Self::Ended => Err(ended()),
        }
    }

    fn note<T>(&mut self, result: Result<T, DbError>) -> Result<T, DbError> {
        if let Err(error) = &result {
            *self = match std::mem::replace(self, Self::Ended) {
                Self::Running(inner) => Self::Failed(inner, error.clone()),
                other => other,
            };
        }
        result
    }
}

fn ended() -> DbError {
    DbError::Statement("the transaction has already ended".to_owned())
}
