//! `vitrine-faults kills`: kills the app at random points, and tells whether it kept its promises.
#![forbid(unsafe_code)]

use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result};
use clap::{Parser, Subcommand};
use vitrine_faults::Binding;
use vitrine_faults::kills::{self, Plan};

#[derive(Parser)]
#[command(version, about)]
struct Cli {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Kills the host of the demo pair at random points while orders come in.
    Kills {
        /// How often.
        #[arg(long, default_value_t = 200)]
        count: u32,
        /// Repeats the delays of another run; a new seed where none is given.
        #[arg(long)]
        seed: Option<u64>,
        /// On the PostgreSQL server that VITRINE_TEST_POSTGRES names, instead of SQLite.
        #[arg(long)]
        backends: bool,
    },
}

fn main() -> ExitCode {
    let What::Kills { count, seed, backends } = Cli::parse().what;
    match kill(count, seed, backends) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn kill(count: u32, seed: Option<u64>, backends: bool) -> Result<()> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_micros();
    let seed = seed.unwrap_or(u64::try_from(now % 1_000_000)?);
    let (name, binding) = match backends {
        true => ("PostgreSQL", Binding::given().context("no server to run on")?),
        false => ("SQLite", Binding::Embedded),
    };
    eprintln!("on {name}, with the seed {seed}");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let outcome = runtime.block_on(kills::run(&Plan { kills: count, seed, binding }))?;
    println!("{name}: {outcome}");
    Ok(())
}
