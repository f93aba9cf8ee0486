//! When the process is asked to end.

use anyhow::{Context, Result};
use tokio::signal::unix::{SignalKind, signal};

/// Waits for Ctrl-C (SIGINT) or SIGTERM.
///
/// # Errors
/// When the system refuses to tell.
pub async fn asked() -> Result<()> {
    let mut interrupt = signal(SignalKind::interrupt()).context("SIGINT cannot be waited for")?;
    let mut terminate = signal(SignalKind::terminate()).context("SIGTERM cannot be waited for")?;
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    Ok(())
}
