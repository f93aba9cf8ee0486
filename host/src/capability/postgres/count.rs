//! How long opening a connection and running a statement take.

use crate::guest::Guest;
use prometheus::HistogramTimer;

/// A running clock, which stops when it is dropped.
pub(super) type Timer = HistogramTimer;

/// Measures one call, from now until the timer is dropped.
pub(super) fn start(guest: &Guest) -> Timer {
    guest.metrics.postgres.start_timer()
}

/// Counts a use that was not granted.
pub(super) fn refused(guest: &Guest) {
    guest.metrics.refused("postgres");
}
