//! Running the test programs: first those that need no component, since they fail fastest; then those that drive the built app,
//! on its embedded defaults and, where servers run, bound to these.

use std::process::Command;

use vitrine_browser::chromium;

use super::binaries::Binary;
use super::report::Report;
use super::{fail, libtest};
use crate::backends::{Servers, s3s_fs};
use crate::console::Console;
use crate::workspace::{Workspace, on_path};

/// Tells tests that everything they need is there, so that one which is not run has failed.
const MUST_RUN: &str = "VITRINE_MUST_RUN";

/// Drives the whole app on one runtime.
const SCENARIOS: &str = "vitrine-scenarios";

/// What the test programs run in.
pub(super) struct Programs<'a> {
    pub(super) console: Console,
    pub(super) workspace: &'a Workspace,
    pub(super) servers: Option<&'a Servers>,
}

impl Programs<'_> {
    /// Runs the tests of each package.
    pub(super) fn run_all(&self, report: &mut Report, binaries: &[Binary], wasm: bool) {
        let (black_box, native): (Vec<_>, Vec<_>) = binaries.iter().partition(|binary| binary.is_black_box());
        for binary in native {
            self.run(report, binary, "", &[]);
        }
        if !black_box.is_empty() && !wasm {
            self.console.say("FAIL  scenarios: not run, since the components were not built");
            report.check(false);
            return;
        }
        let scenarios = || black_box.iter().filter(|binary| binary.package == SCENARIOS);
        for binary in &black_box {
            self.run(report, binary, " on the host", &[("VITRINE_RUNTIME", "host")]);
        }
        if self.servers.is_some() {
            for binary in scenarios() {
                let bound = [("VITRINE_RUNTIME", "host"), ("VITRINE_BINDING", "servers")];
                self.run(report, binary, " on the host, bound to servers", &bound);
            }
        } else {
            self.console
                .say("      no servers: what needs PostgreSQL, Redis or S3 ran not (cargo xtask test --backends)");
        }
        if on_path("node").is_none() || on_path("npm").is_none() {
            self.console
                .say("      node and npm are not on the PATH: the tRPC clients of npm ran not, nor did the browser");
        }
        if chromium().is_none() {
            self.console.say("      Chromium is not on the PATH: what people do in a browser ran not");
        }
        if on_path("python3").is_none() {
            self.console.say("      python3 is not on the PATH: schemathesis ran not");
        }
        if on_path("spin").is_none() {
            self.console.say("      spin is not on the PATH: the scenarios ran on the host only");
            return;
        }
        for binary in scenarios() {
            self.run(report, binary, " on spin", &[("VITRINE_RUNTIME", "spin")]);
        }
    }

    fn run(&self, report: &mut Report, binary: &Binary, how: &str, environment: &[(&str, &str)]) {
        let label = format!("test {}{how}", binary.label);
        match self.command(binary) {
            Ok(mut command) => libtest(&self.console, report, &label, command.envs(environment.iter().copied())),
            Err(error) => fail(&self.console, report, &error),
        }
    }

    /// A test program, told where the host is, where code that it compiles may be kept, and where the servers are.
    fn command(&self, binary: &Binary) -> anyhow::Result<Command> {
        let mut command = crate::cargo::tool(&binary.folder, &binary.program);
        command.env("CARGO_MANIFEST_DIR", &binary.folder);
        command.env("VITRINE_BIN", self.workspace.host_program());
        command.env("VITRINE_CACHE_DIR", self.workspace.target_dir.join("compiled"));
        command.env_remove("VITRINE_BINDING").env_remove(MUST_RUN);
        // It may have been installed before, for servers that do not run now.
        let s3s_fs = s3s_fs()?;
        if s3s_fs.is_file() {
            command.env("VITRINE_S3S_FS", s3s_fs);
        }
        if let Some(servers) = self.servers {
            command.envs(servers.given()?.variables()).env(MUST_RUN, "1");
        }
        Ok(command)
    }
}
