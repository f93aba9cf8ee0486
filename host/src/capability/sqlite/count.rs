//! How long SQL statements take.

use crate::instance::InstanceState;
use prometheus::HistogramTimer;

/// Measures one statement, from now until the timer is dropped.
pub(super) fn start(state: &InstanceState) -> HistogramTimer {
    state.guest.metrics.sqlite.start_timer()
}
