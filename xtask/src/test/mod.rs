//! `cargo xtask test`: everything that must pass. A step that fails stops only the steps that need what it makes.

mod binaries;
mod programs;
mod report;

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::backends::Servers;
use crate::console::Console;
use crate::workspace::Workspace;
use crate::{browser, build, native, wasm};
use binaries::Binary;
use programs::Programs;
use report::Report;

/// The longest that a build may take: wasmtime from nothing, on two busy cores.
const BUILD_LIMIT: Duration = Duration::from_secs(45 * 60);
/// The longest that one test program may take.
const TEST_LIMIT: Duration = Duration::from_secs(20 * 60);

/// What to test.
#[derive(clap::Args, Debug)]
pub(crate) struct Options {
    /// Starts PostgreSQL, Redis and an S3 server, runs also the tests that need them, and the scenarios a second time against the
    /// app bound to them. What tests need beside that is installed where it can be; what lacks it fails.
    #[arg(long)]
    backends: bool,
    /// Runs only the test programs whose package or name holds one of these, and no other checks.
    #[arg(value_name = "NAME")]
    only: Vec<String>,
}

/// Runs all steps and returns whether everything passed; the last line that it prints says how much did.
pub(crate) fn run(console: &Console, workspace: &Workspace, options: &Options) -> bool {
    let started = Instant::now();
    let mut report = Report::default();
    let console = console.within(BUILD_LIMIT);
    let servers = options.backends.then(|| start_servers(&console, workspace, &mut report)).flatten();
    if options.backends {
        check(&console, &mut report, "Chromium", || browser::install(&console));
    }
    if options.only.is_empty() {
        check_sources(&console, workspace, &mut report);
    }
    let guests = build::Options { guests: true, ..build::Options::default() };
    let wasm = check(&console, &mut report, "Wasm build", || build::run(&console, workspace, &guests));
    if options.only.is_empty() {
        clippy_wasm(&console, workspace, &mut report);
        command(&console, &mut report, "clippy", &mut native::clippy(workspace));
    }
    let binaries = build_native(&console, workspace, &mut report);
    if options.only.is_empty() {
        command(&console, &mut report, "documentation", &mut native::doc(workspace));
        if binaries.is_some() {
            libtest(&console, &mut report, "examples in the documentation", &mut native::doc_tests(workspace));
        }
    }
    if let Some(mut binaries) = binaries {
        let wanted =
            |label: &str| options.only.is_empty() || options.only.iter().any(|name| label.contains(name.as_str()));
        binaries.retain(|binary| wanted(&binary.label));
        let programs = Programs { console: console.within(TEST_LIMIT), workspace, servers: servers.as_ref() };
        programs.run_all(&mut report, &binaries, wasm);
    }
    if let Some(servers) = servers {
        check(&console, &mut report, "leave the servers", || servers.leave(&console));
    }
    console.say(&format!("everything took {:.0} s", started.elapsed().as_secs_f64()));
    console.say(&report.to_string());
    report.is_green()
}

/// What is seen without building anything.
fn check_sources(console: &Console, workspace: &Workspace, report: &mut Report) {
    let cargo = || crate::cargo::native(&workspace.root);
    command(console, report, "format", cargo().args(["fmt", "--all", "--check"]));
    let mut lock = cargo();
    lock.args(["metadata", "--locked", "--format-version", "1"]);
    command(console, report, "Cargo.lock is up to date", &mut lock);
    check(console, report, "tidy", || crate::chores::tidy(console, &workspace.root));
}

/// Starts the servers; without them, the tests that need them fail once, here, and the rest goes on.
fn start_servers(console: &Console, workspace: &Workspace, report: &mut Report) -> Option<Servers> {
    match Servers::start(console, &workspace.root) {
        Ok(servers) => {
            report.check(true);
            Some(servers)
        }
        Err(error) => {
            fail(console, report, &error);
            None
        }
    }
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

/// Lints the components, for Wasm where its compiler has a clippy.
fn clippy_wasm(console: &Console, workspace: &Workspace, report: &mut Report) {
    let toolchain = match wasm::Toolchain::find_or_install(console, workspace) {
        Ok(toolchain) => toolchain,
        Err(error) => return fail(console, report, &error),
    };
    let mut clippy = if toolchain.has_clippy(workspace) {
        let mut clippy = toolchain.cargo(workspace);
        clippy.args(["clippy", "--profile", "component", "--target", wasm::TARGET]);
        clippy
    } else {
        // That of this machine reads them as native code, which is not linked.
        let mut clippy = crate::cargo::native(&workspace.root);
        clippy.env("CARGO_TARGET_DIR", &workspace.target_dir).args(["clippy", "--release"]);
        clippy
    };
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
