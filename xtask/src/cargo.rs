//! Commands for Cargo that start from a clean environment.

use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;

/// What `cargo run` tells the program that it starts. A nested Cargo would take it for a change of the environment, and
/// build again what asks to be rebuilt when one of these changes.
const SET_BY_CARGO_RUN: [&str; 4] = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_"];

/// A program run in this folder, without what `cargo run` left in the environment.
pub(crate) fn tool(folder: &Path, program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder);
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if SET_BY_CARGO_RUN.iter().any(|prefix| text.starts_with(prefix)) {
            command.env_remove(&name);
        }
    }
    command.env_remove("LD_LIBRARY_PATH");
    command
}

/// The Cargo that runs this program, for native code.
pub(crate) fn native(folder: &Path) -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    tool(folder, program)
}
