//! Debian's compiler for Wasm, for machines that reach a package mirror but not rustup's servers. Debian packages the
//! sources of the standard library rather than a build for this target, so it is built here once.

use std::ffi::OsString;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use vitrine_servers::cache_dir;

use crate::apt;
use crate::console::Console;
use crate::workspace::Workspace;

const RUSTC: &str = "/usr/bin/rustc";
const CARGO: &str = "/usr/bin/cargo";
const SOURCES: &str = "/usr/lib/rustlib/src/rust/library/std/Cargo.toml";
const WASI_LIBC: &str = "/usr/lib/wasm32-wasi";
const PACKAGES: [&str; 6] = ["rustc-web", "cargo-web", "rust-web-src", "rust-web-llvm", "lld-22", "wasi-libc"];

/// The sysroot, and the folder of `wasm-ld`.
pub(crate) fn find_or_install(console: &Console, workspace: &Workspace) -> Result<(PathBuf, PathBuf)> {
    if !packages_present() {
        install_packages(console)?;
    }
    let linker = linker_dir().context("wasm-ld is missing: apt-get install lld-22")?;
    let sysroot = cache_dir()?.join(format!("sysroot-{}", compiler_key()?));
    if !sysroot.join("lib").is_dir() {
        build_sysroot(console, workspace, &sysroot, &linker)?;
    }
    Ok((sysroot, linker))
}

/// Debian's Cargo and rustc, with nothing of a rustup toolchain in their environment.
pub(crate) fn cargo(workspace: &Workspace, linker: &Path) -> Command {
    let mut command = crate::cargo::tool(&workspace.root, CARGO);
    let mut path = OsString::from(linker);
    path.push(":");
    path.push(std::env::var_os("PATH").unwrap_or_default());
    command.env("PATH", path).env("RUSTC", RUSTC);
    for name in ["RUSTUP_TOOLCHAIN", "CARGO", "RUSTDOC", "RUSTC_WRAPPER", "RUSTC_WORKSPACE_WRAPPER"] {
        command.env_remove(name);
    }
    command
}

fn packages_present() -> bool {
    [RUSTC, CARGO, SOURCES, &format!("{WASI_LIBC}/libc.a")].iter().all(|path| Path::new(path).exists())
        && linker_dir().is_some()
}

fn install_packages(console: &Console) -> Result<()> {
    apt::install(console, "the Wasm compiler", &PACKAGES)
}

/// The newest LLVM's folder that holds `wasm-ld`.
fn linker_dir() -> Option<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib")
        .ok()?
        .flatten()
        .filter_map(|entry| {
            let version = entry.file_name().to_string_lossy().strip_prefix("llvm-")?.parse().ok()?;
            let folder = entry.path().join("bin");
            folder.join("wasm-ld").exists().then_some((version, folder))
        })
        .collect();
    found.sort();
    found.pop().map(|(_, folder)| folder)
}

/// Names the exact compiler, since a standard library serves only the compiler that built it.
fn compiler_key() -> Result<String> {
    let output = Command::new(RUSTC).arg("-vV").output().with_context(|| format!("cannot run {RUSTC}"))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let release = text.lines().find_map(|line| line.strip_prefix("release: ")).unwrap_or("unknown");
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    // Debian may build the same release again; the size and time of the file then differ.
    let file = std::fs::metadata(SOURCES)?;
    (file.len(), file.modified().ok()).hash(&mut hasher);
    Ok(format!("{release}-{:016x}", hasher.finish()))
}

/// Builds the standard library, as object code and as bitcode (so that LTO works), and lays it out as a sysroot.
fn build_sysroot(console: &Console, workspace: &Workspace, sysroot: &Path, linker: &Path) -> Result<()> {
    let cache = sysroot.parent().context("the cache folder has no parent")?;
    let work = cache.join(format!("sysroot-build-{}", std::process::id()));
    std::fs::create_dir_all(work.join("src")).with_context(|| format!("cannot create {}", work.display()))?;
    std::fs::write(
        work.join("Cargo.toml"),
        "[package]\nname = \"sysroot\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[lib]\ncrate-type = [\"cdylib\"]\n[workspace]\n",
    )?;
    std::fs::write(work.join("src/lib.rs"), "")?;
    let mut command = cargo(workspace, linker);
    command
        .current_dir(&work)
        .env("RUSTC_BOOTSTRAP", "1")
        .env_remove("RUSTFLAGS")
        .env("CARGO_ENCODED_RUSTFLAGS", format!("-Cembed-bitcode=yes\u{1f}-Lnative={WASI_LIBC}"))
        .env("CARGO_TARGET_DIR", work.join("target"))
        .args(["build", "-Zbuild-std=std,panic_abort", "--release", "--target", super::TARGET]);
    console.run("build the standard library for Wasm (once)", &mut command)?;
    let fresh = work.join("sysroot");
    let libraries = fresh.join("lib/rustlib").join(super::TARGET).join("lib");
    copy(&work.join("target").join(super::TARGET).join("release/deps"), &libraries, |name| name.ends_with(".rlib"))?;
    copy(Path::new(WASI_LIBC), &libraries.join("self-contained"), |name| {
        name == "libc.a" || (name.starts_with("crt1-") && name.ends_with(".o"))
    })?;
    // Another run may have come first; then its sysroot is as good as this one.
    if std::fs::rename(&fresh, sysroot).is_err() && !sysroot.join("lib").is_dir() {
        bail!("cannot create {}", sysroot.display());
    }
    std::fs::remove_dir_all(&work).with_context(|| format!("cannot remove {}", work.display()))
}

fn copy(from: &Path, to: &Path, wanted: impl Fn(&str) -> bool) -> Result<()> {
    std::fs::create_dir_all(to).with_context(|| format!("cannot create {}", to.display()))?;
    for entry in std::fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))? {
        let entry = entry?;
        if wanted(&entry.file_name().to_string_lossy()) {
            std::fs::copy(entry.path(), to.join(entry.file_name()))?;
        }
    }
    Ok(())
}
