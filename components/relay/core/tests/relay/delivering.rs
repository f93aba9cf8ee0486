//! What is rung for is delivered; what is not, too.

use crate::support::{LEDGER, MAILER, World};
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use vitrine_events::Refusal;

fn all(orders: u32) -> Vec<u32> {
    (0..orders).collect()
}

#[tokio::test]
async fn each_event_takes_effect_once_at_each_consumer() {
    let world = World::new(&[LEDGER, MAILER]).await;
    world.orders(0..50).await;
    world.ring().await;
    assert!(world.ledger.entries().await.is_empty(), "nothing before the response");
    world.queue.run().await;
    assert_eq!((world.ledger.entries().await, world.mailer.entries().await), (all(50), all(50)));
    let requests = |books: &crate::support::Books| books.requests.load(Ordering::SeqCst);
    assert_eq!((requests(&world.ledger), requests(&world.mailer)), (7, 50), "one takes batches of eight");
    assert_eq!(world.stats("ledger").await.delivered_total, 50);
    world.sweep().await;
    assert_eq!(requests(&world.ledger), 7, "what is delivered is not delivered again");
}

#[tokio::test]
async fn a_lost_ring_is_made_good_by_the_next_or_by_the_sweep() {
    let world = World::new(&[LEDGER]).await;
    world.order(0).await;
    world.order(1).await;
    world.ring().await;
    world.queue.run().await;
    assert_eq!(world.ledger.entries().await, all(2));
    world.order(2).await;
    world.sweep().await;
    assert_eq!(world.ledger.entries().await, all(3));
}

#[tokio::test]
async fn doubled_and_early_and_late_rings_change_nothing() {
    let world = World::new(&[LEDGER]).await;
    // Before there is anything, many times, and after all is over.
    for _ in 0..5 {
        world.ring().await;
    }
    assert_eq!(world.queue.take().into_iter().map(futures::executor::block_on).count(), 1, "one drain at a time");
    world.orders(0..20).await;
    for _ in 0..5 {
        world.ring().await;
    }
    world.queue.run().await;
    world.ring().await;
    world.queue.run().await;
    assert_eq!(world.ledger.entries().await, all(20));
}

#[tokio::test]
async fn what_is_rung_for_during_a_drain_is_delivered_by_it() {
    let world = Arc::new(World::new(&[LEDGER]).await);
    world.order(0).await;
    let (again, once) = (Arc::downgrade(&world), Arc::new(AtomicUsize::new(0)));
    world.ledger.whim(move |_| {
        let (world, once) = (again.upgrade().unwrap(), once.clone());
        async move {
            if once.fetch_add(1, Ordering::SeqCst) == 0 {
                world.order(1).await;
                world.ring().await;
            }
            Ok(())
        }
    });
    world.ring().await;
    for work in world.queue.take() {
        work.await;
    }
    assert_eq!(world.ledger.entries().await, all(2));
    assert!(world.queue.take().is_empty(), "a second drain was not started");
}

#[tokio::test]
async fn three_failures_and_then_it_works_without_another_ring() {
    let world = World::new(&[LEDGER]).await;
    world.order(0).await;
    let tries = Arc::new(AtomicUsize::new(0));
    world.ledger.whim(move |_| {
        let failed = tries.fetch_add(1, Ordering::SeqCst) < 3;
        async move { if failed { Err(Refusal::Later("not yet".to_owned())) } else { Ok(()) } }
    });
    world.ring().await;
    world.queue.run().await;
    assert_eq!(world.ledger.entries().await, all(1));
    let stats = world.stats("ledger").await;
    assert_eq!((stats.retried_total, stats.delivered_total, stats.dead), (3, 1, 0));
}

#[tokio::test]
async fn one_that_always_fails_dies_and_holds_nobody_up() {
    let world = World::new(&[LEDGER, MAILER]).await;
    world.orders(0..12).await;
    world.ledger.whim(|order| async move {
        if order == 5 { Err(Refusal::NotUnderstood("five is right out".to_owned())) } else { Ok(()) }
    });
    world.sweep().await;
    let others: Vec<_> = all(12).into_iter().filter(|order| *order != 5).collect();
    assert_eq!((world.ledger.entries().await, world.mailer.entries().await), (others.clone(), all(12)));
    for _ in 0..20 {
        world.clock.advance(std::time::Duration::from_secs(300));
        world.sweep().await;
    }
    let stats = world.stats("ledger").await;
    assert_eq!((stats.dead, stats.retried_total, stats.delivered_total, stats.due), (1, 9, 11, 0));
    let dead = world.shop.dead_letters(None, 10).await.unwrap();
    assert_eq!((dead[0].consumer.as_str(), dead[0].attempts), ("ledger", 10));
    assert!(dead[0].last_error.as_deref().unwrap().contains("five is right out"));
    assert_eq!(world.ledger.entries().await, others);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_relays_at_once_deliver_once_and_keep_the_bound_together() {
    const CONSUMERS: &[relay_core::Consumer] = &[LEDGER, MAILER];
    let world = World::of_naps(CONSUMERS).await;
    let (second, queue) = world.second_relay(CONSUMERS);
    world.orders(0..60).await;
    for relay in [&world.relay, &second] {
        crate::support::send(relay, "POST", "/_ring", crate::support::TOKEN, &serde_json::Value::Null).await;
    }
    let work: Vec<_> = world.queue.take().into_iter().chain(queue.take()).map(tokio::spawn).collect();
    assert_eq!(work.len(), 4);
    for work in work {
        work.await.unwrap();
    }
    assert_eq!((world.ledger.entries().await, world.mailer.entries().await), (all(60), all(60)));
    assert_eq!(world.mailer.requests.load(Ordering::SeqCst), 60);
    let (ledger, mailer) = (world.ledger.at_once.lock().unwrap().1, world.mailer.at_once.lock().unwrap().1);
    assert!(mailer <= 2, "{mailer}");
    assert!(ledger <= 16, "{ledger}");
}

#[tokio::test]
async fn a_drain_that_takes_too_long_ends_and_rings_again() {
    let world = World::new(&[MAILER]).await;
    world.orders(0..10).await;
    let clock = world.clock.clone();
    world.mailer.whim(move |_| {
        clock.advance(std::time::Duration::from_secs(4));
        async { Ok(()) }
    });
    world.ring().await;
    let work = world.queue.take();
    futures::future::join_all(work).await;
    let first = world.mailer.entries().await.len();
    assert!(first > 0 && first < 10, "{first}");
    let rung = world.queue.take();
    assert_eq!(rung.len(), 1, "it rings for itself");
    futures::future::join_all(rung).await;
    world.queue.run().await;
    assert_eq!(world.mailer.entries().await, all(10));
}
