//! `vitrine-bench`: measures what is already built, and prints each figure beside its target.
#![forbid(unsafe_code)]

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use vitrine_bench::{capabilities, host, imaging, native};

#[derive(Parser)]
#[command(version, about)]
struct Cli {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// The same router in a component on the host (and on Spin, where it is on the PATH) and natively.
    Host(host::Options),
    /// Events, rows and memory, embedded and on the servers that the environment names.
    Capabilities(capabilities::Options),
    /// What pictures cost in time, bytes and memory, beside sharp of npm.
    Imaging(imaging::Options),
    /// Serves the baseline natively until it is killed; `host` starts it by itself.
    Native {
        /// Where to answer.
        #[arg(long)]
        listen: SocketAddr,
        /// The folder of its database.
        #[arg(long)]
        data: PathBuf,
    },
}

fn main() -> ExitCode {
    let done = match Cli::parse().what {
        What::Host(options) => host::run(&options),
        What::Capabilities(options) => capabilities::run(&options),
        What::Imaging(options) => imaging::run(&options),
        What::Native { listen, data } => native::run(listen, &data).map(|()| true),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
