//! Where what is made once is kept.

use std::path::PathBuf;

use anyhow::{Context as _, Result};

/// The folder for what may be kept between clones: the Wasm sysroot, the S3 server, the packages of npm and of PyPI, the builds of `.ci/run`.
///
/// # Errors
/// When the environment says neither where it is nor where home is.
pub fn cache_dir() -> Result<PathBuf> {
    if let Some(folder) = std::env::var_os("VITRINE_CACHE") {
        return Ok(PathBuf::from(folder));
    }
    if let Some(folder) = std::env::var_os("XDG_CACHE_HOME") {
        return Ok(PathBuf::from(folder).join("vitrine"));
    }
    let home = std::env::var_os("HOME").context("set VITRINE_CACHE or HOME: a cache folder is needed")?;
    Ok(PathBuf::from(home).join(".cache").join("vitrine"))
}
