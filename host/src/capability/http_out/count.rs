//! How long outbound requests take.

use crate::guest::Guest;
use prometheus::HistogramTimer;

/// Starts the clock of one outbound request; it is stopped at the head of the response.
pub(super) fn start(guest: &Guest) -> Timer {
    Timer(guest.metrics.outbound_http.start_timer())
}

/// A running clock.
pub(super) struct Timer(HistogramTimer);

impl Timer {
    pub(super) fn stop(self) {
        self.0.observe_duration();
    }
}
