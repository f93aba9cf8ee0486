//! Debian's packages, where this machine has them.

use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};

use crate::console::Console;

/// Installs packages, or says which ones to install.
pub(crate) fn install(console: &Console, what: &str, packages: &[&str]) -> Result<()> {
    if !Path::new("/usr/bin/apt-get").exists() {
        bail!("this is no Debian: there is no apt-get");
    }
    if !rustix::process::geteuid().is_root() {
        bail!("not root: run  apt-get install --no-install-recommends {}", packages.join(" "));
    }
    let install = || {
        let mut command = Command::new("apt-get");
        command.env("DEBIAN_FRONTEND", "noninteractive");
        command.args(["install", "--yes", "--no-install-recommends"]).args(packages);
        command
    };
    let label = format!("apt-get install {what}");
    if console.attempt(&label, &mut install())?.ok {
        return Ok(());
    }
    // A fresh machine or container often has no package lists yet.
    console.run("apt-get update", Command::new("apt-get").arg("update"))?;
    console.run(&label, &mut install())
}
