//! The toolchain in use: whether it has the target, and rustup to add it.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::console::Console;
use crate::workspace::{Workspace, first_line};

/// Longest time that rustup may take; where its servers cannot be reached it may hang rather than fail.
const LIMIT: Duration = Duration::from_secs(120);

pub(crate) fn find_or_install(console: &Console, workspace: &Workspace) -> Result<()> {
    if has_target(workspace) {
        return Ok(());
    }
    if first_line(Command::new("rustup").arg("--version")).is_none() {
        bail!("the toolchain in use lacks {}, and there is no rustup to add it", super::TARGET);
    }
    let started = Instant::now();
    console.say(&format!("      rustup target add {} …", super::TARGET));
    let added = add_target(workspace)?;
    console.done(added, &format!("rustup target add {}", super::TARGET), started);
    if !added || !has_target(workspace) {
        bail!("rustup could not add {}", super::TARGET);
    }
    Ok(())
}

/// A target is there when its folder of the sysroot holds the standard library.
fn has_target(workspace: &Workspace) -> bool {
    let mut rustc = crate::cargo::tool(&workspace.root, "rustc");
    let Some(folder) = first_line(rustc.args(["--print", "target-libdir", "--target", super::TARGET])) else {
        return false;
    };
    let Ok(entries) = std::fs::read_dir(PathBuf::from(folder)) else { return false };
    entries.flatten().any(|entry| entry.file_name().to_string_lossy().starts_with("libstd-"))
}

fn add_target(workspace: &Workspace) -> Result<bool> {
    let mut child = crate::cargo::tool(&workspace.root, "rustup")
        .args(["target", "add", super::TARGET])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .context("cannot start rustup")?;
    let started = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status.success());
        }
        if started.elapsed() > LIMIT {
            child.kill().context("cannot stop rustup")?;
            child.wait()?;
            return Ok(false);
        }
        std::thread::sleep(Duration::from_millis(200));
    }
}
