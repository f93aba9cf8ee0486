//! The random port: unpredictable bytes, and the ids made of them.
#![forbid(unsafe_code)]

mod ids;
mod seeded;
#[cfg(feature = "suite")]
pub mod suite;

pub use ids::Ids;
pub use seeded::SeededRandom;

use std::{fmt, sync::Arc};

/// A source of random bytes.
pub trait Random: fmt::Debug + Send + Sync + 'static {
    /// Fills `buffer` with random bytes.
    fn fill(&self, buffer: &mut [u8]);
}

impl<R: Random + ?Sized> Random for Arc<R> {
    fn fill(&self, buffer: &mut [u8]) {
        (**self).fill(buffer);
    }
}

/// `N` random bytes.
pub fn bytes<const N: usize>(random: &dyn Random) -> [u8; N] {
    let mut buffer = [0; N];
    random.fill(&mut buffer);
    buffer
}

/// The generator of the operating system, fit for keys and tokens.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&self, buffer: &mut [u8]) {
        // A program that goes on without entropy gives out secrets that can be guessed, so it does not go on.
        if let Err(error) = getrandom::fill(buffer) {
            eprintln!("no random bytes from the operating system: {error}");
            std::process::abort();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_draws_differ() {
        assert_ne!(bytes::<32>(&SystemRandom), bytes::<32>(&SystemRandom));
    }
}
