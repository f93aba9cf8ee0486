//! What the author of a service decides about its tRPC.

use std::{sync::Arc, time::Duration};
use vitrine_clock::Timer;
use vitrine_edge::JSON_BODY_BYTES;

/// The most calls that one request may hold, unless the service says otherwise. A client is told by `maxItems` of its links.
pub const BATCH_CALLS: usize = 10;

/// Whose rules decide where the versions of tRPC differ. Clients of both versions understand the answers of either.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Dialect {
    /// tRPC 10: a request is a batch if `batch` is not empty; a POST needs no `Content-Type`; an input that is no JSON fails the
    /// whole request, as `PARSE_ERROR`.
    V10,
    /// tRPC 11: a request is a batch if `batch` is `1`; a POST says its `Content-Type`; an input that is no JSON fails the calls
    /// that read it, as `BAD_REQUEST`.
    #[default]
    V11,
}

/// How answers that go on for a while are kept alive, and how long they may go on.
#[derive(Debug, Clone)]
pub struct Streams {
    pub(crate) timer: Arc<dyn Timer>,
    pub(crate) ping: Duration,
    pub(crate) longest: Duration,
    inactivity: Option<Duration>,
}

impl Streams {
    /// A ping every 10 s, less than what hosts and proxies take for silence, and an end after 15 minutes.
    #[must_use]
    pub fn new(timer: Arc<dyn Timer>) -> Self {
        Self { timer, ping: Duration::from_secs(10), longest: Duration::from_secs(15 * 60), inactivity: None }
    }

    /// How long a subscription or a streamed batch is silent before a ping is sent.
    #[must_use]
    pub fn ping(self, after: Duration) -> Self {
        Self { ping: after, ..self }
    }

    /// How long a subscription goes on. After that it breaks off, and the client subscribes again, from the last event that it has
    /// seen: so that who calls is checked again, and instances can go.
    #[must_use]
    pub fn longest(self, longest: Duration) -> Self {
        Self { longest, ..self }
    }

    /// Tells clients to subscribe again after a silence; never less than two pings, so that a single late one is no silence.
    /// Without it they wait for the connection to break.
    #[must_use]
    pub fn reconnect_after_inactivity(self, after: Duration) -> Self {
        Self { inactivity: Some(after), ..self }
    }

    /// The silence after which clients subscribe again.
    pub(crate) fn inactivity(&self) -> Option<Duration> {
        self.inactivity.map(|after| after.max(self.ping.saturating_mul(2)))
    }
}

/// All of it.
#[derive(Debug, Clone)]
pub(crate) struct Options {
    /// None if batches are refused.
    pub(crate) batch_calls: Option<usize>,
    pub(crate) input_bytes: usize,
    pub(crate) method_override: bool,
    pub(crate) dialect: Dialect,
    pub(crate) streams: Option<Streams>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            batch_calls: Some(BATCH_CALLS),
            input_bytes: JSON_BODY_BYTES,
            method_override: false,
            dialect: Dialect::default(),
            streams: None,
        }
    }
}
