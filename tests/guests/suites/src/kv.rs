//! The key-value port, for a purpose of its own, emptied for each case.

use crate::Ran;
use std::sync::Arc;
use vitrine_guest::{SpinTimer, kv};
use vitrine_kv::suite::Subject;

/// The keys that cases begin with.
const KEYS: [&str; 11] = ["a", "b", "c", "A", " a", "a:b", "naïve 🦀", "{a}*?[b]", "'; --", "%", "a\nb"];

pub(crate) async fn run(case: &str) -> Ran {
    let kv = kv("suites").await?;
    for key in KEYS {
        kv.delete(key).await?;
    }
    Ok(vitrine_kv::suite::run(case, Subject { kv, timer: Arc::new(SpinTimer) }).await)
}
