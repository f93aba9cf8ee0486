//! Debian's Chromium, driven by Playwright: scripts in `pages/` do in a browser what people do, and say as JSON what came of it.
#![forbid(unsafe_code)]

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;
use vitrine_servers::{npm, program};

/// The longest that a script may take, on a busy machine.
const LIMIT: Duration = Duration::from_secs(120);

/// What Chromium is called by those who package it.
const NAMES: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// Where Chromium is, if it is anywhere.
#[must_use]
pub fn chromium() -> Option<PathBuf> {
    NAMES.into_iter().find_map(program)
}

/// A browser, and what drives it.
#[derive(Debug)]
pub struct Browser {
    chromium: PathBuf,
    node: PathBuf,
    packages: PathBuf,
}

impl Browser {
    /// The browser of this machine. Where it or Node is not there, why nothing can be run.
    ///
    /// # Errors
    /// When npm does not install Playwright.
    pub fn find() -> Result<Result<Self, &'static str>> {
        let Some(chromium) = chromium() else { return Ok(Err("Chromium is not on the PATH")) };
        let Some(node) = program("node").filter(|_| npm::is_there()) else {
            return Ok(Err("node and npm are not on the PATH"));
        };
        Ok(Ok(Self { chromium, node, packages: npm::installed(&pages())? }))
    }

    /// Runs a script of `pages/` with this input, and gives what it says came of it.
    ///
    /// # Errors
    /// When the script fails, which it does where the browser does something that nobody expects, or does not end in time.
    pub fn run(&self, script: &str, input: &Value) -> Result<Value> {
        let folder = tempfile::Builder::new().prefix("vitrine-browser-").tempdir()?;
        let (out, err) = (folder.path().join("out"), folder.path().join("err"));
        let mut child = Command::new(&self.node)
            .arg(pages().join(script))
            .env("VITRINE_BROWSER_PACKAGES", &self.packages)
            .env("VITRINE_CHROMIUM", &self.chromium)
            // What the browser keeps is gone with the folder.
            .env("TMPDIR", folder.path())
            .env("HOME", folder.path())
            .stdin(Stdio::piped())
            .stdout(std::fs::File::create(&out)?)
            .stderr(std::fs::File::create(&err)?)
            .spawn()
            .context("cannot start node")?;
        let mut stdin = child.stdin.take().context("the script has no input")?;
        stdin.write_all(input.to_string().as_bytes())?;
        drop(stdin);
        let start = Instant::now();
        let status = loop {
            match child.try_wait()? {
                Some(status) => break Some(status),
                None if start.elapsed() > LIMIT => break None,
                None => std::thread::sleep(Duration::from_millis(20)),
            }
        };
        let said = std::fs::read_to_string(&err)?;
        match status {
            // The script ends the browser by itself when it is asked to end; one that is killed cannot.
            None => {
                child.kill()?;
                child.wait()?;
                bail!("{script} does not end within {} s:\n{said}", LIMIT.as_secs())
            }
            Some(status) if !status.success() => bail!("{script} failed:\n{said}"),
            Some(_) => serde_json::from_slice(&std::fs::read(&out)?)
                .with_context(|| format!("{script} printed no outcome:\n{said}")),
        }
    }
}

/// The folder of the scripts.
fn pages() -> PathBuf {
    // Cargo and `cargo xtask test` say where the package is when the tests run; it may have moved since they were built.
    let built = Path::new(env!("CARGO_MANIFEST_DIR"));
    let package = std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| built.to_path_buf(), PathBuf::from);
    let pages = package.join("pages");
    if pages.is_dir() { pages } else { built.join("pages") }
}
