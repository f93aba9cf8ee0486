//! Waiting.

use futures::{
    FutureExt,
    future::{self, BoxFuture, Either},
};
use send_wrapper::SendWrapper;
use spin_sdk::wasip3::clocks::monotonic_clock;
use std::time::Duration;

/// Waits for `duration`.
#[must_use]
pub fn sleep(duration: Duration) -> BoxFuture<'static, ()> {
    let nanoseconds = duration.as_nanos().try_into().unwrap_or(u64::MAX);
    SendWrapper::new(async move { monotonic_clock::wait_for(nanoseconds).await }).boxed()
}

/// What `work` comes to, or nothing if it takes longer than `limit`; it is dropped then.
pub(crate) async fn timeout<F: Future>(limit: Duration, work: F) -> Option<F::Output> {
    let work = std::pin::pin!(work);
    match future::select(work, sleep(limit)).await {
        Either::Left((output, _)) => Some(output),
        Either::Right(((), _)) => None,
    }
}
