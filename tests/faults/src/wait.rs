//! Waiting for what must come.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// Waits until it is so.
///
/// # Errors
/// When it is not within that time.
pub async fn until(what: &str, within: Duration, mut is_so: impl FnMut() -> bool) -> Result<()> {
    let start = Instant::now();
    while !is_so() {
        if start.elapsed() > within {
            bail!("{what}: not within {within:?}");
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}
