//! The packages of npm, installed once into the cache folder: never into the clone.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use sha2::{Digest as _, Sha256};

use crate::{cache_dir, program};

/// The longest that npm may take: a few packages over a slow network.
const LIMIT: Duration = Duration::from_secs(300);
/// What npm reads of a folder.
const FILES: [&str; 3] = [".npmrc", "package.json", "package-lock.json"];
/// What it says while it installs.
const LOG: &str = "npm.log";

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
    let cache = cache_dir()?;
    std::fs::create_dir_all(&cache)?;
    let installed = cache.join(format!("npm-{}", key(source)?));
    if installed.is_dir() {
        return Ok(installed);
    }
    // Others, in this process or another one, may be about to install the same.
    let lock = File::create(cache.join("npm.lock"))?;
    lock.lock().context("cannot lock npm.lock in the cache folder")?;
    if !installed.is_dir() {
        let building = tempfile::tempdir_in(&cache)?;
        for file in FILES {
            std::fs::copy(source.join(file), building.path().join(file))
                .with_context(|| format!("cannot copy {file}"))?;
        }
        install(building.path())?;
        std::fs::rename(building.keep(), &installed)?;
    }
    Ok(installed)
}

fn install(folder: &Path) -> Result<()> {
    let npm = program("npm").context("npm is not on the PATH")?;
    let log = File::create(folder.join(LOG))?;
    let mut command = Command::new(npm);
    command.arg("ci").current_dir(folder).stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
    let (mut child, start) = (command.spawn().context("cannot start npm")?, Instant::now());
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if start.elapsed() > LIMIT {
            child.kill()?;
            child.wait()?;
            bail!("npm ci takes longer than {} s:\n{}", LIMIT.as_secs(), said(folder));
        }
        std::thread::sleep(Duration::from_millis(50));
    };
    if !status.success() {
        bail!("npm ci failed:\n{}", said(folder));
    }
    Ok(())
}

fn said(folder: &Path) -> String {
    std::fs::read_to_string(folder.join(LOG)).unwrap_or_else(|error| format!("{LOG}: {error}"))
}

/// Names what is installed from these files.
fn key(folder: &Path) -> Result<String> {
    let mut hash = Sha256::new();
    for file in FILES {
        hash.update(std::fs::read(folder.join(file)).with_context(|| format!("cannot read {file}"))?);
    }
    Ok(hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect())
}
