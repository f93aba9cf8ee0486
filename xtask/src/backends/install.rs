//! The servers' programs: Debian's packages, and s3s-fs from crates.io into the cache folder, since no system packages it.

use std::path::PathBuf;

use anyhow::{Result, bail};
use vitrine_servers::{cache_dir, program};

use crate::console::Console;

/// What must be there, and the package of Debian that brings it.
const PACKAGES: [(&str, &str); 4] =
    [("initdb", "postgresql"), ("psql", "postgresql"), ("redis-server", "redis-server"), ("redis-cli", "redis-server")];
/// The newest version that the project's Rust builds.
const S3S_FS: &str = "0.14.1";

/// Installs what is missing.
pub(super) fn missing(console: &Console) -> Result<()> {
    let absent = |(name, _): &&(&str, &str)| program(name).is_none();
    let mut packages: Vec<&str> = PACKAGES.iter().filter(absent).map(|(_, package)| *package).collect();
    packages.dedup();
    if !packages.is_empty() {
        crate::apt::install(console, &packages.join(" and "), &packages)?;
    }
    if let Some((name, package)) = PACKAGES.iter().find(absent) {
        bail!("{name} is still missing after {package} was installed");
    }
    let s3s_fs = s3s_fs()?;
    if !s3s_fs.is_file() {
        let folder = std::env::temp_dir();
        let mut command = crate::cargo::native(&folder);
        // A folder of its own to build in would be a second copy of what is thrown away; and speed is not what it is for.
        command.env_remove("CARGO_TARGET_DIR");
        command.args(["install", "s3s-fs", "--version", S3S_FS, "--locked", "--features", "binary", "--root"]);
        command.arg(root()?);
        command.args(["--config", "profile.release.opt-level=1", "--config", "profile.release.codegen-units=16"]);
        console.run("cargo install s3s-fs (once)", &mut command)?;
    }
    Ok(())
}

/// Where s3s-fs is, or will be.
pub(crate) fn s3s_fs() -> Result<PathBuf> {
    Ok(root()?.join("bin").join("s3s-fs"))
}

fn root() -> Result<PathBuf> {
    Ok(cache_dir()?.join(format!("s3s-fs-{S3S_FS}")))
}
