//! What can be seen of an instance from outside its store, while the store is busy.

use super::call::{Call, Ending};
use super::meter::Slice;
use crate::http::body::Flow;
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, Instant};

/// What can be seen of an instance from outside its store.
pub struct Vitals {
    /// Whether the guest runs without pause.
    pub slice: Arc<Slice>,
    /// The bodies of its responses.
    pub downloads: Arc<Flow>,
    calls: Mutex<Vec<Call>>,
    ending: AtomicU8,
}

impl Vitals {
    /// The vitals of an instance that has had no request yet.
    #[must_use]
    pub fn new(slice: Arc<Slice>) -> Self {
        Self { slice, downloads: Arc::default(), calls: Mutex::default(), ending: AtomicU8::new(Ending::Trap as u8) }
    }

    /// A request begins.
    pub fn begin(&self, call: &Call) {
        call.taken_by(&self.downloads);
        let mut calls = self.calls.lock();
        calls.retain(Call::awaited);
        calls.push(call.clone());
    }

    /// Notes why the instance ends, for it and for every request that it was answering.
    pub fn end(&self, ending: Ending) {
        self.ending.store(ending as u8, Ordering::Relaxed);
        for call in self.calls.lock().iter() {
            call.end(ending);
        }
    }

    /// Why the instance ends: what was noted, else a trap.
    #[must_use]
    pub fn ending(&self) -> Ending {
        Ending::from(self.ending.load(Ordering::Relaxed))
    }

    /// When the last of the unanswered requests is due, if the newest began at `start`.
    #[must_use]
    pub fn head_due(&self, start: Instant, limit: Duration) -> Instant {
        let calls = self.calls.lock();
        calls
            .iter()
            .filter(|call| call.awaited())
            .map(|call| call.head_due(start, limit))
            .max()
            .unwrap_or(start + limit)
    }

    /// The ids of the unanswered requests, for the log.
    #[must_use]
    pub fn request_ids(&self) -> String {
        let calls = self.calls.lock();
        let awaited = calls.iter().filter(|call| call.awaited());
        let ids: Vec<&str> = awaited.map(|call| &*call.request_id).collect();
        ids.join(" ")
    }
}
