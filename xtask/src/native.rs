//! The commands that build and check native code: all in release, so that wasmtime is compiled once.

use std::process::Command;

use crate::workspace::Workspace;

/// A Cargo command on all members that build natively.
fn cargo(workspace: &Workspace, name: &str) -> Command {
    let mut command = crate::cargo::native(&workspace.root);
    command.env("CARGO_TARGET_DIR", &workspace.target_dir);
    command.arg(name).args(workspace.native());
    command
}

/// Builds the host.
pub(crate) fn host(workspace: &Workspace) -> Command {
    let mut command = cargo(workspace, "build");
    command.args(["--release", "--bin", "vitrine"]);
    command
}

/// Builds all programs, libraries and tests, and says as JSON where the tests are.
pub(crate) fn everything(workspace: &Workspace) -> Command {
    let mut command = cargo(workspace, "build");
    command.args(["--release", "--all-targets", "--message-format=json-render-diagnostics"]);
    command
}

/// Runs the examples in the documentation.
pub(crate) fn doc_tests(workspace: &Workspace) -> Command {
    let mut command = cargo(workspace, "test");
    command.args(["--release", "--doc"]);
    command
}

/// Lints everything; a warning is an error.
pub(crate) fn clippy(workspace: &Workspace) -> Command {
    let mut command = cargo(workspace, "clippy");
    command.args(["--release", "--all-targets", "--", "--deny", "warnings"]);
    command
}

/// Writes the documents of the API; a test tells when they are stale.
pub(crate) fn openapi(workspace: &Workspace) -> Command {
    let mut command = crate::cargo::native(&workspace.root);
    command.env("CARGO_TARGET_DIR", &workspace.target_dir).env("VITRINE_WRITE_DOCS", "1");
    command.args(["test", "--release", "--package", "vitrine-docs", "--test", "written"]);
    command
}

/// Builds the documentation; a warning is an error.
pub(crate) fn doc(workspace: &Workspace) -> Command {
    let mut command = cargo(workspace, "doc");
    command.args(["--release", "--no-deps"]).env("RUSTDOCFLAGS", "--deny warnings");
    command
}
