//! One counter: what an instance knows of it, and what it decides by that.

use super::Quota;
use std::time::Duration;
use vitrine_clock::Timestamp;

/// What was admitted is written down within this time, and what others have written is read.
const SYNC: Duration = Duration::from_millis(500);

/// How a caller stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Standing {
    name: &'static str,
    quota: Quota,
    remaining: u64,
    reset: Duration,
}

impl Standing {
    pub(crate) fn policy(&self) -> String {
        format!("\"{}\";q={};w={}", self.name, self.quota.requests(), self.quota.window().as_secs())
    }

    pub(crate) fn limit(&self) -> String {
        format!("\"{}\";r={};t={}", self.name, self.remaining, seconds(self.reset))
    }
}

/// Whole seconds, rounded up, at least one.
fn seconds(duration: Duration) -> u64 {
    duration.as_millis().div_ceil(1000).max(1).try_into().unwrap_or(u64::MAX)
}

/// How a caller stands, or why he has to wait and for how long.
pub(super) type Decided = Result<Standing, (Standing, Duration)>;

/// What to do about a request.
pub(super) enum Plan {
    /// Nothing more.
    Decided(Decided),
    /// Write this down first.
    Write(Write),
}

/// What is to be added to the counter of a window.
pub(super) struct Write {
    pub(super) index: i64,
    pub(super) amount: i64,
    /// How much of it is the request that is decided.
    pub(super) cost: u64,
    /// Whether the counter of the window before is to be read too.
    pub(super) first: bool,
}

/// What is to be taken from the counter of a window.
pub(super) struct GivenBack {
    pub(super) index: i64,
    pub(super) amount: i64,
}

/// What an instance knows of one counter.
#[derive(Debug)]
pub(super) struct Window {
    name: &'static str,
    quota: Quota,
    index: i64,
    /// The counter of the window before.
    previous: u64,
    /// What the counter was when it was last written.
    known: u64,
    /// What is being written.
    sent: u64,
    /// What was admitted and is not written yet.
    pending: u64,
    written_at: Timestamp,
    loaded: bool,
    failing: bool,
}

impl Window {
    pub(super) fn new(name: &'static str, quota: Quota, now: Timestamp) -> Self {
        Self {
            name,
            quota,
            index: index(quota, now),
            previous: 0,
            known: 0,
            sent: 0,
            pending: 0,
            written_at: now,
            loaded: false,
            failing: false,
        }
    }

    /// Whether it is about the window of `now`.
    pub(super) fn is_current(&self, now: Timestamp) -> bool {
        self.index == index(self.quota, now)
    }

    /// Decides about `cost` requests, or says what must be written for that.
    pub(super) fn take(&mut self, now: Timestamp, cost: u64) -> Plan {
        if !self.is_current(now) {
            *self = Self::new(self.name, self.quota, now);
        }
        // Others only add to what is known here, so a refusal needs no look at the store.
        if self.loaded && self.used(now) + cost > self.limit() {
            return Plan::Decided(Err(self.refusal(now, cost)));
        }
        let due = now.since(self.written_at) >= SYNC;
        let full = !self.failing && self.pending + cost >= self.quota.batch();
        if self.loaded && !due && !full {
            self.pending += cost;
            return Plan::Decided(Ok(self.standing(now)));
        }
        let amount = std::mem::take(&mut self.pending) + cost;
        self.sent += amount;
        self.written_at = now;
        Plan::Write(Write {
            index: self.index,
            amount: i64::try_from(amount).unwrap_or(i64::MAX),
            cost,
            first: !self.loaded,
        })
    }

    /// Takes in what the store said (the counter before, and this one), `None` if it said nothing, and decides.
    pub(super) fn written(&mut self, now: Timestamp, write: &Write, counted: Option<(u64, u64)>) -> Decided {
        if self.index != write.index {
            // The window ended meanwhile; what was written counts there.
            return Ok(self.standing(now));
        }
        let amount = u64::try_from(write.amount).unwrap_or(0);
        self.sent = self.sent.saturating_sub(amount);
        self.loaded = true;
        self.failing = counted.is_none();
        let over = match counted {
            Some((previous, sum)) => {
                if write.first {
                    self.previous = previous;
                }
                self.known = self.known.max(sum);
                self.weighted(now) + sum > self.limit()
            }
            None => {
                // Kept for the next try; the one that is refused now is not.
                self.pending += amount;
                let over = self.used(now) > self.limit();
                self.pending -= if over { write.cost } else { 0 };
                over
            }
        };
        if over { Err(self.refusal(now, write.cost)) } else { Ok(self.standing(now)) }
    }

    /// Takes back `cost` requests that were admitted, if they lie in the window of `now`. What the store has counted of them is to
    /// be taken from its counter too.
    pub(super) fn give_back(&mut self, now: Timestamp, cost: u64) -> Option<GivenBack> {
        if !self.is_current(now) {
            return None;
        }
        let unwritten = cost.min(self.pending);
        self.pending -= unwritten;
        let amount = (cost - unwritten).min(self.known);
        self.known -= amount;
        (amount > 0).then(|| GivenBack { index: self.index, amount: i64::try_from(amount).unwrap_or(i64::MAX) })
    }

    fn limit(&self) -> u64 {
        self.quota.requests().into()
    }

    fn millis(&self) -> u64 {
        millis(self.quota)
    }

    fn elapsed(&self, now: Timestamp) -> u64 {
        now.as_millis().rem_euclid(i64::try_from(self.millis()).unwrap_or(i64::MAX)).unsigned_abs()
    }

    /// As much of the window before as still overlaps with the last window's length.
    fn weighted(&self, now: Timestamp) -> u64 {
        self.previous.saturating_mul(self.millis() - self.elapsed(now)) / self.millis()
    }

    fn current(&self) -> u64 {
        self.known + self.sent + self.pending
    }

    fn used(&self, now: Timestamp) -> u64 {
        self.weighted(now) + self.current()
    }

    fn standing(&self, now: Timestamp) -> Standing {
        Standing {
            name: self.name,
            quota: self.quota,
            remaining: self.limit().saturating_sub(self.used(now)),
            reset: Duration::from_millis(self.millis() - self.elapsed(now)),
        }
    }

    /// With how long it takes until `cost` requests have room, if nothing else is asked meanwhile.
    fn refusal(&self, now: Timestamp, cost: u64) -> (Standing, Duration) {
        let (elapsed, left) = (self.elapsed(now), self.millis() - self.elapsed(now));
        let after = match self.limit().checked_sub(self.current() + cost) {
            Some(room) => self.faded(self.previous, room).saturating_sub(elapsed),
            None => left + self.faded(self.current(), self.limit().saturating_sub(cost)),
        };
        // The header knows whole seconds.
        (self.standing(now), Duration::from_secs(seconds(Duration::from_millis(after))))
    }

    /// How long into a window `count` of the one before weighs no more than `room`.
    fn faded(&self, count: u64, room: u64) -> u64 {
        let overlap = self.millis().saturating_mul(room + 1) / count.max(1);
        (self.millis() + 1).saturating_sub(overlap)
    }
}

fn millis(quota: Quota) -> u64 {
    quota.window().as_millis().try_into().unwrap_or(u64::MAX)
}

fn index(quota: Quota, now: Timestamp) -> i64 {
    now.as_millis().div_euclid(i64::try_from(millis(quota)).unwrap_or(i64::MAX))
}
