//! `cargo xtask up`: sets up all that is needed, then becomes the program that runs the app.

pub(crate) mod data;
pub(crate) mod lock;
mod runtime;
mod secrets;
mod values;
mod variables;

use std::net::{SocketAddr, TcpListener};
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, Result, bail};

use crate::backends::check;
use crate::console::Console;
use crate::workspace::Workspace;
use crate::{build, native};
use lock::Lock;

/// Where the app keeps its data when nothing else is said.
pub(crate) const DATA: &str = ".vitrine";

/// How to run the app.
#[derive(clap::Args, Debug)]
pub(crate) struct Options {
    /// Address of the app.
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:3000")]
    listen: SocketAddr,
    /// Address of health and metrics (host only).
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:9464")]
    admin: SocketAddr,
    /// Folder of all data.
    #[arg(long, value_name = "DIR", default_value = DATA)]
    data: PathBuf,
    /// Empties the data folder first; not what `--backends` keeps on servers, which `backends down --erase` removes.
    #[arg(long)]
    fresh: bool,
    /// Starts PostgreSQL, Redis and an S3 server where they do not run, and binds the app to them.
    #[arg(long)]
    backends: bool,
    /// How much the host says: error, warn, info, debug or trace.
    #[arg(long, value_name = "LEVEL", default_value = "info")]
    log: String,
    /// What runs the app.
    #[arg(long, value_enum, default_value_t = Runtime::Host)]
    runtime: Runtime,
}

#[derive(clap::ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
enum Runtime {
    /// The host of this repository.
    Host,
    /// The `spin` on the PATH; it runs the HTTP part only.
    Spin,
}

pub(crate) fn run(console: &Console, workspace: &Workspace, options: &Options) -> Result<()> {
    let started = Instant::now();
    let data = std::path::absolute(&options.data)?;
    free(options.listen, "--listen")?;
    if options.runtime == Runtime::Host {
        free(options.admin, "--admin")?;
    } else if crate::workspace::on_path("spin").is_none() {
        bail!("--runtime spin: there is no spin on the PATH");
    }
    let lock = if options.fresh {
        let lock = Lock::alone(&data)?;
        data::empty(&data)?;
        lock.share()?
    } else {
        Lock::shared(&data)?
    };
    data::prepare(&workspace.root, &data)?;
    let env_file = workspace.root.join(".env");
    let written = secrets::complete(&workspace.root, &env_file)?;
    if !written.is_empty() {
        console.say(&format!("      wrote secrets to .env: {}", written.join(", ")));
    }
    values::check(&variables::effective(&workspace.root, &env_file, &[])?)?;
    let bound = variables::bound(console, workspace, options.backends, options.runtime)?;
    build::run(console, workspace, &build::Options::default())?;
    let values = variables::effective(&workspace.root, &env_file, &bound)?;
    if options.runtime == Runtime::Host {
        console.run("build the host (takes minutes the first time)", &mut native::host(workspace))?;
    }
    // Last, since a server may end while all is built.
    check::check(&values)?;
    let mut command = match options.runtime {
        Runtime::Host => runtime::host(workspace, options, &data, &env_file, &values),
        Runtime::Spin => runtime::spin(workspace, options, &data, &env_file)?,
    };
    command.envs(bound);
    command.envs(variables::address(&env_file, &values, options.listen)?);
    let admin = (options.runtime == Runtime::Host).then_some(options.admin);
    announce(options.listen, admin)?;
    lock.pass_on()?;
    console.done(true, "set up; starting the app, Ctrl-C ends it", started);
    // The app takes this process over, so that a signal sent to this command reaches it at once and once.
    Err(command.exec()).with_context(|| format!("cannot start {}", command.get_program().to_string_lossy()))
}

/// Refuses an address that something else listens on, before minutes go into building.
fn free(address: SocketAddr, option: &str) -> Result<()> {
    if address.port() == 0 {
        bail!("{option} {address}: name a port other than 0");
    }
    TcpListener::bind(address)
        .map(drop)
        .with_context(|| format!("cannot listen on {address}; choose another address with {option}"))
}

/// Starts a helper that waits until the app answers and then says where it is. The shell leaves it behind at once, so that
/// the app, which takes this process over, has no child that it does not know.
fn announce(listen: SocketAddr, admin: Option<SocketAddr>) -> Result<()> {
    let program = std::env::current_exe().context("cannot find the path of this program")?;
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", "\"$@\" &", "sh"]).arg(program).arg("announce");
    shell.arg("--pid").arg(std::process::id().to_string()).arg("--listen").arg(listen.to_string());
    if let Some(admin) = admin {
        shell.arg("--admin").arg(admin.to_string());
    }
    shell.stdin(Stdio::null()).status().context("cannot start /bin/sh")?;
    Ok(())
}
