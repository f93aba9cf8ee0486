//! Consumers that fail, for a while and for ever.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use vitrine_faults::{Account, Act, Binding, Call, Reply, Split, on_each, until};

const SOON: Duration = Duration::from_secs(60);

/// The consumer fails three times, then works. Nobody sweeps: the relay comes back by itself.
async fn one_that_fails_three_times_then_works(binding: Binding) -> Result<()> {
    let split = Split::new(&binding).await?;
    let account = Account::default();
    let services = split.start_services()?;
    let _relay = split.start_relay()?;
    split.deliveries.rule(|call| if call.number <= 3 { Act::Answer(503) } else { Act::Pass });
    split.place(&services, &account, "patient", 0..1).await?;
    split.settled(None, &account, SOON).await?;
    ensure!(split.deliveries.calls() == 4, "{} tries", split.deliveries.calls());
    Ok(())
}

/// The consumer does its work, and its answer is lost: the event is delivered again and changes nothing.
async fn one_whose_answer_is_lost(binding: Binding) -> Result<()> {
    let split = Split::new(&binding).await?;
    let account = Account::default();
    let services = split.start_services()?;
    let relay = split.start_relay()?;
    split.deliveries.rule(|call| if call.number == 1 { Act::PassAndHold } else { Act::Pass });
    split.place(&services, &account, "unheard", 0..1).await?;
    until("it is delivered again", SOON, || split.deliveries.calls() >= 2).await?;
    until("it has taken effect before", SOON, || services.log().contains("had taken effect before")).await?;
    let verdict = split.settled(Some(&relay), &account, SOON).await?;
    ensure!(verdict.acknowledged == 1, "{verdict}");
    Ok(())
}

fn poisoned(call: &Call) -> bool {
    String::from_utf8_lossy(&call.body).contains("poison")
}

/// One event fails always: all others are delivered, it becomes a dead letter after ten tries, and is replayed.
async fn one_that_always_fails(binding: Binding) -> Result<()> {
    let split = Split::new(&binding).await?;
    let account = Account::default();
    let services = split.start_services()?;
    let relay = split.start_relay()?;
    split.deliveries.rule(|call| if poisoned(call) { Act::Answer(500) } else { Act::Pass });
    split.place(&services, &account, "before", 0..20).await?;
    account.sending("poison", 1);
    ensure!(split.client.order(&services.base(), "poison", 1).await == Reply::Kept);
    account.acknowledged("poison");
    split.place(&services, &account, "after", 0..20).await?;
    let entries = || split.tables.entries().map_or(0, |entries| entries.len());
    until("all others took effect", SOON, || entries() == 40).await?;

    // Ten tries take nine minutes, so time is made to pass.
    let start = Instant::now();
    let letter = loop {
        ensure!(start.elapsed() < SOON, "no dead letter");
        split.tables.let_time_pass()?;
        split.client.sweep(&relay.base(), &split.tokens).await?;
        tokio::time::sleep(Duration::from_millis(100)).await;
        let dead = split.client.ask(&relay.base(), "demo-orders/dead", &split.tokens).await?;
        if let Some(letter) = dead.pointer("/items/0") {
            break letter.clone();
        }
    };
    ensure!(letter.pointer("/event/subject").and_then(Value::as_str) == Some("poison"), "{letter}");
    ensure!(letter.get("attempts").and_then(Value::as_u64) == Some(10), "{letter}");
    let error = letter.get("lastError").and_then(Value::as_str).context("why it was given up")?;
    ensure!(error.contains("500"), "{error}");
    split.place(&services, &account, "later", 0..5).await?;
    until("what came later took effect", SOON, || entries() == 45).await?;

    split.deliveries.rule(|_| Act::Pass);
    ensure!(split.client.replay(&relay.base(), &split.tokens).await? == 1);
    let verdict = split.settled(None, &account, SOON).await?;
    ensure!(verdict.acknowledged == 46, "{verdict}");
    ensure!(split.client.replay(&relay.base(), &split.tokens).await? == 0, "a letter is replayed twice");
    Ok(())
}

on_each!(one_that_fails_three_times_then_works, one_whose_answer_is_lost, one_that_always_fails);
