//! A toolchain that builds for Wasm: the one in use when it can, or else one that this machine's packages give.

mod debian;
mod rustup;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail};

use crate::console::Console;
use crate::workspace::Workspace;

/// The target of every component.
pub(crate) const TARGET: &str = "wasm32-wasip2";

const HELP: &str = "\
no toolchain here can build for wasm32-wasip2. One of these is needed:
  - any system with rustup:  rustup target add wasm32-wasip2
  - Debian 12 or later, without rustup's servers:
      apt-get install --no-install-recommends rustc-web cargo-web rust-web-src rust-web-llvm lld-22 wasi-libc
  - Fedora:  dnf install rust-std-static-wasm32-wasip2
then run this again.";

/// A compiler that builds for [`TARGET`].
#[derive(Debug)]
pub(crate) enum Toolchain {
    /// The toolchain in use has the target.
    Active,
    /// Debian's own compiler, with a standard library that was built here.
    Debian { sysroot: PathBuf, linker: PathBuf },
}

impl Toolchain {
    /// Finds a toolchain, and installs what is missing where that is possible. `VITRINE_WASM_TOOLCHAIN` (`active` or
    /// `debian`) allows only one of the ways.
    pub(crate) fn find_or_install(console: &Console, workspace: &Workspace) -> Result<Self> {
        let only = std::env::var("VITRINE_WASM_TOOLCHAIN").ok();
        let mut reasons = Vec::new();
        if only.as_deref() != Some("debian") {
            match rustup::find_or_install(console, workspace) {
                Ok(()) => return Ok(Self::Active),
                Err(error) => reasons.push(format!("{error:#}")),
            }
        }
        if only.as_deref() != Some("active") {
            match debian::find_or_install(console, workspace) {
                Ok((sysroot, linker)) => return Ok(Self::Debian { sysroot, linker }),
                Err(error) => reasons.push(format!("{error:#}")),
            }
        }
        bail!("{HELP}\nTried:\n  - {}", reasons.join("\n  - "))
    }

    /// Cargo, set up to build for [`TARGET`] in a folder of its own.
    pub(crate) fn cargo(&self, workspace: &Workspace) -> Command {
        let mut flags = vec![OsString::from("-Ctarget-feature=+simd128")];
        let mut command = match self {
            Self::Active => crate::cargo::native(&workspace.root),
            Self::Debian { sysroot, linker } => {
                let mut flag = OsString::from("--sysroot=");
                flag.push(sysroot);
                flags.push(flag);
                debian::cargo(workspace, linker)
            }
        };
        // This form of the flags allows blanks in paths. It reaches no build script, since `--target` is given.
        command.env_remove("RUSTFLAGS").env("CARGO_ENCODED_RUSTFLAGS", flags.join(&OsString::from("\u{1f}")));
        command.env("CARGO_TARGET_DIR", workspace.wasm_target_dir());
        command
    }

    /// Whether clippy can check Wasm with this compiler. Debian's is another build than the clippy that may be installed, and
    /// the two do not read each other's standard library.
    pub(crate) fn has_clippy(&self, workspace: &Workspace) -> bool {
        match self {
            Self::Active => crate::workspace::first_line(self.cargo(workspace).args(["clippy", "--version"])).is_some(),
            Self::Debian { .. } => false,
        }
    }
}
