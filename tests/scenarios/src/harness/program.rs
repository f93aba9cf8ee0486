//! Which program runs the app, and where it is.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

/// What runs the app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runtime {
    /// Our host, `vitrine`.
    Host,
    /// The `spin` command line.
    Spin,
}

impl Runtime {
    /// The one that `VITRINE_RUNTIME` names; the host when it names none.
    ///
    /// # Errors
    /// When it names an unknown one.
    pub fn from_env() -> Result<Self> {
        match env::var("VITRINE_RUNTIME").unwrap_or_default().as_str() {
            "" | "host" => Ok(Self::Host),
            "spin" => Ok(Self::Spin),
            other => bail!("VITRINE_RUNTIME is {other:?}; it can be `host` or `spin`"),
        }
    }

    /// The program's path.
    ///
    /// # Errors
    /// When it is not there; the message says what to run.
    pub fn program(self) -> Result<PathBuf> {
        match self {
            Self::Host => host(),
            Self::Spin => spin().ok_or_else(|| {
                anyhow::anyhow!("no `spin` on the PATH: install it, or set VITRINE_SPIN_BIN to where it is")
            }),
        }
    }
}

fn host() -> Result<PathBuf> {
    let candidates = match env::var_os("VITRINE_BIN") {
        Some(path) => vec![PathBuf::from(path)],
        None => vec![repository().join("target/release/vitrine")],
    };
    match candidates.into_iter().find(|path| path.is_file()) {
        Some(path) => Ok(path),
        None => bail!(
            "the host is not built, or VITRINE_BIN does not say where it is: run `cargo xtask build`, or \
             `cargo build --release -p vitrine-host` and set VITRINE_BIN to its target/release/vitrine"
        ),
    }
}

/// Where Spin is: `VITRINE_SPIN_BIN`, else the PATH.
pub(super) fn spin() -> Option<PathBuf> {
    if let Some(path) = env::var_os("VITRINE_SPIN_BIN") {
        return Some(PathBuf::from(path)).filter(|path| path.is_file());
    }
    env::split_paths(&env::var_os("PATH")?).map(|folder| folder.join("spin")).find(|path| path.is_file())
}

/// The repository's root.
#[must_use]
pub fn repository() -> PathBuf {
    let compiled = Path::new(env!("CARGO_MANIFEST_DIR"));
    // Clones that share a target folder share this program: where it was compiled need not be where it runs.
    let here = env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| compiled.to_path_buf(), PathBuf::from);
    let root = here.ancestors().find(|folder| folder.join("spin.toml").is_file());
    root.or(compiled.ancestors().nth(2)).unwrap_or(compiled).to_path_buf()
}
