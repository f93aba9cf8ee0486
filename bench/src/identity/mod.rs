//! What identity costs: the gateway beside auth without it, login beside argon2id alone, and reads beside auth natively.

mod gateway;
mod logins;
mod reads;
mod site;

use anyhow::Result;

use crate::figures::{Figure, print};
use crate::rounds::Rounds;
use site::Site;

/// How to measure.
#[derive(clap::Args, Debug)]
pub struct Options {
    /// Logins of each server; the token of each is then used for the first time.
    #[arg(long, default_value_t = 200)]
    logins: usize,
    /// Requests of a round, one after another.
    #[arg(long, default_value_t = 3000)]
    requests: usize,
    #[command(flatten)]
    rounds: Rounds,
}

/// Measures and prints; tells whether the exit code is to be 0.
///
/// # Errors
/// When something cannot be measured.
pub fn run(options: &Options) -> Result<bool> {
    let (native, direct, guarded) = (Site::native()?, Site::without_gateway()?, Site::product()?);
    let (mut figures, tokens): (Vec<Figure>, _) = logins::measure(&direct, &guarded, options.logins)?;
    figures.extend(gateway::measure(&direct, &guarded, tokens, options)?);
    figures.extend(reads::measure(&native, &guarded, &options.rounds)?);
    let met = print(&figures);
    Ok(options.rounds.passes(met))
}
