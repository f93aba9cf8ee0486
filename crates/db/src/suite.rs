//! The behaviour that every adapter of [`crate::Db`] must show.
//!
//! Each case gets an empty database of its own. Natively [`crate::db_suite!`] makes a test of each case; a component
//! runs [`CASES`] by itself and reports what failed.

mod kinds;
mod portable;
mod reads;
mod schema;
mod transactions;

use crate::Db;
use vitrine_suite::{Failure, Outcome, check_eq, check_is};

/// How many programs share the database of a case.
pub const HANDLES: usize = 8;

/// What a case is shown on: an empty database, which is nobody else's.
#[derive(Debug, Clone)]
pub struct Subject {
    /// The database.
    pub db: Db,
    /// The same database, as other programs or instances have it: each handle with connections of its own.
    pub others: Vec<Db>,
}

impl Subject {
    /// The database that each call of `open` gives a handle of.
    ///
    /// # Errors
    /// What `open` fails with.
    pub fn new<E>(mut open: impl FnMut() -> Result<Db, E>) -> Result<Self, E> {
        let db = open()?;
        Ok(Self { db, others: (1..HANDLES).map(|_| open()).collect::<Result<_, _>>()? })
    }
}

vitrine_suite::cases! {
    CASES, run, db_suite, vitrine_db, Subject;
    kinds: values_come_back_as_they_went_in, parameters_are_numbered, changes_are_counted, errors_are_told_apart,
        large_answers_come_whole, a_statement_that_changes_rows_may_answer_them;
    portable: whole_numbers_have_64_bits, nulls_fit_every_column, sums_and_counts_are_whole_numbers,
        truth_is_0_or_1, a_text_with_a_nul_is_refused, indexes_may_be_partial, an_insert_may_become_an_update;
    reads: a_read_sees_one_snapshot, reads_run_side_by_side, a_read_changes_nothing,
        a_read_that_fails_or_is_dropped_leaves_nothing;
    schema: migrations_apply_once, a_changed_migration_is_refused, a_failing_migration_leaves_nothing,
        a_later_program_is_tolerated, programs_that_start_together_migrate_once, a_schema_may_change_under_statements;
    transactions: a_commit_is_seen, a_failure_undoes, a_dropped_transaction_undoes, a_statement_may_fail_inside,
        a_failed_statement_is_not_outlived, others_see_nothing_before_the_commit, writers_take_turns,
        a_transaction_reads_its_own_writes, what_was_read_is_still_true_at_the_commit;
}
