//! How often and how long each server is measured: the options that all benchmarks have.

use std::time::Duration;

/// The rounds of a benchmark.
#[derive(clap::Args, Debug)]
pub struct Rounds {
    /// Rounds of each server; the median counts.
    #[arg(long = "rounds", default_value_t = 3)]
    pub count: usize,
    /// Length of a round.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Ends with exit code 1 when a target is missed.
    #[arg(long)]
    check: bool,
}

impl Rounds {
    /// The length of one.
    #[must_use]
    pub fn length(&self) -> Duration {
        Duration::from_secs(self.seconds)
    }

    /// Whether the exit code is to be 0, if the targets were met or not.
    #[must_use]
    pub fn passes(&self, met: bool) -> bool {
        met || !self.check
    }
}
