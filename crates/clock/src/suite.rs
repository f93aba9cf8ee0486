//! The behaviour that every pair of a [`crate::Clock`] and a [`crate::Timer`] must show.

mod waiting;

use crate::{Clock, Timer};
use std::sync::Arc;
use vitrine_suite::{Outcome, check_eq};

/// What a case is shown on.
#[derive(Debug, Clone)]
pub struct Subject {
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Lets it pass on that clock.
    pub timer: Arc<dyn Timer>,
}

vitrine_suite::cases! {
    CASES, run, clock_suite, vitrine_clock, Subject;
    waiting: the_clock_shows_what_was_slept, no_sleep_ends_early, work_in_time_is_kept, work_too_late_is_dropped;
}
