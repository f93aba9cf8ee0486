//! The packages of npm, installed once into the cache folder: never into the clone.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use tokio::task::spawn_blocking;
use vitrine_servers::{kept, program, run_within};

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

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::V10 => "v10",
            Self::V11 => "v11",
        })
    }
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
    /// Both.
    pub const ALL: [Self; 2] = [Self::V10, Self::V11];

    fn folder(self) -> PathBuf {
        clients().join(self.to_string())
    }

    /// The folder with the installed packages. They are installed at the first use, and again when the lock file has changed.
    ///
    /// # Errors
    /// When npm fails.
    pub async fn installed(self) -> Result<PathBuf> {
        spawn_blocking(move || kept("npm", &self.folder(), &FILES, install)).await?
    }
}

fn install(folder: &Path) -> Result<()> {
    let npm = program("npm").context("npm is not on the PATH")?;
    let (status, said) = run_within(Command::new(npm).arg("ci").current_dir(folder), LIMIT)?;
    ensure!(status.success(), "npm ci failed:\n{said}");
    Ok(())
}
