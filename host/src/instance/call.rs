//! What the host knows of a request while a component answers it.

use crate::http::Admission;
use crate::http::body::Flow;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

/// Chained calls that go deeper than this are refused: they go in a circle, in which each waits for the next.
const MAX_DEPTH: u8 = 8;

/// One request on its way through a component.
#[derive(Clone)]
pub struct Call {
    /// The request id (`x-request-id`) that logs and problems carry.
    pub request_id: Arc<str>,
    /// How many chained calls led here; 0 for a request from outside.
    pub depth: u8,
    admission: Weak<Admission>,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    ending: AtomicU8,
    answered: AtomicBool,
    over: AtomicBool,
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
    /// A call that nothing led to.
    #[must_use]
    pub fn new(request_id: Arc<str>) -> Self {
        Self { request_id, depth: 0, admission: Weak::new(), shared: Arc::default() }
    }

    /// A request from outside, which was let in.
    #[must_use]
    pub fn admitted(request_id: Arc<str>, admission: &Arc<Admission>) -> Self {
        Self { request_id, depth: 0, admission: Arc::downgrade(admission), shared: Arc::default() }
    }

    /// The place that the request from outside takes at the edge, to be held by whoever works for it: so it stays taken
    /// when the client has gone and the work goes on.
    #[must_use]
    pub fn admission(&self) -> Option<Arc<Admission>> {
        self.admission.upgrade()
    }

    /// The call that this one makes, or nothing when it would be too deep. What goes on after the whole answer begins a
    /// chain of its own: nobody above waits for it, so it closes no circle, however often it has itself called again.
    #[must_use]
    pub fn chained(&self) -> Option<Self> {
        let depth = if self.is_over() { 0 } else { self.depth };
        (depth < MAX_DEPTH).then(|| Self {
            request_id: self.request_id.clone(),
            depth: depth + 1,
            admission: self.admission.clone(),
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

    /// When the head of the response is due if the request began at `start`: time counts from when the request's body
    /// last moved. A body that nobody reads does not move.
    #[must_use]
    pub fn head_due(&self, start: Instant, limit: Duration) -> Instant {
        self.shared.upload.moved().map_or(start, |moved| start.max(moved)) + limit
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

    /// The whole response has gone, or nobody waits for the rest of it.
    pub fn over(&self) {
        self.shared.over.store(true, Ordering::Relaxed);
    }

    /// Whether nobody waits for any part of the response any more.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.shared.over.load(Ordering::Relaxed)
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
    fn what_goes_on_after_the_whole_answer_begins_a_chain_of_its_own() {
        let mut call = Call::new("r".into());
        for _ in 0..=MAX_DEPTH {
            call = call.chained().unwrap();
            assert_eq!(call.depth, 1);
            call.answered();
            assert_eq!(call.chained().unwrap().depth, 2, "its body is still awaited");
            call.over();
        }
    }

    #[test]
    fn an_upload_puts_the_deadline_off_only_while_it_moves() {
        let call = Call::new("r".into());
        let start = Instant::now() - Duration::from_secs(60);
        let limit = Duration::from_millis(20);
        assert!(call.head_due(start, limit) < Instant::now());
        call.upload().open();
        assert!(call.head_due(start, limit) > Instant::now());
        std::thread::sleep(limit);
        assert!(call.head_due(start, limit) < Instant::now(), "it is open, but it stands still");
        call.upload().note();
        assert!(call.head_due(start, limit) > Instant::now());
    }
}
