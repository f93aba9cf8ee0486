//! `cargo xtask test`: everything that must pass. A step that fails stops only the steps that need what it makes.

mod binaries;
mod report;

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::Result;

use crate::console::Console;
use crate::workspace::{Workspace, on_path};
use crate::{build, native, wasm};
use binaries::Binary;
use report::Report;

/// Drives the whole app on one runtime.
const SCENARIOS: &str = "vitrine-scenarios";

/// Runs all steps and returns whether everything passed; the last line that it prints says how much did.
pub(crate) fn run(console: &Console, workspace: &Workspace) -> bool {
    let started = Instant::now();
    let mut report = Report::default();
    let cargo = || crate::cargo::native(&workspace.root);
    command(console, &mut report, "format", cargo().args(["fmt", "--all", "--check"]));
    let mut lock = cargo();
    lock.args(["metadata", "--locked", "--format-version", "1"]);
    command(console, &mut report, "Cargo.lock is up to date", &mut lock);
    check(console, &mut report, "tidy", || crate::chores::tidy(console, &workspace.root));
    let guests = build::Options { component: None, guests: true };
    let wasm = check(console, &mut report, "Wasm build", || build::run(console, workspace, &guests));
    clippy_wasm(console, workspace, &mut report);
    command(console, &mut report, "clippy", &mut native::clippy(workspace));
    let binaries = build_native(console, workspace, &mut report);
    command(console, &mut report, "documentation", &mut native::doc(workspace));
    if let Some(binaries) = binaries {
        libtest(console, &mut report, "examples in the documentation", &mut native::doc_tests(workspace));
        run_all(console, workspace, &mut report, &binaries, wasm);
    }
    console.say(&format!("everything took {:.0} s", started.elapsed().as_secs_f64()));
    console.say(&report.to_string());
    report.is_green()
}

/// Runs the tests of each package: those that need no component first, since they fail fastest.
fn run_all(console: &Console, workspace: &Workspace, report: &mut Report, binaries: &[Binary], wasm: bool) {
    let (black_box, native): (Vec<_>, Vec<_>) = binaries.iter().partition(|binary| binary.is_black_box());
    for binary in native {
        libtest(console, report, &format!("test {}", binary.label), &mut command_of(workspace, binary));
    }
    if !black_box.is_empty() && !wasm {
        console.say("FAIL  scenarios: not run, since the components were not built");
        report.check(false);
        return;
    }
    for binary in &black_box {
        let label = format!("test {} on the host", binary.label);
        libtest(console, report, &label, command_of(workspace, binary).env("VITRINE_RUNTIME", "host"));
    }
    if on_path("spin").is_none() {
        console.say("      spin is not on the PATH: the scenarios ran on the host only");
        return;
    }
    for binary in black_box.iter().filter(|binary| binary.package == SCENARIOS) {
        let label = format!("test {} on spin", binary.label);
        libtest(console, report, &label, command_of(workspace, binary).env("VITRINE_RUNTIME", "spin"));
    }
}

/// A test program, told where the host is and where code that it compiles may be kept.
fn command_of(workspace: &Workspace, binary: &Binary) -> Command {
    let mut command = crate::cargo::tool(&binary.folder, &binary.program);
    command.env("CARGO_MANIFEST_DIR", &binary.folder);
    command.env("VITRINE_BIN", workspace.host_program());
    command.env("VITRINE_CACHE_DIR", workspace.target_dir.join("compiled"));
    command
}

/// Builds all native tests and programs, and returns the tests.
fn build_native(console: &Console, workspace: &Workspace, report: &mut Report) -> Option<Vec<Binary>> {
    let finished = console.attempt("native build", &mut native::everything(workspace));
    match finished {
        Ok(finished) => {
            if !finished.ok {
                console.show(&finished.output);
            }
            report.check(finished.ok);
            finished.ok.then(|| binaries::find(&finished.stdout, workspace))
        }
        Err(error) => {
            fail(console, report, &error);
            None
        }
    }
}

/// Lints the components, where the compiler for Wasm has a clippy.
fn clippy_wasm(console: &Console, workspace: &Workspace, report: &mut Report) {
    let toolchain = match wasm::Toolchain::find_or_install(console, workspace) {
        Ok(toolchain) => toolchain,
        Err(error) => return fail(console, report, &error),
    };
    if !toolchain.has_clippy(workspace) {
        console.say("      the compiler for Wasm has no clippy: the components are not linted here");
        return;
    }
    let mut clippy = toolchain.cargo(workspace);
    clippy.args(["clippy", "--profile", "component", "--target", wasm::TARGET]);
    for member in workspace.members.iter().filter(|member| member.is_wasm(workspace)) {
        clippy.args(["--package", &member.name]);
    }
    command(console, report, "clippy of the components", clippy.args(["--", "--deny", "warnings"]));
}

/// A step that counts as one check.
fn check(console: &Console, report: &mut Report, label: &str, step: impl FnOnce() -> Result<()>) -> bool {
    let result = step();
    if let Err(error) = &result {
        console.say(&format!("FAIL  {label}: {error:#}"));
    }
    report.check(result.is_ok());
    result.is_ok()
}

/// A program that counts as one check.
fn command(console: &Console, report: &mut Report, label: &str, command: &mut Command) {
    match console.attempt(label, command) {
        Ok(finished) => {
            if !finished.ok {
                console.show(&finished.output);
            }
            report.check(finished.ok);
        }
        Err(error) => fail(console, report, &error),
    }
}

/// A program whose lines `test result:` are counted.
fn libtest(console: &Console, report: &mut Report, label: &str, command: &mut Command) {
    match console.attempt(label, command) {
        Ok(finished) => {
            if !finished.ok {
                console.show(&finished.output);
            }
            report.libtest(&finished.stdout, finished.ok);
        }
        Err(error) => fail(console, report, &error),
    }
}

fn fail(console: &Console, report: &mut Report, error: &anyhow::Error) {
    console.say(&format!("FAIL  {error:#}"));
    report.check(false);
}

/// Whether tests in this folder drive the built app from outside.
fn is_black_box(folder: &Path) -> bool {
    folder.starts_with("tests")
}
