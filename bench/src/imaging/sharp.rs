//! The baseline: sharp of npm, with one thread and one pipeline for each size.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use vitrine_scenarios::harness::repository;
use vitrine_servers::{kept, program, run_within};

use super::engine::Work;
use super::photos::Photo;

/// What npm reads of a folder.
const FILES: [&str; 3] = [".npmrc", "package.json", "package-lock.json"];
/// The longest that npm may take: a few packages over a slow network.
const INSTALLING: Duration = Duration::from_secs(300);
/// The longest that two runs may take.
const RENDERING: Duration = Duration::from_secs(60);

/// sharp, installed in the cache folder.
pub(super) struct Sharp {
    node: PathBuf,
    packages: PathBuf,
    script: PathBuf,
}

impl Sharp {
    /// Installs it at the first use. `None` where there is no Node.
    pub(super) fn find() -> Result<Option<Self>> {
        let (Some(node), Some(npm)) = (program("node"), program("npm")) else { return Ok(None) };
        let folder = repository().join("bench/sharp");
        let packages = kept("npm", &folder, &FILES, |building: &Path| {
            let (status, said) = run_within(Command::new(npm).arg("ci").current_dir(building), INSTALLING)?;
            ensure!(status.success(), "npm ci failed:\n{said}");
            Ok(())
        })?;
        Ok(Some(Self { node, packages, script: folder.join("render.cjs") }))
    }

    /// How long a second run takes in a process of its own.
    pub(super) fn render(&self, photo: &Photo) -> Result<Work> {
        let mut file = tempfile::NamedTempFile::new()?;
        file.write_all(&photo.bytes)?;
        let mut command = Command::new(&self.node);
        command.arg(&self.script).arg(file.path());
        command.env("VITRINE_SHARP_PACKAGES", &self.packages).env("UV_THREADPOOL_SIZE", "1");
        let (status, said) = run_within(&mut command, RENDERING)?;
        ensure!(status.success(), "sharp failed:\n{said}");
        let done: Value = serde_json::from_str(&said).with_context(|| format!("sharp said {said}"))?;
        let milliseconds = done.get("milliseconds").and_then(Value::as_f64).context("sharp tells no time")?;
        let sizes = done.get("bytes").and_then(Value::as_object).context("sharp tells no sizes")?;
        Ok(Work { milliseconds, bytes: sizes.values().filter_map(Value::as_u64).sum() })
    }
}
