//! How long opening a connection and sending a command take.

use crate::guest::Guest;
use prometheus::HistogramTimer;

/// Measures one call, from now until the timer is dropped.
pub(super) fn start(guest: &Guest) -> HistogramTimer {
    guest.metrics.redis.start_timer()
}

/// Counts a use that was not granted.
pub(super) fn refused(guest: &Guest) {
    guest.metrics.refused("redis");
}
