//! The harness, for a short while: the long run is `cargo xtask kills`.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use anyhow::{Result, ensure};
use vitrine_faults::kills::{Plan, run};
use vitrine_faults::{Binding, on_each};

async fn ten_kills_lose_and_double_nothing(binding: Binding) -> Result<()> {
    let outcome = run(&Plan { kills: 10, seed: 4, binding }).await?;
    eprintln!("{outcome}");
    ensure!(outcome.verdict.is_good(), "{outcome}");
    ensure!(outcome.verdict.acknowledged > 0, "nobody has ordered anything: {outcome}");
    Ok(())
}

on_each!(ten_kills_lose_and_double_nothing);
