//! The packages of npm, installed once into the cache folder: never into the clone.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};

use crate::{kept, program, run_within};

/// The longest that npm may take: a few packages over a slow network.
const LIMIT: Duration = Duration::from_secs(300);
/// What npm reads of a folder.
const FILES: [&str; 3] = [".npmrc", "package.json", "package-lock.json"];

/// Whether Node and npm are on the `PATH`. Where they are not, nothing of npm can run.
#[must_use]
pub fn is_there() -> bool {
    program("node").is_some() && program("npm").is_some()
}

/// The folder with the packages that the lock file in `source` names. They are installed at the first use, and again when one of
/// the files has changed.
///
/// # Errors
/// When npm fails, or takes longer than five minutes.
pub fn installed(source: &Path) -> Result<PathBuf> {
    kept("npm", source, &FILES, install)
}

fn install(folder: &Path) -> Result<()> {
    let npm = program("npm").context("npm is not on the PATH")?;
    let (status, said) = run_within(Command::new(npm).arg("ci").current_dir(folder), LIMIT)?;
    ensure!(status.success(), "npm ci failed:\n{said}");
    Ok(())
}
