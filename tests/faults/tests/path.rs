//! The path of one event, as the log tells it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use vitrine_faults::{Account, Binding, Demo, Reply, on_each};

const SOON: Duration = Duration::from_secs(30);

/// What is said of an event, in this order.
const STEPS: [&str; 5] = ["committed", "claimed", "took effect", "delivered", "acknowledged"];

/// The value of a field of a line.
fn field<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = line.split_once(&format!("{name}="))?;
    Some(rest.split([' ', '"']).find(|word| !word.is_empty()).unwrap_or_default())
}

/// One order, and nobody rings but the service itself: each step of its event says its line, with the same id and type.
async fn one_event_is_traced_from_commit_to_acknowledgement(binding: Binding) -> Result<()> {
    let demo = Demo::new(&binding)?;
    let account = Account::default();
    let running = demo.start()?;
    account.sending("one", 7);
    ensure!(demo.client.order(&running.base(), "one", 7).await == Reply::Kept, "{}", running.log());
    account.acknowledged("one");
    demo.settled(&running, &account, SOON).await?;
    let committed = running.log_line(&["committed", "event="])?;
    let event = field(&committed, "event").context("the line names its event")?;
    running.log_line(&["acknowledged", event])?;

    let log = running.log();
    let lines: Vec<&str> = log.lines().filter(|line| field(line, "event") == Some(event)).collect();
    let told = lines.join("\n");
    let places: Vec<_> = STEPS.iter().map(|step| lines.iter().position(|line| line.contains(step))).collect();
    ensure!(places.iter().all(Option::is_some) && places.is_sorted(), "{places:?}\n{told}");
    ensure!(lines.iter().all(|line| field(line, "type") == field(&committed, "type")), "{told}");
    eprintln!("{told}");

    // A client that did not hear the answer asks again: nothing happened, so nothing is said to have.
    ensure!(demo.client.order(&running.base(), "one", 7).await == Reply::Kept, "{}", running.log());
    demo.settled(&running, &account, SOON).await?;
    ensure!(running.log().matches("committed").count() == 1, "{}", running.log());
    Ok(())
}

on_each!(one_event_is_traced_from_commit_to_acknowledgement);
