//! The behaviour that every [`crate::Ring`] that reaches a relay must show.

mod ringing;

use crate::Ring;
use std::sync::Arc;
use vitrine_clock::Timer;
use vitrine_http_out::HttpOut;
use vitrine_suite::{Failure, Outcome, check_eq};

/// What a case is shown on.
#[derive(Debug, Clone)]
pub struct Subject {
    /// Rings the relay.
    pub ring: Arc<dyn Ring>,
    /// Asks the relay.
    pub out: Arc<dyn HttpOut>,
    /// Where the relay says, in decimals, how many rings it has heard.
    pub heard: String,
    /// Lets time pass for both.
    pub timer: Arc<dyn Timer>,
}

vitrine_suite::cases! {
    CASES, run, ring_suite, vitrine_events, Subject;
    ringing: every_ring_is_heard_at_last, rings_at_once_become_few;
}
