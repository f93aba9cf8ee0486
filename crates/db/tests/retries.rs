//! What is tried again, and what is not, on a backend that fails as it is told.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use futures::future::{self, BoxFuture, FutureExt as _};
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};
use vitrine_db::{Backend, BackendTransaction, Db, DbError, Row, Value};

/// Errors of the next statements, and all that was asked for.
#[derive(Debug, Default)]
struct Script {
    errors: VecDeque<Option<DbError>>,
    log: Vec<String>,
}

#[derive(Debug, Clone, Default)]
struct Scripted(Arc<Mutex<Script>>);

impl Scripted {
    /// The next statements and commits fail so, or succeed where there is no error; all later ones succeed.
    fn failing(errors: impl IntoIterator<Item = Option<DbError>>) -> Self {
        let script = Script { errors: errors.into_iter().collect(), log: Vec::new() };
        Self(Arc::new(Mutex::new(script)))
    }

    fn note(&self, what: &str) {
        self.0.lock().unwrap().log.push(what.to_owned());
    }

    fn step<T>(&self, what: &str, well: T) -> Result<T, DbError> {
        self.note(what);
        self.0.lock().unwrap().errors.pop_front().flatten().map_or(Ok(well), Err)
    }

    fn log(&self) -> String {
        self.0.lock().unwrap().log.join(" ")
    }
}

impl Backend for Scripted {
    fn query<'a>(&'a self, sql: &'a str, _: Vec<Value>) -> BoxFuture<'a, Result<Vec<Row>, DbError>> {
        future::ready(self.step(sql, Vec::new())).boxed()
    }

    fn execute<'a>(&'a self, sql: &'a str, _: Vec<Value>) -> BoxFuture<'a, Result<u64, DbError>> {
        future::ready(self.step(sql, 1)).boxed()
    }

    fn begin(&self) -> BoxFuture<'_, Result<Box<dyn BackendTransaction>, DbError>> {
        self.note("begin");
        future::ready(Ok(Box::new(self.clone()) as Box<dyn BackendTransaction>)).boxed()
    }

    fn begin_read(&self) -> BoxFuture<'_, Result<Box<dyn BackendTransaction>, DbError>> {
        self.note("begin-read");
        future::ready(Ok(Box::new(self.clone()) as Box<dyn BackendTransaction>)).boxed()
    }

    fn pause(&self, time: Duration) -> BoxFuture<'_, ()> {
        assert!(time <= Duration::from_millis(256), "{time:?}");
        self.note("pause");
        future::ready(()).boxed()
    }
}

impl BackendTransaction for Scripted {
    fn query<'a>(&'a mut self, sql: &'a str, _: Vec<Value>) -> BoxFuture<'a, Result<Vec<Row>, DbError>> {
        future::ready(self.step(sql, Vec::new())).boxed()
    }

    fn execute<'a>(&'a mut self, sql: &'a str, _: Vec<Value>) -> BoxFuture<'a, Result<u64, DbError>> {
        future::ready(self.step(sql, 1)).boxed()
    }

    fn commit(self: Box<Self>) -> BoxFuture<'static, Result<(), DbError>> {
        future::ready(self.step("commit", ())).boxed()
    }

    fn rollback(self: Box<Self>) -> BoxFuture<'static, Result<(), DbError>> {
        self.note("rollback");
        future::ready(Ok(())).boxed()
    }
}

/// Runs a transaction of two statements.
async fn two(backend: &Scripted) -> Result<u64, DbError> {
    let db = Db::new(backend.clone());
    db.transaction(|tx| async move {
        tx.execute("a", []).await?;
        tx.execute("b", []).await
    })
    .await
}

#[tokio::test]
async fn a_conflict_is_tried_again_wherever_it_shows() {
    let backend = Scripted::failing([Some(DbError::Conflict), None, Some(DbError::Conflict), None, None]);
    assert_eq!(two(&backend).await, Ok(1));
    assert_eq!(backend.log(), "begin a rollback pause begin a b rollback pause begin a b commit");

    let backend = Scripted::failing([None, None, Some(DbError::Conflict)]);
    assert_eq!(two(&backend).await, Ok(1));
    assert_eq!(backend.log(), "begin a b commit pause begin a b commit");
}

#[tokio::test]
async fn a_single_statement_is_tried_again() {
    let backend = Scripted::failing([Some(DbError::Conflict), Some(DbError::Conflict)]);
    let db = Db::new(backend.clone());
    assert_eq!(db.execute("a", []).await, Ok(1));
    assert_eq!(db.query("b", []).await, Ok(Vec::new()));
    assert_eq!(backend.log(), "a pause a pause a b");
}

#[tokio::test]
async fn other_errors_are_not_tried_again() {
    for error in [DbError::Busy, DbError::Constraint("no".to_owned()), DbError::Unavailable("gone".to_owned())] {
        let backend = Scripted::failing([Some(error.clone())]);
        assert_eq!(two(&backend).await, Err(error.clone()));
        assert_eq!(backend.log(), "begin a rollback");
        let backend = Scripted::failing([Some(error.clone())]);
        assert_eq!(Db::new(backend.clone()).execute("a", []).await, Err(error));
        assert_eq!(backend.log(), "a");
    }
}

#[tokio::test]
async fn it_ends_at_some_time() {
    let backend = Scripted::failing(vec![Some(DbError::Conflict); 1_000]);
    assert_eq!(two(&backend).await, Err(DbError::Conflict));
    assert_eq!(backend.log().matches("begin").count(), 24);
}

#[tokio::test]
async fn work_that_hides_a_failure_is_not_committed() {
    let backend = Scripted::failing([Some(DbError::Constraint("no".to_owned()))]);
    let db = Db::new(backend.clone());
    let result = db
        .transaction(|tx| async move {
            drop(tx.execute("a", []).await);
            drop(tx.execute("b", []).await);
            Ok::<_, DbError>(())
        })
        .await;
    assert_eq!(result, Err(DbError::Constraint("no".to_owned())));
    assert_eq!(backend.log(), "begin a rollback");
}

#[tokio::test]
async fn work_that_hides_a_conflict_is_tried_again() {
    let backend = Scripted::failing([Some(DbError::Conflict)]);
    let db = Db::new(backend.clone());
    let result = db
        .transaction(|tx| async move {
            drop(tx.execute("a", []).await);
            Ok::<_, DbError>(())
        })
        .await;
    assert_eq!(result, Ok(()));
    assert_eq!(backend.log(), "begin a rollback pause begin a commit");
}

#[tokio::test]
async fn a_read_is_tried_again_too_and_changes_nothing() {
    let backend = Scripted::failing([None, Some(DbError::Conflict)]);
    let db = Db::new(backend.clone());
    let read = |first: &'static str| {
        db.read(move |tx| async move {
            tx.query(first, []).await?;
            tx.query("VALUES (2)", []).await
        })
    };
    assert_eq!(read("SELECT 1").await, Ok(Vec::new()));
    let once = "begin-read SELECT 1 VALUES (2)";
    assert_eq!(backend.log(), format!("{once} rollback pause {once} commit"));
    assert!(matches!(read("DELETE FROM t RETURNING id").await, Err::<_, DbError>(DbError::Statement(_))));
    assert!(backend.log().ends_with("commit begin-read rollback"), "{}", backend.log());
}
