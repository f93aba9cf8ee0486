//! Chance that can be repeated.

use std::ops::Range;

use vitrine_random::{SeededRandom, bytes};

/// Random choices that follow from a seed. Clones draw from the same sequence.
#[derive(Debug, Clone)]
pub struct Dice(SeededRandom);

impl Dice {
    /// The sequence of `seed`.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(SeededRandom::new(seed))
    }

    /// A number of the range, each as likely as any other; 0 where the range is empty.
    #[must_use]
    pub fn number(&self, range: Range<u64>) -> u64 {
        let width = range.end.saturating_sub(range.start);
        u64::from_le_bytes(bytes(&self.0)).checked_rem(width).map_or(0, |number| range.start + number)
    }

    /// True once in `times`.
    #[must_use]
    pub fn once_in(&self, times: u64) -> bool {
        self.number(0..times) == 0
    }
}
