//! Where things are: the workspace, its members, the folders that chores write to.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;

/// The workspace that the chores work on.
#[derive(Debug, Clone)]
pub(crate) struct Workspace {
    /// Absolute path of the folder of the root `Cargo.toml`.
    pub(crate) root: PathBuf,
}

/// A package of the workspace, as `cargo metadata` tells it.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Member {
    pub(crate) name: String,
    pub(crate) manifest_path: PathBuf,
    targets: Vec<Target>,
}

#[derive(Debug, Clone, Deserialize)]
struct Target {
    crate_types: Vec<String>,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Member>,
}

impl Workspace {
    /// Finds the workspace from the folder that Cargo names, or else from the current one.
    pub(crate) fn find() -> Result<Self> {
        let start = match std::env::var_os("CARGO_MANIFEST_DIR") {
            Some(folder) => PathBuf::from(folder),
            None => std::env::current_dir()?,
        };
        for folder in start.ancestors() {
            let manifest = folder.join("Cargo.toml");
            if std::fs::read_to_string(manifest).is_ok_and(|text| text.contains("[workspace]")) {
                return Ok(Self { root: folder.to_path_buf() });
            }
        }
        bail!("no workspace at or above {}: run this inside a clone of Vitrine", start.display())
    }

    /// Where native code is built.
    pub(crate) fn target_dir(&self) -> PathBuf {
        match std::env::var_os("CARGO_TARGET_DIR") {
            Some(folder) => self.root.join(folder),
            None => self.root.join("target"),
        }
    }

    /// Where Wasm is built: a folder of its own, because its compiler may differ from the native one, and Cargo rebuilds
    /// everything that both need whenever the compiler changes.
    pub(crate) fn wasm_target_dir(&self) -> PathBuf {
        self.target_dir().join("wasm")
    }

    /// Where the finished `.wasm` files lie: `spin.toml` names this folder, so no variable moves it.
    pub(crate) fn components_dir(&self) -> PathBuf {
        self.root.join("target").join("components")
    }

    /// All packages of the workspace.
    pub(crate) fn members(&self) -> Result<Vec<Member>> {
        let output = crate::cargo::native(self)
            .args(["metadata", "--no-deps", "--format-version", "1"])
            .output()
            .context("cannot run cargo metadata")?;
        if !output.status.success() {
            bail!("cargo metadata failed:\n{}", String::from_utf8_lossy(&output.stderr));
        }
        let metadata: Metadata =
            serde_json::from_slice(&output.stdout).context("cargo metadata printed no valid JSON")?;
        Ok(metadata.packages)
    }
}

impl Member {
    /// Folder of the package, relative to the workspace.
    pub(crate) fn folder(&self, workspace: &Workspace) -> PathBuf {
        let folder = self.manifest_path.parent().unwrap_or(Path::new(""));
        folder.strip_prefix(&workspace.root).unwrap_or(folder).to_path_buf()
    }

    /// Whether the package is built as a Wasm component.
    pub(crate) fn is_cdylib(&self) -> bool {
        self.targets.iter().any(|target| target.crate_types.iter().any(|kind| kind == "cdylib"))
    }

    /// Name of the file that a build leaves: `image-processor` becomes `image_processor.wasm`.
    pub(crate) fn wasm_file(&self) -> String {
        format!("{}.wasm", self.name.replace('-', "_"))
    }
}

/// The folder for what may be kept between clones: the Wasm sysroot, the builds of `.ci/run`.
pub(crate) fn cache_dir() -> Result<PathBuf> {
    if let Some(folder) = std::env::var_os("VITRINE_CACHE") {
        return Ok(PathBuf::from(folder));
    }
    if let Some(folder) = std::env::var_os("XDG_CACHE_HOME") {
        return Ok(PathBuf::from(folder).join("vitrine"));
    }
    let home = std::env::var_os("HOME").context("set VITRINE_CACHE or HOME: a cache folder is needed")?;
    Ok(PathBuf::from(home).join(".cache").join("vitrine"))
}

/// First line that a program prints, or nothing when it cannot be run.
pub(crate) fn first_line(command: &mut Command) -> Option<String> {
    let output = command.output().ok().filter(|output| output.status.success())?;
    String::from_utf8_lossy(&output.stdout).lines().next().map(str::to_owned)
}
