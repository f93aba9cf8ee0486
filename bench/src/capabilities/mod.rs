//! What capabilities cost: events from commit to effect, rows and blobs through a service, each beside a baseline of the same run.

mod blobs;
mod events;
mod latency;
mod rows;

use anyhow::{Context as _, Result};
use vitrine_servers::Given;

use crate::figures::{Figure, print};
use crate::rounds::Rounds;

/// How to measure.
#[derive(clap::Args, Debug)]
pub struct Options {
    /// Orders whose effect is waited for, one after another, for each binding.
    #[arg(long, default_value_t = 300)]
    orders: usize,
    /// Events that are carried without a pause, on PostgreSQL.
    #[arg(long, default_value_t = 100_000)]
    events: usize,
    #[command(flatten)]
    rounds: Rounds,
}

/// Measures and prints; tells whether the exit code is to be 0. The servers are those that `VITRINE_TEST_POSTGRES`,
/// `VITRINE_TEST_REDIS` and `VITRINE_TEST_S3` name.
///
/// # Errors
/// When something cannot be measured.
pub fn run(options: &Options) -> Result<bool> {
    let given = Given::from_env();
    let postgres = given.postgres.clone().context("VITRINE_TEST_POSTGRES names no server: cargo xtask bench does")?;
    let s3 = given.s3.clone().context("VITRINE_TEST_S3 names no server: cargo xtask bench does")?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let mut figures: Vec<Figure> = runtime.block_on(latency::measure(options.orders, &given))?;
    figures.extend(runtime.block_on(events::measure(options.events, options.rounds.length(), &postgres))?);
    figures.extend(blobs::measure(options.rounds.count, &s3)?);
    figures.extend(rows::on_sqlite(options.rounds.count, options.rounds.length())?);
    figures.extend(rows::on_postgres(options.rounds.count, options.rounds.length(), &postgres)?);
    let met = print(&figures);
    Ok(options.rounds.passes(met))
}
