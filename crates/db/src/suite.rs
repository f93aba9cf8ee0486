//! The behaviour that every adapter of [`crate::Db`] must show.
//!
//! Each case gets an empty database of its own. Natively [`crate::db_suite!`] makes a test of each case; a component
//! runs [`CASES`] by itself and reports what failed.

mod kinds;
mod portable;
mod schema;
mod transactions;

use crate::Db;
use vitrine_suite::{Failure, Outcome, check_eq, check_is};

vitrine_suite::cases! {
    CASES, run, db_suite, vitrine_db, Db;
    kinds: values_come_back_as_they_went_in, parameters_are_numbered, changes_are_counted, errors_are_told_apart,
        large_answers_come_whole, a_statement_that_changes_rows_may_answer_them;
    portable: whole_numbers_have_64_bits, nulls_fit_every_column, sums_and_counts_are_whole_numbers,
        truth_is_0_or_1, a_text_with_a_nul_is_refused, indexes_may_be_partial, an_insert_may_become_an_update;
    schema: migrations_apply_once, a_changed_migration_is_refused, a_failing_migration_leaves_nothing,
        a_later_program_is_tolerated, programs_that_start_together_migrate_once;
    transactions: a_commit_is_seen, a_failure_undoes, a_dropped_transaction_undoes, a_statement_may_fail_inside,
        a_failed_statement_is_not_outlived, others_see_nothing_before_the_commit, writers_take_turns,
        a_transaction_reads_its_own_writes, what_was_read_is_still_true_at_the_commit;
}
