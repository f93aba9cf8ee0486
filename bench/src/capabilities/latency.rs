//! From the answer of an order to the entry in the ledger, when nothing else is to be done.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use vitrine_faults::{Binding, Demo, Reply};
use vitrine_servers::Given;

use crate::figures::Figure;

const P50: Duration = Duration::from_millis(20);
const P99: Duration = Duration::from_millis(200);
/// Orders before the clock runs: instances, connections, plans.
const WARM_UP: usize = 30;
/// The system is idle again before the next order.
const PAUSE: Duration = Duration::from_millis(20);
const PATIENCE: Duration = Duration::from_secs(30);

/// Embedded, and on the servers.
pub(super) async fn measure(orders: usize, given: &Given) -> Result<Vec<Figure>> {
    let mut figures = of("embedded", orders, &Binding::Embedded).await?;
    figures.extend(of("with servers", orders, &Binding::Servers(given.clone())).await?);
    Ok(figures)
}

async fn of(name: &str, orders: usize, binding: &Binding) -> Result<Vec<Figure>> {
    let mut demo = Demo::new(binding)?;
    demo.deployment.log("warn");
    let running = demo.start()?;
    let base = running.base();
    let mut times = Vec::with_capacity(orders);
    for number in 0..WARM_UP + orders {
        let id = format!("one-{number}");
        let reply = demo.client.order(&base, &id, 1).await;
        ensure!(reply == Reply::Kept, "an order is answered {reply:?}");
        // The order was committed just before its answer was sent.
        let committed = Instant::now();
        while !demo.client.has_entry(&base, &id).await? {
            ensure!(committed.elapsed() < PATIENCE, "no effect after {PATIENCE:?}");
        }
        if number >= WARM_UP {
            times.push(committed.elapsed());
        }
        tokio::time::sleep(PAUSE).await;
    }
    times.sort();
    Ok(vec![figure(name, "p50", &times, 50, P50), figure(name, "p99", &times, 99, P99)])
}

fn figure(name: &str, what: &str, sorted: &[Duration], percent: usize, target: Duration) -> Figure {
    let time = sorted.get((sorted.len() * percent / 100).min(sorted.len().saturating_sub(1))).copied();
    let time = time.unwrap_or_default();
    Figure {
        what: format!("commit to effect, {name}, {what}"),
        measured: format!("{:.1} ms", time.as_secs_f64() * 1000.0),
        target: format!("{} ms", target.as_millis()),
        met: Some(time <= target),
    }
}
