//! How often one address or one account may ask.
//!
//! A sliding window over two counters: those of the current window, and of the one before as far as it still overlaps
//! with the last `window` seconds. The counters are in the key-value store, so that all instances and all processes count
//! together. Writing each request there would cost more than most requests do, so an instance adds what it has admitted in
//! batches of a twentieth of the quota, or twice a second; that is by how much each instance may let through too much.
//! Quotas so small that a twentieth is one request are exact: every request is written before it is decided.
//!
//! What is refused is not counted, and costs no access to the store once the instance knows that a quota is used up. If the
//! store is away, each instance goes on with what it knows: limits are worth less than answers.

mod quota;
mod window;

pub use quota::Quota;
pub(crate) use window::Standing;

use http::{HeaderMap, HeaderName, HeaderValue};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use vitrine_clock::{Clock, Timer, Timestamp, timeout};
use vitrine_kv::{Kv, KvError};
use window::{Plan, Window};

/// The purpose of the keyspace.
pub const PURPOSE: &str = "limits";

/// How many counters an instance keeps at most; each takes about 150 bytes.
const CAPACITY: usize = 8192;
/// The store has this long to answer.
const PATIENCE: Duration = Duration::from_millis(500);

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Policy {
    /// All requests of an account.
    Account,
    /// All requests of an address.
    Address,
    /// Attempts of an address to prove who it is.
    Login,
    /// Attempts of an address to get an account.
    Registration,
}

impl Policy {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Address => "address",
            Self::Login => "login",
            Self::Registration => "registration",
        }
    }
}

/// A quota is used up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    policy: Policy,
    pub(crate) standing: Standing,
    /// When the next request can get through.
    pub(crate) after: Duration,
}

impl Refusal {
    pub(crate) fn detail(&self) -> &'static str {
        match self.policy {
            Policy::Account => "This account has asked too often. Try again after the time in the Retry-After header.",
            Policy::Address => {
                "Too many requests came from your address. Try again after the time in the Retry-After header."
            }
            Policy::Registration => {
                "Too many accounts were asked for from your address. Try again after the time in the Retry-After header."
            }
            Policy::Login => {
                "Too many attempts came from your address. Try again after the time in the Retry-After header."
            }
        }
    }
}

/// The counters of one instance, and the store behind them.
#[derive(Debug)]
pub(crate) struct Limits {
    kv: Kv,
    clock: Arc<dyn Clock>,
    timer: Arc<dyn Timer>,
    windows: Mutex<HashMap<(Policy, String), Window>>,
}

impl Limits {
    pub(crate) fn new(kv: Kv, clock: Arc<dyn Clock>, timer: Arc<dyn Timer>) -> Self {
        Self { kv, clock, timer, windows: Mutex::default() }
    }

    fn windows(&self) -> MutexGuard<'_, HashMap<(Policy, String), Window>> {
        self.windows.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts `cost` requests of `who`, if the quota has room for them.
    pub(crate) async fn take(&self, policy: Policy, quota: Quota, who: &str, cost: u32) -> Result<Standing, Refusal> {
        let (now, cost) = (self.clock.now(), u64::from(cost));
        let refused = |(standing, after)| Refusal { policy, standing, after };
        let id = (policy, who.to_owned());
        let plan = {
            let mut windows = self.windows();
            make_room(&mut windows, now);
            windows.entry(id.clone()).or_insert_with(|| Window::new(policy.name(), quota, now)).take(now, cost)
        };
        let write = match plan {
            Plan::Decided(decided) => return decided.map_err(refused),
            Plan::Write(write) => write,
        };
        let key = |index: i64| key(policy, quota, index, who);
        let counted = async {
            let before = match write.first {
                true => number(self.kv.get(&key(write.index - 1)).await?),
                false => 0,
            };
            let sum = self.kv.increment(&key(write.index), write.amount, Some(quota.window() * 2)).await?;
            Ok::<_, KvError>((before, u64::try_from(sum).unwrap_or(0)))
        };
        let counted = timeout(&*self.timer, PATIENCE, counted).await;
        let counted = counted.unwrap_or_else(|| Err(KvError::Unavailable("no answer in time".to_owned())));
        let counted = counted
            .map_err(|error| tracing::warn!(%error, policy = policy.name(), "limits are counted here only"))
            .ok();
        let mut windows = self.windows();
        let window = windows.entry(id).or_insert_with(|| Window::new(policy.name(), quota, now));
        window.written(now, &write, counted).map_err(refused)
    }

    /// Counts `cost` requests of `who` no more that were counted a moment ago. That this fails is no reason to refuse them.
    pub(crate) async fn give_back(&self, policy: Policy, quota: Quota, who: &str, cost: u32) {
        let now = self.clock.now();
        let written = {
            let mut windows = self.windows();
            windows.get_mut(&(policy, who.to_owned())).and_then(|window| window.give_back(now, cost.into()))
        };
        let Some(written) = written else { return };
        let key = key(policy, quota, written.index, who);
        let counted = self.kv.increment(&key, -written.amount, Some(quota.window() * 2));
        if let Some(Err(error)) = timeout(&*self.timer, PATIENCE, counted).await {
            tracing::warn!(%error, policy = policy.name(), "what was counted could not be given back");
        }
    }
}

fn key(policy: Policy, quota: Quota, index: i64, who: &str) -> String {
    format!("{}/{}/{index}/{who}", policy.name(), quota.window().as_secs())
}

fn number(value: Option<bytes::Bytes>) -> u64 {
    value.and_then(|value| str::from_utf8(&value).ok()?.parse().ok()).unwrap_or(0)
}

fn make_room(windows: &mut HashMap<(Policy, String), Window>, now: Timestamp) {
    if windows.len() >= CAPACITY {
        windows.retain(|_, window| window.is_current(now));
    }
    if windows.len() >= CAPACITY {
        // The store knows the counts; what is lost is what was not written yet.
        windows.clear();
    }
}

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const LIMIT: HeaderName = HeaderName::from_static("ratelimit");

/// Says how a caller stands (`RateLimit-Policy` and `RateLimit`, draft-ietf-httpapi-ratelimit-headers-10).
pub(crate) fn tell(headers: &mut HeaderMap, standings: &[Standing]) {
    let list = |item: fn(&Standing) -> String| {
        let text = standings.iter().map(item).collect::<Vec<_>>().join(", ");
        HeaderValue::from_str(&text).ok().filter(|value| !value.is_empty())
    };
    if let (Some(policy), Some(limit)) = (list(Standing::policy), list(Standing::limit)) {
        headers.insert(POLICY, policy);
        headers.insert(LIMIT, limit);
    }
}
