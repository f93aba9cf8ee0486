//! `cargo xtask kills`: builds the demo pair, and kills its host at random points while orders come in.

use anyhow::{Result, bail};

use crate::backends::Servers;
use crate::build;
use crate::console::Console;
use crate::workspace::Workspace;

/// The components of the demo pair, and what sweeps it.
const DEMO: [&str; 4] = ["demo-ledger", "demo-orders", "demo-relay", "sweeper"];

/// How often, and on what.
#[derive(clap::Args, Debug)]
pub(crate) struct Options {
    /// How often to kill, on each database.
    #[arg(long, default_value_t = 200)]
    count: u32,
    /// Repeats the delays of another run, which has printed its seed.
    #[arg(long)]
    seed: Option<u64>,
    /// Then once more on PostgreSQL.
    #[arg(long)]
    backends: bool,
}

pub(crate) fn run(console: &Console, workspace: &Workspace, options: &Options) -> Result<()> {
    for name in DEMO {
        let component = Some(name.to_owned());
        build::run(console, workspace, &build::Options { component, ..build::Options::default() })?;
    }
    let mut command = crate::native::host(workspace);
    console.run("build the host and the harness", command.args(["--bin", "vitrine-faults"]))?;
    kill(workspace, options, None)?;
    if options.backends {
        let servers = Servers::start(console, &workspace.root)?;
        let killed = kill(workspace, options, Some(&servers));
        servers.leave(console)?;
        killed?;
    }
    Ok(())
}

fn kill(workspace: &Workspace, options: &Options, servers: Option<&Servers>) -> Result<()> {
    let program = workspace.target_dir.join("release").join("vitrine-faults");
    let mut command = crate::cargo::tool(&workspace.root, program);
    command.args(["kills", "--count", &options.count.to_string()]).env("VITRINE_BIN", workspace.host_program());
    command.env("VITRINE_CACHE_DIR", workspace.target_dir.join("compiled"));
    if let Some(seed) = options.seed {
        command.args(["--seed", &seed.to_string()]);
    }
    if let Some(servers) = servers {
        command.arg("--backends").envs(servers.given()?.variables());
    }
    if !command.status()?.success() {
        bail!("the harness failed");
    }
    Ok(())
}
