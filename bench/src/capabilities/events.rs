//! Events without a pause, on PostgreSQL: how many come from commit to effect in a second, and what memory that takes.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use futures::future::try_join_all;
use vitrine_faults::{Binding, Demo, Reply};
use vitrine_scenarios::harness::Running;

use crate::figures::Figure;
use crate::server::resident_bytes;

const PER_SECOND: f64 = 1000.0;
/// Who orders at once, and how many orders one request of theirs holds.
const BUYERS: usize = 2;
const AT_ONCE: usize = 100;
/// Events before the clock runs and memory is read.
const WARM_UP: usize = 2_000;
/// Buyers whose orders come one by one.
const SINGLE_BUYERS: usize = 8;
/// Memory may be larger by so much at the end: the allocator's and the pages that a busy minute touches.
const GROWTH: f64 = 1.2;
const PATIENCE: Duration = Duration::from_secs(60);

pub(super) async fn measure(events: usize, length: Duration, postgres: &str) -> Result<Vec<Figure>> {
    let mut demo = Demo::new(&Binding::postgres(postgres))?;
    demo.deployment.log("warn");
    let running = demo.start()?;
    place(&demo, &running, "warm", WARM_UP).await?;
    all_effected(&demo, &running, WARM_UP as u64).await?;
    let before = resident_bytes(running.id())?;
    let start = Instant::now();
    place(&demo, &running, "order", events).await?;
    let placed = start.elapsed();
    all_effected(&demo, &running, (WARM_UP + events) as u64).await?;
    let rate = events as f64 / start.elapsed().as_secs_f64();
    let after = resident_bytes(running.id())?;
    let (single, total) = one_by_one(&demo, &running, length).await?;
    all_effected(&demo, &running, (WARM_UP + events) as u64 + total).await?;
    Ok(vec![
        Figure {
            what: format!("events from commit to effect, PostgreSQL, {AT_ONCE} in a transaction"),
            measured: format!("{rate:.0}/s"),
            target: format!("{PER_SECOND:.0}/s"),
            met: Some(rate >= PER_SECOND),
        },
        Figure::plain(
            "  the same, committed by their source",
            format!("{:.0}/s", events as f64 / placed.as_secs_f64()),
        ),
        Figure::plain("  orders one by one, each with an Idempotency-Key, effects beside", format!("{single:.0}/s")),
        Figure {
            what: format!("memory of the host before and after {events} events"),
            measured: format!("{:.0} to {:.0} MB", before as f64 / 1e6, after as f64 / 1e6),
            target: format!("x {GROWTH:.1}"),
            met: Some(after as f64 <= before as f64 * GROWTH),
        },
    ])
}

/// Places that many orders, several requests at once.
async fn place(demo: &Demo, running: &Running, prefix: &str, count: usize) -> Result<()> {
    let base = running.base();
    let buyer = |buyer: usize| {
        let base = &base;
        async move {
            for request in (buyer..count / AT_ONCE).step_by(BUYERS) {
                let orders: Vec<_> = (0..AT_ONCE).map(|n| (format!("{prefix}-{request}-{n}"), 1)).collect();
                let reply = demo.client.orders(base, &orders).await;
                ensure!(reply == Reply::Kept, "orders are answered {reply:?}\n{}", running.log());
            }
            Ok(())
        }
    };
    try_join_all((0..BUYERS).map(buyer)).await.map(drop)
}

/// Orders that come one by one: how many a second are taken while those before take effect, and how many in all.
async fn one_by_one(demo: &Demo, running: &Running, length: Duration) -> Result<(f64, u64)> {
    let (base, start) = (running.base(), Instant::now());
    let buyer = |buyer: usize| {
        let base = &base;
        async move {
            let mut count = 0_u64;
            while start.elapsed() < length {
                let reply = demo.client.order(base, &format!("single-{buyer}-{count}"), 1).await;
                ensure!(reply == Reply::Kept, "an order is answered {reply:?}\n{}", running.log());
                count += 1;
            }
            Ok(count)
        }
    };
    let total: u64 = try_join_all((0..SINGLE_BUYERS).map(buyer)).await?.into_iter().sum();
    Ok((total as f64 / start.elapsed().as_secs_f64(), total))
}

/// Waits until the ledger has that many entries: all, and none twice.
async fn all_effected(demo: &Demo, running: &Running, count: u64) -> Result<()> {
    let (mut last, mut moved) = (0, Instant::now());
    loop {
        let entries = demo.client.entries(&running.base()).await?;
        ensure!(entries <= count, "{entries} effects of {count} orders");
        if entries == count {
            return Ok(());
        }
        if entries != last {
            (last, moved) = (entries, Instant::now());
        }
        ensure!(moved.elapsed() < PATIENCE, "it stands still at {entries} of {count}\n{}", running.log());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
