//! What the host knows of a request while a component answers it.

use crate::http::body::Flow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::time::{Duration, Instant};

/// Chained calls that go deeper than this are refused: they go in a circle.
const MAX_DEPTH: u8 = 8;

/// One request on its way through a component.
#[derive(Clone)]
pub struct Call {
    /// The request id (`x-request-id`) that logs and problems carry.
    pub request_id: Arc<str>,
    /// How many chained calls led here; 0 for a request from outside.
    pub depth: u8,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    ending: AtomicU8,
    answered: AtomicBool,
    upload: Arc<Flow>,
    downloads: std::sync::OnceLock<Arc<Flow>>,
}

/// Why the host ended the instance that was answering.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Ending {
    /// It trapped by itself.
    Trap = 0,
    /// It used up its CPU time.
    Cpu = 1,
    /// It asked for more memory than it may have, and then gave up.
    Memory = 2,
    /// It took too long.
    Time = 3,
}

impl Call {
    /// A request from outside.
    #[must_use]
    pub fn new(request_id: Arc<str>) -> Self {
        Self { request_id, depth: 0, shared: Arc::default() }
    }

    /// The call that this one makes, or nothing when it would be too deep.
    #[must_use]
    pub fn chained(&self) -> Option<Self> {
        (self.depth < MAX_DEPTH).then(|| Self {
            request_id: self.request_id.clone(),
            depth: self.depth + 1,
            shared: Arc::default(),
        })
    }

    /// The request's body, as it moves towards the component.
    #[must_use]
    pub fn upload(&self) -> &Arc<Flow> {
        &self.shared.upload
    }

    /// Tells the call which instance answers it: the one whose responses are `downloads`.
    pub fn taken_by(&self, downloads: &Arc<Flow>) {
        _ = self.shared.downloads.set(downloads.clone());
    }

    /// The responses of the instance that answers.
    #[must_use]
    pub fn downloads(&self) -> Option<&Arc<Flow>> {
        self.shared.downloads.get()
    }

    /// When the head of the response is due if the request began at `start`: a body that still moves has an idle
    /// limit of its own, so time counts from its end.
    #[must_use]
    pub fn head_due(&self, start: Instant, limit: Duration) -> Instant {
        match self.shared.upload.quiet_since() {
            None => Instant::now() + limit,
            Some(since) => since.map_or(start, |since| start.max(since)) + limit,
        }
    }

    /// The head of the response has come, or nobody waits for it any more.
    pub fn answered(&self) {
        self.shared.answered.store(true, Ordering::Relaxed);
    }

    /// Whether somebody still waits for the head of the response.
    #[must_use]
    pub fn awaited(&self) -> bool {
        !self.shared.answered.load(Ordering::Relaxed)
    }

    /// Notes why the instance ends, for whoever waits for the answer.
    pub fn end(&self, ending: Ending) {
        self.shared.ending.store(ending as u8, Ordering::Relaxed);
    }

    /// Why the instance ended.
    #[must_use]
    pub fn ending(&self) -> Ending {
        Ending::from(self.shared.ending.load(Ordering::Relaxed))
    }
}

impl From<u8> for Ending {
    fn from(code: u8) -> Self {
        match code {
            1 => Self::Cpu,
            2 => Self::Memory,
            3 => Self::Time,
            _ => Self::Trap,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_ends_at_the_eighth_call() {
        let mut call = Call::new("r".into());
        for depth in 1..=MAX_DEPTH {
            call = call.chained().unwrap();
            assert_eq!(call.depth, depth);
        }
        assert!(call.chained().is_none());
    }

    #[test]
    fn an_upload_that_moves_puts_the_deadline_off() {
        let call = Call::new("r".into());
        let start = Instant::now() - Duration::from_secs(60);
        let limit = Duration::from_secs(10);
        assert!(call.head_due(start, limit) < Instant::now());
        call.upload().open();
        assert!(call.head_due(start, limit) > Instant::now());
        call.upload().close();
        assert!(call.head_due(start, limit) > Instant::now());
    }
}
