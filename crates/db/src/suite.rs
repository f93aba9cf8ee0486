//! The behaviour that every adapter of [`crate::Db`] must show.
//!
//! Each case gets an empty database of its own. Natively [`crate::db_suite!`] makes a test of each case; a component
//! runs [`CASES`] by itself and reports what failed.

mod kinds;
mod schema;
mod transactions;

use crate::{Db, DbError};
use futures::future::BoxFuture;

/// Why a case failed.
#[derive(Debug, PartialEq, Eq)]
pub struct Failure(pub String);

impl From<DbError> for Failure {
    fn from(error: DbError) -> Self {
        Self(error.to_string())
    }
}

/// What a case comes to.
pub type Outcome = Result<(), Failure>;

/// One thing that an adapter must do right.
#[derive(Debug, Clone, Copy)]
pub struct Case {
    /// What it is about, as the name of a test.
    pub name: &'static str,
    /// Runs it on an empty database.
    pub run: fn(Db) -> BoxFuture<'static, Outcome>,
}

macro_rules! cases {
    ($($module:ident: $($name:ident),+;)+) => {
        /// Every case of the suite.
        pub const CASES: &[Case] = &[$($(
            Case { name: stringify!($name), run: |db| Box::pin($module::$name(db)) },
        )+)+];

        /// Makes a `#[tokio::test]` of each case, on the empty database that the expression gives each time.
        #[macro_export]
        macro_rules! db_suite {
            ($make:expr) => {$($(
                #[tokio::test]
                async fn $name() {
                    $crate::suite::run(stringify!($name), $make).await.unwrap();
                }
            )+)+};
        }
    };
}

cases! {
    kinds: values_come_back_as_they_went_in, parameters_are_numbered, changes_are_counted, errors_are_told_apart,
        large_answers_come_whole;
    schema: migrations_apply_once, a_changed_migration_is_refused, a_failing_migration_leaves_nothing,
        a_later_program_is_tolerated;
    transactions: a_commit_is_seen, a_failure_undoes, a_dropped_transaction_undoes, a_statement_may_fail_inside,
        others_see_nothing_before_the_commit, writers_take_turns, a_transaction_reads_its_own_writes;
}

/// Runs the case `name` on `db`.
///
/// # Errors
/// What the case found wrong, or that there is no such case.
pub async fn run(name: &str, db: Db) -> Outcome {
    match CASES.iter().find(|case| case.name == name) {
        Some(case) => (case.run)(db).await,
        None => Err(Failure(format!("there is no case {name}"))),
    }
}

/// Fails the case unless both sides are equal.
macro_rules! check_eq {
    ($left:expr, $right:expr) => {
        match (&$left, &$right) {
            (left, right) if left == right => {}
            (left, right) => {
                let reason = format!("line {}: {left:?} is not {right:?}", line!());
                return Err($crate::suite::Failure(reason).into());
            }
        }
    };
}
use check_eq;
