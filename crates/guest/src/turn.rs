//! Waiting for each other inside one instance.
//!
//! Requests of an instance are tasks of the component model, and what wakes such a task must come from the host: the
//! bindings can let one task wake another only by a way that runtimes since wasmtime 48 refuse (a read is cancelled
//! while it is in a waitable set, which traps). So whoever waits here asks again after a moment of the host's clock.
//! Waiting is rare and short: for the start of the instance, and for the turn to write.

use crate::time::sleep;
use std::{
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

/// The first pause, and the longest one: each is twice the one before.
const PAUSES: (Duration, Duration) = (Duration::from_millis(1), Duration::from_millis(16));

/// A right that one task has at a time. It is not fair: who asks at the right moment has it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Turn(Arc<AtomicBool>);

/// The right; dropping it gives it back.
#[derive(Debug)]
pub(crate) struct Taken(Arc<AtomicBool>);

impl Drop for Taken {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

impl Turn {
    /// Takes the turn if nobody has it.
    pub(crate) fn try_take(&self) -> Option<Taken> {
        let taken = self.0.compare_exchange(false, true, Ordering::Acquire, Ordering::Relaxed);
        taken.is_ok().then(|| Taken(Arc::clone(&self.0)))
    }

    /// Takes the turn, and waits for it as long as it takes.
    pub(crate) async fn take(&self) -> Taken {
        let (mut pause, longest) = PAUSES;
        loop {
            if let Some(taken) = self.try_take() {
                return taken;
            }
            sleep(pause).await;
            pause = (pause * 2).min(longest);
        }
    }
}

/// A value that is made at its first use, by one task; the others wait for it.
#[derive(Debug)]
pub(crate) struct Once<T> {
    value: OnceLock<T>,
    turn: OnceLock<Turn>,
}

impl<T> Once<T> {
    /// Nothing yet.
    pub(crate) const fn new() -> Self {
        Self { value: OnceLock::new(), turn: OnceLock::new() }
    }

    /// The value, made now if it was not there. If making it fails, the next task tries again.
    pub(crate) async fn get_or_try_init<E, F>(&self, init: impl FnOnce() -> F) -> Result<&T, E>
    where
        F: Future<Output = Result<T, E>>,
    {
        if let Some(value) = self.value.get() {
            return Ok(value);
        }
        let _taken = self.turn.get_or_init(Turn::default).take().await;
        if let Some(value) = self.value.get() {
            return Ok(value);
        }
        let value = init().await?;
        Ok(self.value.get_or_init(|| value))
    }
}
