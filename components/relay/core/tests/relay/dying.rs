//! Somebody ends in the middle.

use crate::support::{LEDGER, MAILER, World, send};
use axum::{Router, http::StatusCode, routing::any};
use futures::FutureExt as _;
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use vitrine_events::outbox_router;
use vitrine_identity::ServiceToken;

#[tokio::test]
async fn a_relay_that_ends_in_the_middle_of_a_batch_loses_and_doubles_nothing() {
    let world = World::new(&[LEDGER, MAILER]).await;
    world.orders(0..40).await;
    // Polled a number of times and then dropped, as a process leaves it that is killed.
    // Fewer times than a delivery has tries.
    for polls in [1, 2, 3, 5, 8, 13, 21] {
        world.ring().await;
        let mut work = futures::future::join_all(world.queue.take());
        for _ in 0..polls {
            if std::future::poll_fn(|cx| std::task::Poll::Ready(work.poll_unpin(cx).is_ready())).await {
                break;
            }
            tokio::task::yield_now().await;
        }
        drop(work);
        world.clock.advance(Duration::from_secs(20));
    }
    // What lost its lease often is tried again later.
    for _ in 0..4 {
        world.sweep().await;
        world.clock.advance(Duration::from_secs(60));
    }
    let all: Vec<_> = (0..40).collect();
    assert_eq!((world.ledger.entries().await, world.mailer.entries().await), (all.clone(), all));
}

#[tokio::test]
async fn an_acknowledgement_that_is_lost_delivers_again_without_effect() {
    let world = World::new(&[MAILER]).await;
    world.orders(0..3).await;
    // The source takes claims and is away for acknowledgements.
    let token = ServiceToken::new(crate::support::TOKEN).unwrap();
    let away = Arc::new(AtomicUsize::new(0));
    let (counter, real) = (away.clone(), outbox_router(world.shop.clone(), &token));
    let broken = Router::new()
        .route(
            "/_outbox/ack",
            any(move || async move {
                counter.fetch_add(1, Ordering::SeqCst);
                StatusCode::SERVICE_UNAVAILABLE
            }),
        )
        .fallback_service(real.clone());
    world.network.add("shop", broken);
    world.sweep().await;
    assert!(away.load(Ordering::SeqCst) >= 2, "it is tried twice");
    let made = world.mailer.requests.load(Ordering::SeqCst);
    assert!(made > 0);
    world.network.add("shop", real);
    for _ in 0..3 {
        world.clock.advance(Duration::from_secs(11));
        world.sweep().await;
    }
    assert!(world.mailer.requests.load(Ordering::SeqCst) > 3, "some were delivered again");
    assert_eq!(world.mailer.entries().await, [0, 1, 2]);
    assert_eq!(world.stats("mailer").await.delivered_total, 3);
}

#[tokio::test]
async fn a_consumer_that_is_away_is_waited_for_and_holds_nobody_up() {
    let world = World::new(&[LEDGER, MAILER]).await;
    world.orders(0..20).await;
    world.network.add("ledger", Router::new().fallback(|| async { StatusCode::BAD_GATEWAY }));
    world.sweep().await;
    assert_eq!(world.mailer.entries().await.len(), 20);
    let stats = world.stats("ledger").await;
    assert!(stats.retried_total >= 20 && stats.dead == 0, "{stats:?}");
}

#[tokio::test]
async fn a_source_that_is_away_ends_the_drain() {
    let world = World::new(&[LEDGER]).await;
    world.order(0).await;
    world.network.add("shop", Router::new().fallback(|| async { StatusCode::INTERNAL_SERVER_ERROR }));
    world.sweep().await;
    assert!(world.ledger.entries().await.is_empty());
    world.ring().await;
    assert_eq!(world.queue.take().len(), 1, "the next ring drains again");
    let (_, body) =
        send(&world.relay, "GET", "/api/v1/admin/events/metrics", crate::support::ADMIN, &serde_json::Value::Null)
            .await;
    assert!(body.contains("vitrine_outbox_up{source=\"shop\"} 0"), "{body}");
}
