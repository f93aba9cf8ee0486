//! `vitrine-bench`: measures what is already built, and prints each figure beside its target.
#![forbid(unsafe_code)]

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use vitrine_bench::{capabilities, host, identity, native};

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
    /// What the gateway and auth cost: beside auth without the gateway, auth natively, and argon2id alone.
    Identity(identity::Options),
    /// Serves a baseline natively until it is killed; the benchmarks start it by themselves.
    Native {
        /// Which one.
        core: native::Core,
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
        What::Identity(options) => identity::run(&options),
        What::Native { core, listen, data } => native::run(core, listen, &data).map(|()| true),
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
