//! What is over is forgotten, and nothing else.

use crate::support::{Ledger, Shop, claim};
use vitrine_events::TRIES;

const DAY: u64 = 24 * 3600;
const EVENTS: &str = "SELECT COUNT(*) AS n FROM outbox_events";
const DELIVERIES: &str = "SELECT COUNT(*) AS n FROM outbox_deliveries";

#[tokio::test]
async fn seven_days_after_the_last_delivery() {
    let shop = Shop::new().await;
    shop.order(1).await;
    let request = claim(&[("ledger", 10), ("mail", 10)]);
    let leased = shop.claim(&request).await;
    shop.deliver(&leased[..1]).await;
    shop.advance(5 * DAY);
    let late = shop.claim(&request).await;
    assert_eq!(shop.deliver(&late).await, 1);
    shop.advance(7 * DAY - 1);
    assert_eq!(shop.outbox.prune().await.unwrap(), 0);
    shop.advance(1);
    assert_eq!(shop.outbox.prune().await.unwrap(), 1);
    assert_eq!((shop.count(EVENTS).await, shop.count(DELIVERIES).await), (0, 0));
}

#[tokio::test]
async fn claims_prune_by_themselves() {
    let shop = Shop::new().await;
    shop.orders(0..3).await;
    let request = claim(&[("ledger", 10)]);
    let leased = shop.claim(&request).await;
    shop.deliver(&leased).await;
    shop.advance(8 * DAY);
    shop.claim(&request).await;
    assert_eq!(shop.count(EVENTS).await, 0);
}

#[tokio::test]
async fn what_waits_or_is_dead_stays() {
    let shop = Shop::new().await;
    shop.order(1).await;
    let request = claim(&[("ledger", 10), ("mail", 10)]);
    for _ in 0..TRIES {
        let ledger: Vec<_> = shop.claim(&request).await.into_iter().filter(|it| it.consumer == "ledger").collect();
        shop.fail(&ledger, "down").await;
        shop.advance(300);
    }
    for _ in 0..3 {
        shop.advance(6 * DAY);
        shop.claim(&request).await;
    }
    assert_eq!((shop.count(EVENTS).await, shop.count(DELIVERIES).await), (1, 2));
    let dead = shop.outbox.dead_letters(None, 10).await.unwrap();
    assert!(dead.iter().any(|it| it.consumer == "ledger"));
    // A month later nobody cares.
    shop.advance(31 * DAY);
    shop.claim(&request).await;
    assert!(shop.outbox.dead_letters(None, 10).await.unwrap().iter().all(|it| it.consumer != "ledger"));
}

#[tokio::test]
async fn deliveries_to_a_consumer_that_is_no_more_are_given_up() {
    let shop = Shop::new().await;
    shop.order(1).await;
    let both = claim(&[("ledger", 10), ("search", 10)]);
    shop.claim(&both).await;
    let ledger = claim(&[("ledger", 10)]);
    for _ in 0..8 {
        shop.advance(DAY);
        let leased = shop.claim(&ledger).await;
        shop.deliver(&leased).await;
    }
    let dead = shop.outbox.dead_letters(None, 10).await.unwrap();
    assert_eq!((dead.len(), dead[0].consumer.as_str()), (1, "search"));
    shop.order(2).await;
    assert_eq!(shop.claim(&ledger).await.len(), 1);
    assert_eq!(shop.count("SELECT COUNT(*) AS n FROM outbox_deliveries WHERE consumer = 'search'").await, 1);
}

#[tokio::test]
async fn an_inbox_forgets_after_ninety_days() {
    let shop = Shop::new().await;
    let ledger = Ledger::new(&shop.clock).await;
    ledger.consumer.consume(&[shop.event(1)]).await.unwrap();
    shop.advance(89 * DAY);
    ledger.consumer.consume(&[shop.event(2)]).await.unwrap();
    let inbox = || ledger.db.query("SELECT event_id FROM inbox", []);
    assert_eq!(inbox().await.unwrap().len(), 2);
    shop.advance(2 * DAY);
    ledger.consumer.consume(&[shop.event(3)]).await.unwrap();
    assert_eq!(inbox().await.unwrap().len(), 2);
}

#[tokio::test]
async fn an_inbox_keeps_up_with_whatever_came_in() {
    let shop = Shop::new().await;
    let ledger = Ledger::new(&shop.clock).await;
    ledger.consumer.consume(&[shop.event(1)]).await.unwrap();
    let old = "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 12000)
        INSERT INTO inbox (event_id, received_at) SELECT 'old-' || n, n FROM numbers";
    assert_eq!(ledger.db.execute(old, []).await.unwrap(), 12_000);
    shop.advance(601);
    let left = || async { ledger.db.query("SELECT event_id FROM inbox", []).await.unwrap().len() };
    for (order, rows) in [(2, 7002), (3, 2003), (4, 4), (5, 5)] {
        ledger.consumer.consume(&[shop.event(order)]).await.unwrap();
        assert_eq!(left().await, rows);
    }
}
