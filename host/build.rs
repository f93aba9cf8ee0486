//! Lays Spin's WIT definitions, taken from the pinned `spin-sdk` crate that carries them, where the bindings are
//! generated from, and writes the macro call that names that folder. Nothing of theirs is kept in the repository.

use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// The packages that the host implements, as `spin-sdk` names their folders.
const PACKAGES: [&str; 5] =
    ["spin-key-value@3.0.0", "spin-postgres@4.2.0", "spin-redis@3.0.0", "spin-sqlite@3.1.0", "spin-variables@3.0.0"];

/// One import for each capability. The interface's own types decide everything else.
const WORLD: &str = "package vitrine:host;

world capabilities {
  import spin:key-value/key-value@3.0.0;
  import spin:postgres/postgres@4.2.0;
  import spin:redis/redis@3.0.0;
  import spin:sqlite/sqlite@3.1.0;
  import spin:variables/variables@3.0.0;
}
";

const BINDINGS: &str = r#"wasmtime::component::bindgen!({
    path: "@WIT@",
    world: "vitrine:host/capabilities",
    imports: { default: async | store | trappable },
    with: {
        "spin:key-value/key-value.store": crate::capability::key_value::Store,
        "spin:postgres/postgres.connection": crate::capability::postgres::Connection,
        "spin:postgres/postgres.connection-builder": crate::capability::postgres::Builder,
        "spin:redis/redis.connection": crate::capability::redis::Connection,
        "spin:sqlite/sqlite.connection": crate::capability::sqlite::Connection,
    },
});
"#;

fn main() -> Result<()> {
    let out = PathBuf::from(env::var_os("OUT_DIR").context("OUT_DIR is set by cargo")?);
    let wit = out.join("wit");
    if wit.exists() {
        fs::remove_dir_all(&wit)?;
    }
    let deps = wit.join("deps");
    let source = spin_sdk()?.join("wit").join("deps");
    for package in PACKAGES {
        copy(&source.join(package), &deps.join(package))?;
    }
    fs::write(wit.join("world.wit"), WORLD)?;
    let path = wit.to_str().context("OUT_DIR is not valid UTF-8")?;
    fs::write(out.join("bindings.rs"), BINDINGS.replace("@WIT@", &path.escape_default().to_string()))?;
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=../Cargo.lock");
    Ok(())
}

/// The folder of the `spin-sdk` that Cargo.lock pins.
fn spin_sdk() -> Result<PathBuf> {
    // Of this run, not of the compilation: clones that share a target folder share this program.
    let folder = env::var_os("CARGO_MANIFEST_DIR").context("CARGO_MANIFEST_DIR is set by cargo")?;
    let output = Command::new(env::var_os("CARGO").context("CARGO is set by cargo")?)
        .args(["metadata", "--format-version", "1", "--locked", "--filter-platform"])
        .arg(env::var_os("TARGET").context("TARGET is set by cargo")?)
        .arg("--manifest-path")
        .arg(Path::new(&folder).join("Cargo.toml"))
        .output()
        .context("cargo metadata could not be started")?;
    if !output.status.success() {
        bail!("cargo metadata failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout)?;
    let packages = metadata.get("packages").and_then(|packages| packages.as_array());
    packages
        .into_iter()
        .flatten()
        .find(|package| package.get("name").is_some_and(|name| name == "spin-sdk"))
        .and_then(|package| package.get("manifest_path")?.as_str())
        .and_then(|manifest| Path::new(manifest).parent())
        .map(Path::to_path_buf)
        .context("no package of the workspace depends on spin-sdk, which carries Spin's WIT")
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| format!("{} is missing", from.display()))? {
        let entry = entry?;
        fs::copy(entry.path(), to.join(entry.file_name()))?;
    }
    Ok(())
}
