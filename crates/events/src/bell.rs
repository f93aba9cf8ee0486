//! At most one run of some work at a time, and one more for all that rang meanwhile.

use std::sync::{
    Arc,
    atomic::{AtomicU8, Ordering},
};

const IDLE: u8 = 0;
const RUNNING: u8 = 1;
/// Running, and rung again since: what came in may have been overlooked.
const RUNG: u8 = 2;

/// Lets one at a time work, however often it is rung. Clones are the same bell.
#[derive(Debug, Clone, Default)]
pub struct Bell(Arc<AtomicU8>);

/// The right to work. Dropped in whatever way, it makes the bell work again.
#[derive(Debug)]
pub struct Turn {
    state: Arc<AtomicU8>,
    given_back: bool,
}

impl Bell {
    /// Gives the right to work, unless somebody has it; then that one is told to look once more.
    #[must_use]
    pub fn ring(&self) -> Option<Turn> {
        let turn = |state| Some(if state == IDLE { RUNNING } else { RUNG });
        let idle = self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, turn) == Ok(IDLE);
        idle.then(|| Turn { state: Arc::clone(&self.0), given_back: false })
    }
}

impl Turn {
    /// Gives the right back, unless somebody has rung meanwhile: then it is true, and the work is to be done once more.
    #[must_use]
    pub fn once_more(&mut self) -> bool {
        let turn = |state| Some(if state == RUNG { RUNNING } else { IDLE });
        let before = self.state.fetch_update(Ordering::SeqCst, Ordering::SeqCst, turn);
        self.given_back = before != Ok(RUNG);
        !self.given_back
    }

    /// Whether somebody has rung since the last look. Asking takes the ring.
    #[must_use]
    pub fn was_rung(&self) -> bool {
        self.state.compare_exchange(RUNG, RUNNING, Ordering::SeqCst, Ordering::SeqCst).is_ok()
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if !self.given_back {
            self.state.store(IDLE, Ordering::SeqCst);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_works_and_looks_once_more_for_all_that_rang() {
        let bell = Bell::default();
        let mut turn = bell.ring().unwrap();
        assert!(!turn.was_rung());
        assert!(bell.ring().is_none() && bell.clone().ring().is_none());
        assert!(turn.once_more());
        assert!(!turn.once_more());
        drop(turn);
        assert!(bell.ring().is_some());
    }

    #[test]
    fn a_turn_that_is_dropped_half_way_is_given_back() {
        let bell = Bell::default();
        drop(bell.ring().unwrap());
        assert!(bell.ring().is_some());
    }

    #[test]
    fn a_turn_that_was_given_back_does_not_end_the_next_one() {
        let bell = Bell::default();
        let mut first = bell.ring().unwrap();
        assert!(!first.once_more());
        let second = bell.ring().unwrap();
        drop(first);
        assert!(bell.ring().is_none(), "the second still works");
        drop(second);
    }
}
