//! The behaviour that every adapter of [`crate::Kv`] must show.
//!
//! Each case gets an empty keyspace of its own, whose expiries it waits for by the timer that it is given.

mod counters;
mod expiry;
mod values;

use crate::Kv;
use std::{sync::Arc, time::Duration};
use vitrine_clock::Timer;
use vitrine_suite::{Outcome, check_eq, check_is};

/// What a case is shown on.
#[derive(Debug, Clone)]
pub struct Subject {
    /// Empty, and nobody else's.
    pub kv: Kv,
    /// How time passes in it.
    pub timer: Arc<dyn Timer>,
}

impl Subject {
    async fn pause(&self, time: Duration) {
        self.timer.sleep(time).await;
    }
}

vitrine_suite::cases! {
    CASES, run, kv_suite, vitrine_kv, Subject;
    values: a_value_is_what_was_set_last, values_are_bytes_of_any_kind, keys_are_texts_of_any_kind,
        a_deleted_key_is_gone, what_no_adapter_can_keep_is_refused;
    counters: a_counter_begins_at_nothing, counting_together_loses_nothing, a_counter_is_a_value_too,
        what_is_no_number_cannot_be_counted_on, a_sum_stays_within_64_bits;
    expiry: a_value_expires, setting_again_sets_the_expiry_again, a_counter_expires_when_it_was_told_first,
        an_expired_counter_begins_again, what_has_no_expiry_stays;
}
