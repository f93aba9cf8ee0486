//! `cargo xtask bench <what>`: builds what is measured, then runs the benchmark, which prints as it goes.

use anyhow::{Result, bail};

use crate::backends::Servers;
use crate::build;
use crate::console::Console;
use crate::workspace::Workspace;

/// The benchmark that needs servers.
const ON_SERVERS: &str = "capabilities";
/// The benchmark of the product alone, which needs no guests.
const OF_PRODUCT: &str = "identity";

/// What to measure.
#[derive(clap::Args, Debug)]
pub(crate) struct Options {
    /// The benchmark and its own options, such as `host`.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true, value_name = "BENCHMARK")]
    arguments: Vec<String>,
}

pub(crate) fn run(console: &Console, workspace: &Workspace, options: &Options) -> Result<()> {
    let guests = options.arguments.first().is_none_or(|what| what != OF_PRODUCT);
    build::run(console, workspace, &build::Options { component: None, guests, optimised: true })?;
    let mut command = crate::native::host(workspace);
    console.run("build the host and the benchmark", command.args(["--bin", "vitrine-bench"]))?;
    let program = workspace.target_dir.join("release").join("vitrine-bench");
    let mut command = crate::cargo::tool(&workspace.root, program);
    command.args(&options.arguments).env("VITRINE_BIN", workspace.host_program());
    let servers = match options.arguments.first() {
        Some(what) if what == ON_SERVERS => Some(Servers::start(console, &workspace.root)?),
        _ => None,
    };
    if let Some(servers) = &servers {
        command.envs(servers.given()?.variables());
    }
    let status = command.status();
    if let Some(servers) = servers {
        servers.leave(console)?;
    }
    if !status?.success() {
        bail!("the benchmark failed");
    }
    Ok(())
}
