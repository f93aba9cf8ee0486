//! The answers that move over one connection, seen from outside: a client that takes nothing of one is left.
//!
//! The library reads a body only when the client has room for it. So a client that never makes room (an HTTP/2 window of
//! zero) would keep the answer, its place at the edge and its instance for as long as it likes.

use super::body::Flow;
use parking_lot::Mutex;
use std::sync::{Arc, Weak};
use std::time::Duration;

/// The answers of one connection.
#[derive(Clone, Default)]
pub struct Flows(Arc<Mutex<Vec<Watched>>>);

/// An answer, and how long it may stand still.
type Watched = (Weak<Flow>, Duration);

impl Flows {
    /// An answer begins that may stand still for `limit`.
    #[must_use]
    pub fn begin(&self, limit: Duration) -> Arc<Flow> {
        let flow = Arc::new(Flow::default());
        flow.open();
        let mut flows = self.0.lock();
        if flows.len() == flows.capacity() {
            flows.retain(|(flow, _)| flow.strong_count() > 0);
        }
        flows.push((Arc::downgrade(&flow), limit));
        flow
    }

    /// Returns when an answer has stood still for twice as long as it may, give or take `look`, the time between two
    /// looks. (Within its limit, what reads it ends it where that can be done.)
    pub async fn stalled(&self, look: Duration) {
        loop {
            tokio::time::sleep(look).await;
            let mut flows = self.0.lock();
            flows.retain(|(flow, _)| flow.strong_count() > 0);
            let late = |(flow, limit): &Watched| flow.upgrade().is_some_and(|flow| flow.stalled(*limit * 2));
            if flows.iter().any(late) {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Duration = Duration::from_millis(20);

    async fn stalls(flows: &Flows, within: Duration) -> bool {
        tokio::time::timeout(within, flows.stalled(LIMIT / 10)).await.is_ok()
    }

    #[tokio::test]
    async fn only_an_answer_that_stands_still_too_long_counts() {
        let flows = Flows::default();
        let patient = flows.begin(Duration::from_secs(60));
        let moving = flows.begin(LIMIT * 10);
        for _ in 0..8 {
            moving.note();
            assert!(!stalls(&flows, LIMIT).await);
        }
        drop(moving);
        assert!(!stalls(&flows, LIMIT * 3).await, "one may stand still, the other has gone");
        let _still = flows.begin(LIMIT);
        assert!(stalls(&flows, LIMIT * 100).await);
        drop(patient);
    }
}
