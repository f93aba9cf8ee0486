//! How often a secret may be tried.
//!
//! Tries are counted before they are made, in one step each, so that a thousand at once are no better than a thousand in a
//! row; one that was right is given back. What is counted by is not the address that they come from, of which an attacker
//! has many, but what they aim at; docs/adr/0006 says why nobody is locked out by that.

use crate::{Error, secret::digest};
use std::{sync::Arc, time::Duration};
use vitrine_clock::{Clock, Timestamp};
use vitrine_kv::Kv;

/// Tries in a window of time, from short to long: together a delay that grows.
const WINDOWS: [(Duration, i64); 3] =
    [(Duration::from_secs(60), 5), (Duration::from_secs(15 * 60), 10), (Duration::from_secs(4 * 60 * 60), 20)];

/// What tries aim at.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Target<'a> {
    /// Somebody's password, from a device that nobody knows: by the login that is typed, whether there is one or not.
    Login(&'a str),
    /// Somebody's password, from a device that has logged in to that account before.
    Device(&'a str),
    /// The password of an account that is logged in, asked for once more.
    StepUp(&'a str),
    /// Mail to an address.
    Mail(&'a str),
}

impl Target<'_> {
    /// A digest, since a login may be of any length and should not lie about.
    fn key(self) -> String {
        let (kind, text) = match self {
            Self::Login(text) => ("login", text),
            Self::Device(text) => ("device", text),
            Self::StepUp(text) => ("step-up", text),
            Self::Mail(text) => ("mail", text),
        };
        format!("attempts/{kind}/{}", digest(text))
    }
}

/// Counts tries.
#[derive(Debug, Clone)]
pub(crate) struct Attempts {
    kv: Kv,
    clock: Arc<dyn Clock>,
}

/// One try that was counted.
#[derive(Debug)]
#[must_use]
pub(crate) struct Attempt {
    /// Where it was counted, and for how long that is kept.
    counters: Vec<(String, Duration)>,
    kv: Kv,
}

impl Attempts {
    pub(crate) fn new(kv: Kv, clock: Arc<dyn Clock>) -> Self {
        Self { kv, clock }
    }

    /// Counts one more try.
    ///
    /// # Errors
    /// [`Error::TooManyAttempts`] if there were enough of them in one of the windows.
    pub(crate) async fn begin(&self, target: Target<'_>) -> Result<Attempt, Error> {
        let (now, key) = (self.clock.now(), target.key());
        let mut counters = Vec::with_capacity(WINDOWS.len());
        for (window, most) in WINDOWS {
            let (number, left) = place(now, window);
            let key = format!("{key}/{}/{number}", window.as_secs());
            if self.kv.increment(&key, 1, Some(window)).await? > most {
                return Err(Error::TooManyAttempts { retry_after: left });
            }
            counters.push((key, window));
        }
        Ok(Attempt { counters, kv: self.kv.clone() })
    }
}

impl Attempt {
    /// The try was right: it is not counted. That this fails is no reason to refuse it.
    pub(crate) async fn was_right(self) {
        for (key, window) in &self.counters {
            // If the window has ended meanwhile, the counter is made once more, and ends too.
            if let Err(error) = self.kv.increment(key, -1, Some(*window)).await {
                tracing::warn!(%error, "an attempt that was right could not be given back");
                return;
            }
        }
    }
}

/// Which window of that length `now` lies in, and how long it goes on.
fn place(now: Timestamp, window: Duration) -> (i64, Duration) {
    let length = i64::try_from(window.as_millis()).unwrap_or(i64::MAX).max(1);
    let (number, gone) = (now.as_millis().div_euclid(length), now.as_millis().rem_euclid(length));
    (number, Duration::from_millis(u64::try_from(length - gone).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_follow_each_other() {
        let window = Duration::from_secs(60);
        assert_eq!(place(Timestamp::from_millis(0), window), (0, window));
        assert_eq!(place(Timestamp::from_millis(59_999), window), (0, Duration::from_millis(1)));
        assert_eq!(place(Timestamp::from_millis(60_000), window), (1, window));
    }

    #[test]
    fn targets_stay_apart() {
        let keys =
            [Target::Login("a"), Target::Device("a"), Target::StepUp("a"), Target::Mail("a"), Target::Login("b")]
                .map(Target::key);
        let different: std::collections::BTreeSet<_> = keys.iter().collect();
        assert_eq!(different.len(), keys.len());
    }
}
