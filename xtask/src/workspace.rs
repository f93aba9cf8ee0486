//! Where things are: the workspace, its members, the folders that chores write to.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;

/// The workspace that the chores work on, as `cargo metadata` tells it.
#[derive(Debug, Deserialize)]
pub(crate) struct Workspace {
    /// Absolute path of the folder of the root `Cargo.toml`.
    #[serde(rename = "workspace_root")]
    pub(crate) root: PathBuf,
    /// Where native code is built.
    #[serde(rename = "target_directory")]
    pub(crate) target_dir: PathBuf,
    /// All packages.
    #[serde(rename = "packages")]
    pub(crate) members: Vec<Member>,
}

/// A package of the workspace.
#[derive(Debug, Deserialize)]
pub(crate) struct Member {
    pub(crate) name: String,
    manifest_path: PathBuf,
    targets: Vec<Target>,
}

#[derive(Debug, Deserialize)]
struct Target {
    crate_types: Vec<String>,
}

impl Workspace {
    /// Asks Cargo about the workspace of this program, or else of the current folder.
    pub(crate) fn find() -> Result<Self> {
        let output = crate::cargo::native(&root()?)
            .args(["metadata", "--no-deps", "--format-version", "1"])
            .output()
            .context("cannot run cargo metadata")?;
        if !output.status.success() {
            bail!("cargo metadata failed:\n{}", String::from_utf8_lossy(&output.stderr));
        }
        serde_json::from_slice(&output.stdout).context("cargo metadata printed no valid JSON")
    }

    /// Where Wasm is built: a folder of its own, because its compiler may differ from the native one, and Cargo rebuilds
    /// everything that both need whenever the compiler changes.
    pub(crate) fn wasm_target_dir(&self) -> PathBuf {
        self.target_dir.join("wasm")
    }

    /// Where the finished `.wasm` files lie: `spin.toml` names this folder, so no variable moves it.
    pub(crate) fn components_dir(&self) -> PathBuf {
        self.root.join("target").join("components")
    }

    /// The host's program, once it is built.
    pub(crate) fn host_program(&self) -> PathBuf {
        self.target_dir.join("release").join("vitrine")
    }

    /// Chooses all members that build natively. One choice for all native work: which features a dependency gets follows
    /// from the packages that are chosen, and another choice would compile wasmtime once more.
    pub(crate) fn native(&self) -> Vec<String> {
        let mut arguments = vec!["--workspace".to_owned()];
        for member in self.members.iter().filter(|member| member.is_wasm(self)) {
            arguments.extend(["--exclude".to_owned(), member.name.clone()]);
        }
        arguments
    }
}

impl Member {
    /// Folder of the package, relative to the workspace.
    pub(crate) fn folder(&self, workspace: &Workspace) -> PathBuf {
        let folder = self.manifest_path.parent().unwrap_or(Path::new(""));
        folder.strip_prefix(&workspace.root).unwrap_or(folder).to_path_buf()
    }

    /// Whether the package is built for Wasm only.
    pub(crate) fn is_wasm(&self, workspace: &Workspace) -> bool {
        self.is_component() || self.folder(workspace) == Path::new("crates/guest")
    }

    /// Whether the package is built into a component.
    pub(crate) fn is_component(&self) -> bool {
        self.targets.iter().any(|target| target.crate_types.iter().any(|kind| kind == "cdylib"))
    }

    /// Name of the file that a build leaves: `image-processor` becomes `image_processor.wasm`.
    pub(crate) fn wasm_file(&self) -> String {
        format!("{}.wasm", self.name.replace('-', "_"))
    }
}

/// The root of the repository, found without Cargo: what is wrong with a manifest is for tidy to say.
pub(crate) fn root() -> Result<PathBuf> {
    let folder = match std::env::var_os("CARGO_MANIFEST_DIR") {
        Some(folder) => PathBuf::from(folder),
        None => std::env::current_dir()?,
    };
    let root =
        folder.ancestors().find(|folder| folder.join("spin.toml").is_file() && folder.join("Cargo.toml").is_file());
    root.map(Path::to_path_buf).with_context(|| format!("{} is not in a clone of Vitrine", folder.display()))
}

/// First line that a program prints, or nothing when it cannot be run.
pub(crate) fn first_line(command: &mut Command) -> Option<String> {
    let output = command.output().ok().filter(|output| output.status.success())?;
    String::from_utf8_lossy(&output.stdout).lines().next().map(str::to_owned)
}

/// Finds a program on the `PATH`.
pub(crate) fn on_path(name: &str) -> Option<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?).map(|folder| folder.join(name)).find(|path| path.is_file())
}
