//! One at a time, for each key, within this program.

use std::{
    collections::HashSet,
    future,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::Poll,
};

/// The keys whose record or list somebody is changing. Clones are the same.
#[derive(Debug, Clone, Default)]
pub(super) struct Turns(Arc<Mutex<HashSet<String>>>);

/// The right to change what stands under a key; dropping it gives it back.
#[derive(Debug)]
pub(super) struct Turn {
    turns: Turns,
    key: String,
}

impl Turns {
    fn taken(&self) -> MutexGuard<'_, HashSet<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The right, if nobody has it.
    pub(super) fn take(&self, key: &str) -> Option<Turn> {
        self.taken().insert(key.to_owned()).then(|| Turn { turns: self.clone(), key: key.to_owned() })
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.turns.taken().remove(&self.key);
    }
}

/// Lets the other futures of this program run. Nobody else is asked to wake this one (docs/adr/0004).
pub(crate) async fn yield_now() {
    let mut yielded = false;
    future::poll_fn(|cx| {
        if std::mem::replace(&mut yielded, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_taken_until_its_turn_ends() {
        let turns = Turns::default();
        let turn = turns.take("a").unwrap();
        assert!(turns.take("a").is_none() && turns.take("b").is_some());
        drop(turn);
        assert!(turns.take("a").is_some());
    }
}
