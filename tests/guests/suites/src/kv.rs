//! The key-value port, for a purpose of its own, emptied for each case.

use crate::Ran;
use std::sync::{Arc, OnceLock};
use vitrine_guest::{SpinTimer, StartError, kv};
use vitrine_kv::Kv;
use vitrine_kv::suite::Subject;

/// The keys that cases begin with.
const KEYS: [&str; 11] = ["a", "b", "c", "A", " a", "a:b", "naïve 🦀", "{a}*?[b]", "'; --", "%", "a\nb"];

/// As a service would, an instance keeps it, and with it the connection.
static KEPT: OnceLock<Kv> = OnceLock::new();

async fn kept() -> Result<Kv, StartError> {
    if let Some(kv) = KEPT.get() {
        return Ok(kv.clone());
    }
    let made = kv("suites").await?;
    Ok(KEPT.get_or_init(|| made).clone())
}

/// Counts once, and says how often that key was counted.
pub(crate) async fn count(key: &str) -> Result<i64, StartError> {
    Ok(kept().await?.increment(key, 1, None).await?)
}

pub(crate) async fn run(case: &str) -> Ran {
    let kv = kept().await?;
    for key in KEYS {
        kv.delete(key).await?;
    }
    Ok(vitrine_kv::suite::run(case, Subject { kv, timer: Arc::new(SpinTimer) }).await)
}
