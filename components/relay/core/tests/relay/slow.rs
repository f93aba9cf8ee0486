//! Consumers that are slow, or hang, and leases that others hold.

use crate::support::{LEDGER, MAILER, PLACED, TOKEN, World};
use axum::{Router, body::Body, http::StatusCode, response::IntoResponse};
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};
use tower::ServiceExt as _;
use tracing_subscriber::fmt::MakeWriter;
use vitrine_clock::Clock as _;
use vitrine_events::{Refusal, TRIES, outbox_router, wire::ClaimRequest};
use vitrine_identity::ServiceToken;

/// Takes large batches, and bears two requests at once.
const BULK: relay_core::Consumer = relay_core::Consumer { batch: 24, ..LEDGER };

const MOST_TRIES: &str = "SELECT MAX(attempt) AS n FROM outbox_deliveries";
const ALL_TRIES: &str = "SELECT SUM(attempt) AS n FROM outbox_deliveries";

async fn count(world: &World, sql: &str) -> i64 {
    world.shop_db.query_one(sql, []).await.unwrap().unwrap().get("n").unwrap()
}

fn all(orders: u32) -> Vec<u32> {
    (0..orders).collect()
}

#[tokio::test]
async fn no_lease_runs_out_under_a_batch_that_is_delivered_one_by_one() {
    let world = World::new(&[BULK]).await;
    world.orders(0..24).await;
    // Two at once, each as long as it may take: all 24 take a minute, much longer than a lease.
    let (clock, db, overdue) = (world.clock.clone(), world.shop_db.clone(), Arc::new(AtomicUsize::new(0)));
    let (seen, turn) = (overdue.clone(), Arc::new(AtomicUsize::new(0)));
    world.ledger.whim(move |_| {
        let (clock, db, seen, turn) = (clock.clone(), db.clone(), seen.clone(), turn.clone());
        async move {
            if turn.fetch_add(1, Ordering::SeqCst) % 2 == 1 {
                clock.advance(Duration::from_secs(5));
            }
            let lost = "SELECT COUNT(*) AS n FROM outbox_deliveries WHERE leased_until <= $1";
            let row = db.query_one(lost, [clock.now().as_millis().into()]).await.unwrap().unwrap();
            seen.fetch_add(row.get::<u32>("n").unwrap() as usize, Ordering::SeqCst);
            Ok(())
        }
    });
    // It takes no batches today.
    let real = world.network.router("ledger");
    world.network.add(
        "ledger",
        Router::new().fallback(move |request: axum::extract::Request<Body>| {
            let real = real.clone();
            async move {
                let batch = request.headers()["content-type"].to_str().unwrap().contains("batch");
                if batch {
                    StatusCode::SERVICE_UNAVAILABLE.into_response()
                } else {
                    real.oneshot(request).await.unwrap()
                }
            }
        }),
    );
    world.sweep().await;
    world.sweep().await;
    world.sweep().await;
    assert_eq!(world.ledger.entries().await, all(24));
    assert_eq!(overdue.load(Ordering::SeqCst), 0, "under way without a lease");
    assert_eq!(count(&world, MOST_TRIES).await, 1, "what is given back is no try");
    assert_eq!(world.ledger.requests.load(Ordering::SeqCst), 24, "each is delivered once");
    let most = world.ledger.at_once.lock().unwrap().1;
    assert!(most <= 4, "two batches, two at once of each: {most}");
}

#[tokio::test]
async fn one_event_that_hangs_costs_the_others_of_its_batch_nothing() {
    let world = World::new(&[LEDGER]).await;
    world.orders(0..8).await;
    world.network.hang(|url, body| url.contains("ledger") && body.contains("\"order\":5"));
    world.sweep().await;
    let others: Vec<_> = all(8).into_iter().filter(|order| *order != 5).collect();
    assert_eq!(world.ledger.entries().await, others);
    let first = "SELECT COUNT(*) AS n FROM outbox_deliveries WHERE delivered_at IS NOT NULL AND attempt = 1";
    assert_eq!(count(&world, first).await, 7);
    assert!(world.stats("ledger").await.retried_total >= 1, "that one has failed");
    world.network.hang(|_, _| false);
    world.clock.advance(Duration::from_secs(300));
    world.sweep().await;
    assert_eq!(world.ledger.entries().await.len(), 8);
}

#[tokio::test]
async fn a_consumer_that_hangs_for_minutes_costs_few_tries_and_no_event() {
    // One request at a time, so that the clock is moved by one that hangs and not by another meanwhile.
    let world = World::new(&[relay_core::Consumer { parallel: 1, ..BULK }]).await;
    world.orders(0..100).await;
    world.network.hang(|url, _| url.contains("ledger"));
    let until = world.clock.now() + Duration::from_secs(180);
    while world.clock.now() < until {
        // One drain, and not what it rings for at its end: that would go on for as long as the consumer hangs.
        world.ring().await;
        futures::future::join_all(world.queue.take()).await;
        world.clock.advance(Duration::from_secs(1));
    }
    let tries = count(&world, ALL_TRIES).await;
    assert!(tries > 0 && tries < 150, "{tries}");
    let stats = world.stats("ledger").await;
    assert_eq!((stats.dead, stats.dead_total), (0, 0));
    world.network.hang(|_, _| false);
    for _ in 0..20 {
        world.clock.advance(Duration::from_secs(30));
        world.sweep().await;
    }
    assert_eq!(world.ledger.entries().await, all(100));
}

/// The claim of a relay that ends right after it.
fn last_breath() -> ClaimRequest {
    ClaimRequest {
        consumers: BTreeMap::from([(PLACED.to_owned(), vec!["mailer".to_owned()])]),
        per_consumer: BTreeMap::from([("mailer".to_owned(), 2)]),
        limit: 100,
        lease_ms: 10_000,
    }
}

#[tokio::test]
async fn one_ring_delivers_what_is_due_also_behind_one_that_has_no_try_left() {
    let world = World::new(&[MAILER]).await;
    world.order(0).await;
    for _ in 0..TRIES {
        assert_eq!(world.shop.claim(&last_breath()).await.unwrap().deliveries.len(), 1);
        world.clock.advance(Duration::from_secs(60));
    }
    world.clock.advance(Duration::from_secs(1));
    world.order(1).await;
    world.order(2).await;
    world.ring().await;
    futures::future::join_all(world.queue.take()).await;
    assert_eq!(world.mailer.entries().await, [1, 2]);
    assert_eq!(world.stats("mailer").await.dead, 1);
}

#[tokio::test]
async fn one_ring_waits_for_the_leases_of_a_relay_that_died() {
    let world = World::new(&[MAILER]).await;
    world.orders(0..4).await;
    assert_eq!(world.shop.claim(&last_breath()).await.unwrap().deliveries.len(), 2);
    world.ring().await;
    futures::future::join_all(world.queue.take()).await;
    assert_eq!(world.mailer.entries().await, all(4));
}

/// What is logged in this thread.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

/// The shop's outbox takes the first acknowledgement, and its answer is lost.
fn lose_an_answer(world: &World) {
    let real = outbox_router(world.shop.clone(), &ServiceToken::new(TOKEN).unwrap());
    let lost = Arc::new(AtomicBool::new(false));
    world.network.add(
        "shop",
        Router::new().fallback(move |request: axum::extract::Request<Body>| {
            let (real, lost) = (real.clone(), lost.clone());
            async move {
                let acknowledges = request.uri().path().ends_with("/ack");
                let answer = real.oneshot(request).await.unwrap();
                if acknowledges && !lost.swap(true, Ordering::SeqCst) {
                    return StatusCode::BAD_GATEWAY.into_response();
                }
                answer
            }
        }),
    );
}

#[tokio::test]
async fn an_acknowledgement_that_was_heard_twice_is_no_lost_lease() {
    let log = Log::default();
    let _guard = tracing::subscriber::set_default(tracing_subscriber::fmt().with_writer(log.clone()).finish());
    let world = World::new(&[MAILER]).await;
    world.order(0).await;
    lose_an_answer(&world);
    world.sweep().await;
    // One that has really lost it is still told of.
    let (clock, shop) = (world.clock.clone(), world.shop.clone());
    world.mailer.whim(move |_| {
        let (clock, shop) = (clock.clone(), shop.clone());
        async move {
            clock.advance(Duration::from_secs(11));
            shop.claim(&last_breath()).await.map(drop).map_err(Refusal::Db)
        }
    });
    let text = || String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(text().contains("acknowledged") && !text().contains("had lost their lease"), "{}", text());
    world.order(1).await;
    world.ring().await;
    futures::future::join_all(world.queue.take()).await;
    assert!(text().contains("had lost their lease"), "{}", text());
}
