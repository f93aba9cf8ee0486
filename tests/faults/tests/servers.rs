//! Servers that go away and come back.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use vitrine_faults::{Account, Binding, Demo, Dice, Load, Reply, until};
use vitrine_ports::Suites;
use vitrine_scenarios::client::Fetch as _;
use vitrine_servers::{Given, Postgres, Redis};

const SOON: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_secs(2);

/// PostgreSQL is stopped and started, then killed and started, while orders come in.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn postgres_restarted_under_load() -> Result<()> {
    let Some(postgres) = Postgres::alone()? else { return Ok(()) };
    let demo = Demo::swept(&Binding::postgres(&postgres.url()))?;
    let account = Arc::new(Account::default());
    let running = demo.start()?;
    let load = Load::start(&account, &running.base(), 4, &Dice::new(1))?;
    let more = async |what: &str| {
        let before = account.count();
        until(what, SOON, || account.count() > before + 20).await
    };
    more("orders are taken at first").await?;
    postgres.stop()?;
    tokio::time::sleep(PAUSE).await;
    ensure!(!load.refusals().is_empty(), "orders were taken without a database");
    let kept = account.count();
    tokio::time::sleep(PAUSE).await;
    ensure!(account.count() == kept, "orders were taken without a database");
    postgres.start()?;
    more("orders are taken after the restart").await?;
    postgres.kill()?;
    postgres.start()?;
    more("orders are taken after the crash").await?;
    let refusals = load.stop().await;
    let verdict = demo.settled(&running, &account, SOON).await?;
    eprintln!("{verdict}; {refusals:?}");
    ensure!(refusals.keys().all(|status| *status == 503), "answers without a database: {refusals:?}");
    Ok(())
}

/// A key-value store on Redis answers with an error while the server is away, and works again by itself when it is back.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn redis_stopped_and_started() -> Result<()> {
    let Some(redis) = Redis::alone()? else { return Ok(()) };
    let suites = Suites::start(&Given { redis: Some(redis.url()), ..Given::default() }, &[])?;
    // It sets a key and deletes it, which no state of before can make good.
    let works = async || -> Result<bool> {
        let answer = suites.client.post("/suite/kv/redis/a_deleted_key_is_gone").fetch().await?;
        Ok(answer.status.is_success())
    };
    ensure!(works().await?, "{}", suites.running.log());
    for stop in [Redis::stop, Redis::kill] {
        stop(&redis)?;
        ensure!(!works().await?, "it works without a server");
        redis.start()?;
        let start = Instant::now();
        while !works().await? {
            ensure!(start.elapsed() < SOON, "it does not come back: {}", suites.running.log());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
    Ok(())
}

/// Rings go over Redis. While it is away, orders are taken and the sweep finds their events; when it is back, its messages are
/// heard again by themselves.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn rings_while_redis_is_stopped_and_started() -> Result<()> {
    let Some(redis) = Redis::alone()? else { return Ok(()) };
    let demo = Demo::new(&Binding::Servers(Given { redis: Some(redis.url()), ..Given::default() }))?;
    let account = Account::default();
    let running = demo.start()?;
    let place = async |prefix: &str| -> Result<()> {
        for number in 0..5 {
            let id = format!("{prefix}-{number}");
            account.sending(&id, number);
            let reply = demo.client.order(&running.base(), &id, number).await;
            ensure!(reply == Reply::Kept, "{id}: {reply:?}");
            account.acknowledged(&id);
        }
        Ok(())
    };
    place("heard").await?;
    demo.settled(&running, &account, SOON).await?;
    redis.stop()?;
    place("unheard").await?;
    tokio::time::sleep(PAUSE).await;
    ensure!(demo.settled(&running, &account, Duration::ZERO).await.is_err(), "who rang without Redis?");
    let sweeper = demo.tokens.sweeper(&running.base())?;
    demo.settled(&running, &account, SOON).await?;
    drop(sweeper);
    redis.start()?;
    // The subscription comes back after a while; what is committed then is heard, and with it all that was not.
    let start = Instant::now();
    for part in 0.. {
        place(&format!("again{part}")).await?;
        match demo.settled(&running, &account, PAUSE).await {
            Ok(_) => break,
            Err(error) => ensure!(start.elapsed() < SOON, "Redis is not heard again: {error:#}"),
        }
    }
    Ok(())
}
