//! Waiting.

use futures::{FutureExt, future::BoxFuture};
use send_wrapper::SendWrapper;
use spin_sdk::wasip3::clocks::monotonic_clock;
use std::time::Duration;
use vitrine_clock::Timer;

/// Waits for `duration`.
#[must_use]
pub fn sleep(duration: Duration) -> BoxFuture<'static, ()> {
    let nanoseconds = duration.as_nanos().try_into().unwrap_or(u64::MAX);
    SendWrapper::new(async move { monotonic_clock::wait_for(nanoseconds).await }).boxed()
}

/// What `work` comes to, or nothing if it takes longer than `limit`; it is dropped then.
pub(crate) async fn timeout<F: Future>(limit: Duration, work: F) -> Option<F::Output> {
    vitrine_clock::timeout(&SpinTimer, limit, work).await
}

/// The clock of the runtime.
#[derive(Debug, Clone, Copy, Default)]
pub struct SpinTimer;

impl Timer for SpinTimer {
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        sleep(duration)
    }
}
