//! The behaviour that every adapter of [`crate::HttpOut`] must show.
//!
//! The other side of each case is the server that the feature `router` has as `echo`.

mod exchanges;
mod limits;

use crate::{HttpOut, Limits, StreamLimits};
use std::{sync::Arc, time::Duration};
use vitrine_suite::{Outcome, check_eq, check_is};

/// What the adapter must hold exchanges with whole bodies to.
pub const LIMITS: Limits = Limits { timeout: Duration::from_secs(1), response_bytes: 1024 };

/// What the adapter must hold exchanges that stream to.
pub const STREAM_LIMITS: StreamLimits = StreamLimits { head: Duration::from_secs(1), idle: Duration::from_secs(1) };

/// What a case is shown on.
#[derive(Debug, Clone)]
pub struct Subject {
    /// Holds exchanges to [`LIMITS`] and [`STREAM_LIMITS`].
    pub out: Arc<dyn HttpOut>,
    /// The origin of the server, such as `http://127.0.0.1:8080`.
    pub origin: String,
    /// An origin that must not be called; none where the adapter has no grants.
    pub denied: Option<String>,
    /// Whether there is a network, so that time can run out.
    pub network: bool,
}

impl Subject {
    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }
}

vitrine_suite::cases! {
    CASES, run, http_out_suite, vitrine_http_out, Subject;
    exchanges: what_is_sent_arrives_and_what_is_answered_comes_back, every_status_is_an_answer,
        a_length_is_told_where_it_is_known, large_bodies_stream_both_ways;
    limits: a_response_that_is_too_large_is_refused, time_runs_out, a_relative_uri_is_refused,
        what_is_not_granted_is_denied;
}
