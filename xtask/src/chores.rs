//! The small chores: format, check the rules of the house, remove what was built.

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context as _, Result, bail};

use crate::console::Console;
use crate::workspace::Workspace;

/// What `clean` removes beside what was built.
#[derive(clap::Args, Debug)]
pub(crate) struct CleanOptions {
    /// Removes this data folder too (.vitrine when none is named).
    #[arg(long, value_name = "DIR", num_args = 0..=1, default_missing_value = crate::up::DATA)]
    data: Option<PathBuf>,
}

pub(crate) fn fmt(console: &Console, workspace: &Workspace) -> Result<()> {
    console.run("format", crate::cargo::native(&workspace.root).args(["fmt", "--all"]))
}

pub(crate) fn tidy(console: &Console, root: &Path) -> Result<()> {
    let started = Instant::now();
    let problems = crate::tidy::check(root)?;
    for problem in &problems {
        console.say(&problem.to_string());
    }
    console.done(problems.is_empty(), "tidy", started);
    if !problems.is_empty() {
        bail!("{} of the rules of the house are broken", problems.len());
    }
    Ok(())
}

pub(crate) fn clean(console: &Console, workspace: &Workspace, options: &CleanOptions) -> Result<()> {
    remove(console, &workspace.root.join("target"))?;
    remove(console, &workspace.target_dir)?;
    if let Some(data) = &options.data {
        let data = workspace.root.join(data);
        let _alone = crate::up::lock::Lock::alone(&data)?;
        crate::up::data::empty(&data)?;
        console.say(&format!("emptied {}", data.display()));
    }
    Ok(())
}

fn remove(console: &Console, folder: &Path) -> Result<()> {
    if folder.exists() {
        std::fs::remove_dir_all(folder).with_context(|| format!("cannot remove {}", folder.display()))?;
        console.say(&format!("removed {}", folder.display()));
    }
    Ok(())
}
