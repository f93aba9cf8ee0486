//! The browser that tests drive.

use anyhow::{Result, bail};
use vitrine_browser::chromium;

use crate::console::Console;

/// Debian's package of it.
const PACKAGE: &str = "chromium";

/// Installs it where it is missing.
pub(crate) fn install(console: &Console) -> Result<()> {
    if chromium().is_none() {
        crate::apt::install(console, PACKAGE, &[PACKAGE])?;
    }
    if chromium().is_none() {
        bail!("{PACKAGE} is still missing after it was installed");
    }
    Ok(())
}
