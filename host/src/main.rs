//! `vitrine`: runs an app from its manifests.

mod allocator;

use clap::{Args, Parser, Subcommand};
use std::io::IsTerminal;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use tracing_subscriber::EnvFilter;
use vitrine_host::app::{self, Options};

/// Runs Vitrine's manifests and components, as Spin does, without Spin.
#[derive(Parser)]
#[command(version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs the app until Ctrl-C.
    Up {
        #[command(flatten)]
        app: App,
        /// Where the app answers.
        #[arg(long, default_value = "127.0.0.1:3000")]
        listen: SocketAddr,
        /// Where /healthz, /readyz and /metrics are. Keep it away from the outside.
        #[arg(long, default_value = "127.0.0.1:9464")]
        admin: SocketAddr,
    },
    /// Checks the manifests, the variables, the bindings and the components, and runs nothing.
    Check {
        #[command(flatten)]
        app: App,
    },
}

#[derive(Args)]
struct App {
    /// A manifest; give the option several times to run several in one process.
    #[arg(long = "from", short, default_value = "spin.toml")]
    from: Vec<PathBuf>,
    /// How the labels of the manifest are bound (runtime-config.toml).
    #[arg(long)]
    runtime_config_file: Option<PathBuf>,
    /// Where databases are kept whose path is relative.
    #[arg(long, default_value = ".vitrine")]
    state_dir: PathBuf,
    /// Variables, one NAME=value a line; else `.env` beside the manifest.
    #[arg(long)]
    env_file: Option<PathBuf>,
    /// Where compiled code is kept between starts.
    #[arg(long)]
    cache_dir: Option<PathBuf>,
    /// What is logged: error, warn, info, debug, trace, or a filter such as `warn,component=info`.
    #[arg(long, default_value = "info")]
    log: String,
    /// Logs as JSON, one object a line.
    #[arg(long)]
    log_json: bool,
}

impl App {
    fn options(&self) -> Options {
        Options {
            manifests: self.from.clone(),
            runtime_config: self.runtime_config_file.clone(),
            state_dir: self.state_dir.clone(),
            env_file: self.env_file.clone(),
            cache_dir: self.cache_dir.clone(),
        }
    }

    fn start_log(&self) -> anyhow::Result<()> {
        let filter = EnvFilter::try_new(&self.log).map_err(|error| {
            anyhow::anyhow!("--log {:?} is no filter: {error}; write error, warn, info, debug or trace", self.log)
        })?;
        let log = tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_writer(std::io::stderr)
            .with_ansi(std::io::stderr().is_terminal());
        if self.log_json {
            log.json().init()
        } else {
            log.init()
        }
        Ok(())
    }
}

fn main() -> ExitCode {
    allocator::give_back_soon();
    match run(&Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: &Cli) -> anyhow::Result<()> {
    match &cli.command {
        Command::Check { app } => {
            app.start_log()?;
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(app::check(&app.options()))?;
            println!("ok");
            Ok(())
        }
        Command::Up { app, listen, admin } => {
            app.start_log()?;
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            let result = runtime.block_on(app::run(&app.options(), *listen, *admin));
            // Work that outlives the grace period is not waited for.
            runtime.shutdown_background();
            result
        }
    }
}
