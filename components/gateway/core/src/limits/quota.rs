//! So many requests in so many seconds.

use std::time::Duration;

/// No window is longer: counters that live for days are no limit on a rate.
const LONGEST: u64 = 24 * 60 * 60;

/// How many requests may be made in any window of a length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    requests: u32,
    seconds: u32,
}

impl Quota {
    /// Reads `<requests>/<seconds>`, such as `600/60`; `off` is no limit.
    ///
    /// # Errors
    /// What would be right.
    pub fn parse(text: &str) -> Result<Option<Self>, String> {
        if text == "off" {
            return Ok(None);
        }
        let parsed = text.split_once('/').and_then(|(requests, seconds)| {
            let (requests, seconds) = (requests.trim().parse().ok()?, seconds.trim().parse().ok()?);
            (requests > 0 && seconds > 0 && u64::from(seconds) <= LONGEST).then_some(Self { requests, seconds })
        });
        match parsed {
            Some(quota) => Ok(Some(quota)),
            None => {
                Err(format!("it is a number of requests, a slash and 1 to {LONGEST} seconds, such as 600/60, or `off`"))
            }
        }
    }

    /// How many.
    #[must_use]
    pub fn requests(self) -> u32 {
        self.requests
    }

    /// In how long.
    #[must_use]
    pub fn window(self) -> Duration {
        Duration::from_secs(self.seconds.into())
    }

    /// How many an instance admits before it writes them down: a twentieth, at least one.
    pub(crate) fn batch(self) -> u64 {
        (u64::from(self.requests) / 20).max(1)
    }
}
