//! The harness that kills the app at random points while buyers order, and then looks whether it kept its promises.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::{Account, Binding, Demo, Dice, Load, Refusals, Verdict};

const BUYERS: usize = 4;
/// A kill comes within this time after the app is ready, in milliseconds. Much of what happens in an app happens at its
/// start.
const LONGEST_LIFE: u64 = 300;
/// What the last process left is due again when its leases have run out, and was tried a few times before.
const SETTLED_WITHIN: Duration = Duration::from_secs(120);

/// What to do.
#[derive(Debug, Clone)]
pub struct Plan {
    /// How often to kill.
    pub kills: u32,
    /// All delays follow from it.
    pub seed: u64,
    /// What the app is bound to.
    pub binding: Binding,
}

/// What came of it.
#[derive(Debug)]
pub struct Outcome {
    /// How often it was killed.
    pub kills: u32,
    /// Whether it kept its promises.
    pub verdict: Verdict,
    /// What buyers met meanwhile.
    pub refusals: Refusals,
    /// How long all of it took.
    pub took: Duration,
}

/// Kills the app as the plan says.
///
/// # Errors
/// When it does not start again, or does not settle.
pub async fn run(plan: &Plan) -> Result<Outcome> {
    let began = Instant::now();
    let (demo, dice, account) = (Demo::swept(&plan.binding)?, Dice::new(plan.seed), Arc::new(Account::default()));
    let load = Load::start(&account, "", BUYERS, &Dice::new(plan.seed ^ 1))?;
    for number in 1..=plan.kills {
        let running = demo.start()?;
        load.lead_to(&running.base());
        tokio::time::sleep(Duration::from_millis(dice.number(0..LONGEST_LIFE))).await;
        running.kill()?;
        load.lead_to("");
        if number.is_multiple_of(20) {
            eprintln!("{number} kills, {} orders acknowledged", account.count());
        }
    }
    let running = demo.start()?;
    load.lead_to(&running.base());
    let refusals = load.stop().await;
    let verdict = demo.settled(&running, &account, SETTLED_WITHIN).await?;
    Ok(Outcome { kills: plan.kills, verdict, refusals, took: began.elapsed() })
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kills, verdict, refusals, took } = self;
        write!(f, "{kills} kills, {verdict}, {:.0} s", took.as_secs_f64())?;
        write!(f, "; answers that were no promise, by status: {refusals:?}")
    }
}
