//! The packages of npm that the clients are.

use std::fmt;
use std::path::{Path, PathBuf};

use anyhow::Result;
use vitrine_servers::npm;

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

    /// The folder with the installed packages.
    ///
    /// # Errors
    /// When npm fails.
    pub async fn installed(self) -> Result<PathBuf> {
        tokio::task::spawn_blocking(move || npm::installed(&self.folder())).await?
    }
}
