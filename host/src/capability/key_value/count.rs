//! How long key-value calls take.

use super::Host;
use prometheus::HistogramTimer;

/// Measures one call, from now until the timer is dropped.
pub(super) fn start(host: &Host) -> HistogramTimer {
    host.with(|mut access| access.get().guest.metrics.key_value.start_timer())
}
