//! The key-value port, for a purpose of its own, emptied for each case.

use crate::Ran;
use std::sync::{Arc, OnceLock};
use vitrine_guest::{SpinTimer, kv};
use vitrine_kv::Kv;
use vitrine_kv::suite::Subject;

/// The keys that cases begin with.
const KEYS: [&str; 11] = ["a", "b", "c", "A", " a", "a:b", "naïve 🦀", "{a}*?[b]", "'; --", "%", "a\nb"];

/// As a service would, an instance keeps it, and with it the connection.
static KEPT: OnceLock<Kv> = OnceLock::new();

pub(crate) async fn run(case: &str) -> Ran {
    let kv = match KEPT.get() {
        Some(kv) => kv.clone(),
        None => {
            let made = kv("suites").await?;
            KEPT.get_or_init(|| made).clone()
        }
    };
    for key in KEYS {
        kv.delete(key).await?;
    }
    Ok(vitrine_kv::suite::run(case, Subject { kv, timer: Arc::new(SpinTimer) }).await)
}
