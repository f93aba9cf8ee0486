//! Waiting for each other inside one instance.
//!
//! Requests of an instance are tasks of the component model, and what wakes such a task must come from the host: the
//! bindings can let one task wake another only by a way that runtimes since wasmtime 48 refuse (a read is cancelled
//! while it is in a waitable set, which traps). So whoever waits here asks again after a moment of the host's clock, the
//! sooner the nearer its turn is.

use crate::time::sleep;
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    time::Duration,
};

/// How long a task waits before it asks again, for each place in the queue.
const PAUSE: Duration = Duration::from_millis(1);
const LONGEST_PAUSE: Duration = Duration::from_millis(16);

/// A right that one task has at a time; the others have it in the order in which they came.
#[derive(Clone, Debug, Default)]
pub(crate) struct Turn(Arc<Mutex<Queue>>);

#[derive(Debug, Default)]
struct Queue {
    taken: bool,
    next: u64,
    waiting: VecDeque<u64>,
}

/// A place in the queue. A task that stops waiting gives it up.
#[derive(Debug)]
struct Ticket {
    turn: Turn,
    number: u64,
}

/// The right; dropping it gives it back.
#[derive(Debug)]
pub(crate) struct Taken(Turn);

impl Drop for Taken {
    fn drop(&mut self) {
        self.0.queue().taken = false;
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.turn.queue().waiting.retain(|number| *number != self.number);
    }
}

impl Ticket {
    /// The right, if nobody has it and everybody who came before had it; or how many come first.
    fn present(&self) -> Result<Taken, usize> {
        let mut queue = self.turn.queue();
        match queue.waiting.iter().position(|number| *number == self.number) {
            Some(0) | None if !queue.taken => {
                queue.taken = true;
                Ok(Taken(self.turn.clone()))
            }
            place => Err(place.unwrap_or(0)),
        }
    }
}

impl Turn {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ticket(&self) -> Ticket {
        let mut queue = self.queue();
        let number = queue.next;
        queue.next += 1;
        queue.waiting.push_back(number);
        Ticket { turn: self.clone(), number }
    }

    /// Takes the turn, and waits for it as long as it takes.
    pub(crate) async fn take(&self) -> Taken {
        let ticket = self.ticket();
        loop {
            match ticket.present() {
                Ok(taken) => return taken,
                Err(before) => {
                    let places = u32::try_from(before).unwrap_or(u32::MAX).saturating_add(1);
                    sleep(PAUSE.saturating_mul(places).min(LONGEST_PAUSE)).await;
                }
            }
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
