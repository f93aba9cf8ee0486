//! Looking for what is old, now and then.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};
use vitrine_clock::Timestamp;
use vitrine_db::DbError;

/// When an instance looks for what is old next. A new one looks at once.
#[derive(Debug)]
pub(crate) struct Pruning(AtomicI64);

impl Default for Pruning {
    fn default() -> Self {
        Self(AtomicI64::new(i64::MIN))
    }
}

impl Pruning {
    /// Has `prune` take away a batch of at most `at_once` rows if it is time. It is time again after `every`, or as soon as
    /// somebody asks if the batch was full: so pruning keeps up with whatever comes in. What fails is tried again at the
    /// next time.
    pub(crate) async fn in_time(
        &self,
        now: Timestamp,
        every: Duration,
        at_once: u64,
        prune: impl Future<Output = Result<u64, DbError>>,
    ) {
        let due = self.0.load(Ordering::Relaxed);
        if now.as_millis() < due {
            return;
        }
        // Others of this instance do not look meanwhile.
        self.0.store((now + every).as_millis(), Ordering::Relaxed);
        match prune.await {
            Ok(pruned) if pruned >= at_once => self.0.store(due, Ordering::Relaxed),
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "what is old could not be pruned"),
        }
    }
}
