//! Waiting.

use crate::FixedClock;
use futures::future::{self, BoxFuture, Either, FutureExt};
use std::{fmt, sync::Arc, time::Duration};

/// Lets time pass.
pub trait Timer: fmt::Debug + Send + Sync + 'static {
    /// Is done after `duration`, or a little later.
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()>;
}

impl<T: Timer + ?Sized> Timer for Arc<T> {
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        (**self).sleep(duration)
    }
}

/// Nobody waits for a fixed clock: it is moved forward by the time that is slept.
impl Timer for FixedClock {
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        self.advance(duration);
        future::ready(()).boxed()
    }
}

/// The timer of tokio, which must be running.
#[cfg(feature = "tokio")]
#[derive(Debug, Clone, Copy, Default)]
pub struct TokioTimer;

#[cfg(feature = "tokio")]
impl Timer for TokioTimer {
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        // Made inside of the future, so that the clock starts when it is polled, wherever it was made.
        async move { tokio::time::sleep(duration).await }.boxed()
    }
}

/// What `work` comes to, or nothing if it takes longer than `limit`; it is dropped then.
pub async fn timeout<F: Future>(timer: &dyn Timer, limit: Duration, work: F) -> Option<F::Output> {
    let work = std::pin::pin!(work);
    match future::select(work, timer.sleep(limit)).await {
        Either::Left((output, _)) => Some(output),
        Either::Right(((), _)) => None,
    }
}
