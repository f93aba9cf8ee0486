//! How long to wait before the next try.

use std::time::Duration;
use vitrine_random::{Random, bytes};

const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(300);
const LONGEST_LOST: Duration = Duration::from_secs(60);

/// How long to wait after try number `attempt` has failed: 1 s, 2 s, 4 s, … to 5 minutes, and of that a random part of at
/// least one half, so that what failed together does not come back together.
pub(super) fn pause(attempt: u32, random: &dyn Random) -> Duration {
    let full = FIRST.saturating_mul(1 << attempt.saturating_sub(1).min(16)).min(LONGEST);
    let share = u16::from_le_bytes(bytes(random));
    full / 2 + full / 2 * u32::from(share) / u32::from(u16::MAX)
}

/// How long after its claim a try is made again of which nothing was heard. Whoever made it has ended, which says little
/// about the delivery; but if it was the delivery that ended it, it is not to end one relay after another.
pub(super) fn lost(attempt: u32, random: &dyn Random) -> Duration {
    pause(attempt, random).min(LONGEST_LOST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use vitrine_random::SeededRandom;

    #[test]
    fn pauses_double_to_five_minutes_and_are_spread() {
        let random = SeededRandom::new(1);
        for (attempt, full) in [(1, 1), (2, 2), (3, 4), (8, 128), (9, 256), (10, 300), (100, 300)] {
            let full = Duration::from_secs(full);
            for _ in 0..50 {
                let pause = pause(attempt, &random);
                assert!(pause >= full / 2 && pause <= full, "{attempt}: {pause:?}");
            }
        }
        assert_ne!(pause(9, &random), pause(9, &random));
    }
}
