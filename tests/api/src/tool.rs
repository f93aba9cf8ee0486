//! schemathesis, installed once into the cache folder: never into the clone, and never for the whole machine.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use vitrine_servers::{kept, program, run_within};

/// The longest that an installation may take: two dozen packages over a slow network.
const LIMIT: Duration = Duration::from_secs(300);
/// What is installed, each package by its version and its hash.
const FILES: [&str; 1] = ["requirements.txt"];
/// Says whether this Python can run it and make environments.
const FITS: &str = "import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 10))";

/// Whether a Python is on the `PATH` that can run schemathesis: 3.10 or later, with `venv`. Where there is none, nothing here can
/// run.
#[must_use]
pub fn is_python_there() -> bool {
    let Some(python) = program("python3") else { return false };
    run_within(Command::new(python).args(["-c", FITS]), LIMIT).is_ok_and(|(status, _)| status.success())
}

/// The folder of the settings.
pub(crate) fn settings() -> PathBuf {
    // Cargo and `cargo xtask test` say where the package is when the tests run; it may have moved since they were built.
    let package =
        std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    let settings = package.join("schemathesis");
    if settings.is_dir() { settings } else { Path::new(env!("CARGO_MANIFEST_DIR")).join("schemathesis") }
}

/// A command that runs it. It is installed at the first use, and again when the list of packages has changed.
pub(crate) fn command() -> Result<Command> {
    let folder = kept("schemathesis", &settings(), &FILES, install)?;
    let mut command = Command::new(folder.join("bin/python"));
    // By its module: scripts of an environment know the folder that it was made in.
    command.args(["-c", "from schemathesis.cli import schemathesis; schemathesis()"]);
    Ok(command)
}

fn install(folder: &Path) -> Result<()> {
    let python = program("python3").context("python3 is not on the PATH")?;
    let (status, said) = run_within(Command::new(python).args(["-m", "venv"]).arg(folder), LIMIT)?;
    ensure!(status.success(), "cannot make an environment of Python:\n{said}");
    let mut pip = Command::new(folder.join("bin/python"));
    pip.args(["-m", "pip", "install", "--quiet", "--require-hashes", "--only-binary", ":all:", "--requirement"]);
    let (status, said) = run_within(pip.arg(folder.join("requirements.txt")), LIMIT)?;
    ensure!(status.success(), "pip cannot install schemathesis:\n{said}");
    Ok(())
}
