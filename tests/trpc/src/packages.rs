//! The packages of npm, installed once into the cache folder: never into the clone.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use rustix::fs::{FlockOperation, flock};
use sha2::{Digest as _, Sha256};
use tokio::process::Command;
use tokio::time::timeout;
use vitrine_servers::{cache_dir, program};

/// The longest that npm may take: a few small packages over a slow network.
const LIMIT: Duration = Duration::from_secs(300);
/// What npm reads of a folder.
const FILES: [&str; 3] = [".npmrc", "package.json", "package-lock.json"];

/// A version of the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// 10.45.
    V10,
    /// 11.
    V11,
}

/// Whether Node and npm are on the `PATH`. Where they are not, nothing here can run.
#[must_use]
pub fn is_node_there() -> bool {
    program("node").is_some() && program("npm").is_some()
}

/// The folder of the scripts.
pub(crate) fn clients() -> PathBuf {
    // Cargo and `cargo xtask test` say where the package is when the tests run; it may have moved since they were built.
    let package =
        std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    let clients = package.join("clients");
    if clients.is_dir() { clients } else { Path::new(env!("CARGO_MANIFEST_DIR")).join("clients") }
}

impl Version {
    fn folder(self) -> PathBuf {
        clients().join(match self {
            Self::V10 => "v10",
            Self::V11 => "v11",
        })
    }

    /// The folder with the installed packages. They are installed at the first use, and again when the lock file has changed.
    ///
    /// # Errors
    /// When npm fails.
    pub async fn installed(self) -> Result<PathBuf> {
        let source = self.folder();
        let cache = cache_dir()?;
        std::fs::create_dir_all(&cache)?;
        let installed = cache.join(format!("npm-{}", key(&source)?));
        if installed.is_dir() {
            return Ok(installed);
        }
        // Others, in this process or another one, may be about to install the same.
        let lock = File::create(cache.join("npm.lock"))?;
        let lock =
            tokio::task::spawn_blocking(move || flock(&lock, FlockOperation::LockExclusive).map(|()| lock)).await??;
        if !installed.is_dir() {
            let building = tempfile::tempdir_in(&cache)?;
            for file in FILES {
                std::fs::copy(source.join(file), building.path().join(file))
                    .with_context(|| format!("cannot copy {file}"))?;
            }
            install(building.path()).await?;
            std::fs::rename(building.keep(), &installed)?;
        }
        drop(lock);
        Ok(installed)
    }
}

async fn install(folder: &Path) -> Result<()> {
    let npm = program("npm").context("npm is not on the PATH")?;
    let mut command = Command::new(npm);
    command.arg("ci").current_dir(folder).stdin(Stdio::null()).kill_on_drop(true);
    let output = timeout(LIMIT, command.output()).await.context("npm ci takes too long")??;
    if !output.status.success() {
        bail!("npm ci failed:\n{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}

/// Names what is installed from these files.
fn key(folder: &Path) -> Result<String> {
    let mut hash = Sha256::new();
    for file in FILES {
        hash.update(std::fs::read(folder.join(file)).with_context(|| format!("cannot read {file}"))?);
    }
    Ok(hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect())
}
