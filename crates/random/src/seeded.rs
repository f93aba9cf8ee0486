//! Random bytes that a test can predict.

use crate::Random;
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

/// The same bytes in the same order for the same seed (SplitMix64). For tests only: the bytes are easy to guess.
/// Clones draw from the same sequence.
#[derive(Debug, Clone)]
pub struct SeededRandom(Arc<AtomicU64>);

impl SeededRandom {
    /// The sequence of `seed`.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(Arc::new(AtomicU64::new(seed)))
    }

    fn next(&self) -> u64 {
        const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
        let mut word = self.0.fetch_add(STEP, Ordering::SeqCst).wrapping_add(STEP);
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }
}

impl Random for SeededRandom {
    fn fill(&self, buffer: &mut [u8]) {
        for chunk in buffer.chunks_mut(8) {
            for (byte, random) in chunk.iter_mut().zip(self.next().to_le_bytes()) {
                *byte = random;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytes;

    #[test]
    fn the_seed_decides_the_bytes() {
        assert_eq!(bytes::<20>(&SeededRandom::new(7)), bytes::<20>(&SeededRandom::new(7)));
        assert_ne!(bytes::<20>(&SeededRandom::new(7)), bytes::<20>(&SeededRandom::new(8)));
    }
}
