//! Processes that are killed at the worst of moments.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use vitrine_faults::{Account, Act, Binding, Call, Proxy, Split, on_each, until};
use vitrine_scenarios::harness::Running;

/// Leases of a relay that died run out after 17 s.
const RECOVERED_WITHIN: Duration = Duration::from_secs(60);
const SOON: Duration = Duration::from_secs(20);

/// The services die after a commit, while they ring. Nobody hears of the events but the sweep.
async fn the_services_between_commit_and_ring(binding: Binding) -> Result<()> {
    let split = Split::new(&binding).await?;
    let account = Account::default();
    split.rings.rule(|_| Act::Hold);
    let services = split.start_services()?;
    split.place(&services, &account, "unrung", 0..5).await?;
    until("a ring is under way", SOON, || split.rings.held() > 0).await?;
    services.kill()?;

    let services = split.start_services()?;
    let relay = split.start_relay()?;
    let verdict = split.settled(Some(&relay), &account, SOON).await?;
    ensure!(verdict.acknowledged == 5, "{verdict}");
    // And the rings of what comes now are heard again.
    split.rings.rule(|_| Act::Pass);
    split.place(&services, &account, "rung", 0..5).await?;
    split.settled(None, &account, SOON).await?;
    Ok(())
}

/// The relay dies in the middle of a batch, at the point where the proxy of that call holds it.
async fn relay_dies(
    binding: Binding,
    link: fn(&Split) -> &Proxy,
    rule: impl FnMut(&Call) -> Act + Send + 'static,
) -> Result<Running> {
    let split = Split::new(&binding).await?;
    let account = Account::default();
    let services = split.start_services()?;
    // A batch waits for the relay when it starts.
    split.place(&services, &account, "early", 0..40).await?;
    link(&split).rule(rule);
    let relay = split.start_relay()?;
    split.client.sweep(&relay.base(), &split.tokens).await?;
    until("the call is held", SOON, || link(&split).held() > 0).await?;
    relay.kill()?;

    link(&split).rule(|_| Act::Pass);
    let relay = split.start_relay()?;
    split.place(&services, &account, "late", 0..10).await?;
    let verdict = split.settled(Some(&relay), &account, RECOVERED_WITHIN).await?;
    ensure!(verdict.acknowledged == 50, "{verdict}");
    Ok(services)
}

/// What took effect before the relay died was really delivered once more, else nothing could have been doubled.
fn was_redelivered(services: &Running) -> Result<()> {
    services.log_line(&["had taken effect before"]).context("nothing was delivered again").map(drop)
}

fn held(path: &'static str, act: Act) -> impl FnMut(&Call) -> Act + Send + 'static {
    move |call| if call.path == path { act } else { Act::Pass }
}

async fn the_relay_before_the_claim_comes_back(binding: Binding) -> Result<()> {
    relay_dies(binding, |split| &split.claims, held("/_outbox/claim", Act::PassAndHold)).await.map(drop)
}

async fn the_relay_before_the_effect(binding: Binding) -> Result<()> {
    relay_dies(binding, |split| &split.deliveries, held("/_events", Act::Hold)).await.map(drop)
}

async fn the_relay_after_the_effect(binding: Binding) -> Result<()> {
    was_redelivered(&relay_dies(binding, |split| &split.deliveries, held("/_events", Act::PassAndHold)).await?)
}

async fn the_relay_before_the_acknowledgement(binding: Binding) -> Result<()> {
    was_redelivered(&relay_dies(binding, |split| &split.claims, held("/_outbox/ack", Act::Hold)).await?)
}

on_each!(
    the_services_between_commit_and_ring,
    the_relay_before_the_claim_comes_back,
    the_relay_before_the_effect,
    the_relay_after_the_effect,
    the_relay_before_the_acknowledgement,
);
