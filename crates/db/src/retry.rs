//! Trying again what lost against a concurrent transaction.

use crate::{Backend, DbError};
use std::time::Duration;
use vitrine_random::{SystemRandom, bytes};

/// How often something that meets [`DbError::Conflict`] is run in all. With the pauses between, some three seconds.
const ATTEMPTS: u32 = 24;

const FIRST_PAUSE: Duration = Duration::from_millis(2);
const LONGEST_PAUSE: Duration = Duration::from_millis(256);

/// How often it was run, and whether it may be run again.
#[derive(Debug, Default)]
pub(crate) struct Attempts(u32);

impl Attempts {
    /// Whether to run it again after `error`: waits a little, then says yes; or says no at once.
    pub(crate) async fn again(&mut self, error: &DbError, backend: &dyn Backend) -> bool {
        self.0 += 1;
        if *error != DbError::Conflict || self.0 >= ATTEMPTS {
            return false;
        }
        backend.pause(pause(self.0)).await;
        true
    }
}

/// A random part of a time that doubles, so that those who met do not meet again.
fn pause(attempt: u32) -> Duration {
    let longest = FIRST_PAUSE.saturating_mul(1 << attempt.saturating_sub(1).min(16)).min(LONGEST_PAUSE);
    let [share] = bytes::<1>(&SystemRandom);
    longest * u32::from(share) / 255
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_differ() {
        for (attempt, longest) in [(1, 2), (2, 4), (5, 32), (8, 256), (23, 256)] {
            let pauses: Vec<_> = (0..100).map(|_| pause(attempt)).collect();
            assert!(pauses.iter().all(|pause| *pause <= Duration::from_millis(longest)), "{attempt}: {pauses:?}");
            assert!(pauses.iter().any(|pause| *pause != pauses[0]), "{attempt}: {pauses:?}");
        }
    }
}
