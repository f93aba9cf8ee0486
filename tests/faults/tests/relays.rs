//! Several relays, and rings that do not come as they were sent.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, ensure};
use vitrine_faults::{Account, Act, Binding, Demo, Dice, Load, Proxy, Split, on_each, until};
use vitrine_scenarios::harness::Running;

const SOON: Duration = Duration::from_secs(60);

/// Two relays, each in a process of its own, empty the same outbox.
async fn two_relays_share_one_outbox(binding: Binding) -> Result<()> {
    let mut split = Split::new(&binding).await?;
    let account = Account::default();
    let services = split.start_services()?;
    let one = split.start_relay()?;
    let gate = Proxy::before(&services.base()).await?;
    split.relay.set("demo_ledger_url", gate.base());
    let other = split.start_relay()?;
    let delivered = |relay: &Running| relay.log().contains("delivered");

    // Each has its turn: while the other one has claimed an event and cannot deliver it, this one delivers the next.
    split.rings.rule(|_| Act::Answer(202));
    gate.rule(|_| Act::UntilRuled);
    split.place(&services, &account, "others", 0..1).await?;
    split.client.sweep(&other.base(), &split.tokens).await?;
    until("the other one delivers", SOON, || gate.calls() > 0).await?;
    split.place(&services, &account, "ones", 0..1).await?;
    split.client.sweep(&one.base(), &split.tokens).await?;
    until("this one has delivered", SOON, || delivered(&one)).await?;
    gate.rule(|_| Act::Pass);
    until("the other one has delivered", SOON, || delivered(&other)).await?;

    // Then both at once.
    split.rings.rule(|_| Act::Pass);
    for part in 0..10 {
        split.place(&services, &account, &format!("part{part}"), 0..30).await?;
        split.client.sweep(&one.base(), &split.tokens).await?;
        split.client.sweep(&other.base(), &split.tokens).await?;
    }
    let verdict = split.settled(Some(&one), &account, SOON).await?;
    ensure!(verdict.acknowledged == 302, "{verdict}");
    Ok(())
}

/// Two whole apps on the same databases take orders at once.
async fn two_apps_share_their_databases(binding: Binding) -> Result<()> {
    let demo = Demo::swept(&binding)?;
    let account = Arc::new(Account::default());
    let (one, other) = (demo.start()?, demo.start()?);
    let load = Load::start(&account, &one.base(), 2, &Dice::new(1))?;
    for second in 0..4 {
        load.lead_to(if second % 2 == 0 { &other } else { &one }.base().as_str());
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    let refusals = load.stop().await;
    let verdict = demo.settled(&one, &account, SOON).await?;
    ensure!(refusals.is_empty(), "{refusals:?} {verdict}");
    ensure!(verdict.acknowledged > 20, "{verdict}");
    Ok(())
}

async fn lost_rings_cost_time_only(binding: Binding) -> Result<()> {
    let split = Split::new(&binding).await?;
    let account = Account::default();
    let services = split.start_services()?;
    let relay = split.start_relay()?;
    // The ledger makes its table when it is asked for the first time.
    split.place(&services, &account, "heard", 0..1).await?;
    split.settled(None, &account, SOON).await?;
    // The relay knows nothing of these: whoever rang was answered by nobody.
    split.rings.rule(|_| Act::Answer(202));
    split.place(&services, &account, "lost", 0..5).await?;
    tokio::time::sleep(Duration::from_millis(500)).await;
    ensure!(split.rings.calls() > 0, "nobody rang");
    ensure!(split.tables.entries()?.len() == 1, "the rings were not lost");
    split.settled(Some(&relay), &account, SOON).await?;
    Ok(())
}

async fn doubled_and_reordered_rings_do_no_harm(binding: Binding) -> Result<()> {
    let split = Split::new(&binding).await?;
    let account = Account::default();
    let services = split.start_services()?;
    let _relay = split.start_relay()?;
    split.rings.rule(|_| Act::Twice);
    split.place(&services, &account, "doubled", 0..30).await?;
    split.settled(None, &account, SOON).await?;
    // Every other ring comes half a second late, so later ones overtake it.
    split.rings.rule(
        |call| {
            if call.number.is_multiple_of(2) { Act::Pass } else { Act::Later(Duration::from_millis(500)) }
        },
    );
    split.place(&services, &account, "reordered", 0..30).await?;
    let verdict = split.settled(None, &account, SOON).await?;
    ensure!(verdict.acknowledged == 60, "{verdict}");
    Ok(())
}

on_each!(
    two_relays_share_one_outbox,
    two_apps_share_their_databases,
    lost_rings_cost_time_only,
    doubled_and_reordered_rings_do_no_harm,
);
