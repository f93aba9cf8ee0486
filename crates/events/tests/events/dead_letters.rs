//! Failures: later each time, and in the end a dead letter that can be replayed.

use crate::support::{PLACED, Shop, at, claim, ids};
use std::collections::BTreeSet;
use vitrine_events::{LAST_TRY_LOST, TRIES, wire::ReplayRequest};

#[tokio::test]
async fn a_failure_waits_longer_each_time_and_is_given_up_at_the_tenth() {
    let shop = Shop::new().await;
    let order = shop.order(1).await;
    let request = claim(&[("ledger", 10)]);
    let mut waits = Vec::new();
    for attempt in 1..=TRIES {
        let leased = shop.claim(&request).await;
        assert_eq!((leased.len(), leased[0].attempt), (1, attempt));
        assert_eq!(shop.fail(&leased, "503: not now").await, 1);
        if attempt < TRIES {
            let answer = shop.outbox.claim(&request).await.unwrap();
            assert!(answer.deliveries.is_empty(), "too early");
            let wait = answer.wait_ms.unwrap();
            let full = 1000 * (1 << (attempt - 1)).min(300);
            assert!(wait >= full / 2 && wait <= full, "{attempt}: {wait}");
            waits.push(wait);
            shop.clock.advance(std::time::Duration::from_millis(wait));
        }
    }
    shop.advance(3600);
    let answer = shop.outbox.claim(&request).await.unwrap();
    assert!(answer.deliveries.is_empty() && answer.wait_ms.is_none());
    let dead = shop.outbox.dead_letters(None, 10).await.unwrap();
    assert_eq!((dead.len(), dead[0].event.id, dead[0].attempts), (1, order, TRIES));
    assert_eq!((dead[0].consumer.as_str(), dead[0].last_error.as_deref()), ("ledger", Some("503: not now")));
    assert_eq!(dead[0].event.r#type, PLACED);
}

#[tokio::test]
async fn one_that_fails_does_not_hold_up_others() {
    let shop = Shop::new().await;
    let poisoned = shop.order(0).await;
    let request = claim(&[("ledger", 2), ("mail", 2)]);
    for round in 1..30 {
        shop.order(round).await;
        let leased = shop.claim(&request).await;
        let (bad, good): (Vec<_>, Vec<_>) =
            leased.into_iter().partition(|it| it.event.id == poisoned && it.consumer == "ledger");
        shop.fail(&bad, "it is poisoned").await;
        shop.deliver(&good).await;
        shop.advance(300);
    }
    while let leased = shop.claim(&request).await
        && !leased.is_empty()
    {
        shop.deliver(&leased).await;
    }
    let stats = shop.outbox.stats().await.unwrap().consumers;
    assert_eq!((stats["ledger"].delivered_total, stats["mail"].delivered_total), (29, 30));
    assert_eq!((stats["ledger"].dead, stats["ledger"].dead_total, stats["ledger"].retried_total), (1, 1, 9));
}

#[tokio::test]
async fn three_failures_and_then_it_works() {
    let shop = Shop::new().await;
    shop.order(1).await;
    let request = claim(&[("ledger", 10)]);
    for _ in 0..3 {
        let leased = shop.claim(&request).await;
        assert_eq!(shop.fail(&leased, "not yet").await, 1);
        shop.advance(5);
    }
    let leased = shop.claim(&request).await;
    assert_eq!(leased[0].attempt, 4);
    assert_eq!(shop.deliver(&leased).await, 1);
    assert_eq!(shop.count("SELECT COUNT(*) AS n FROM outbox_deliveries WHERE last_error IS NOT NULL").await, 0);
    assert!(shop.outbox.dead_letters(None, 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_kills_every_relay_is_given_up_too() {
    let shop = Shop::new().await;
    shop.order(1).await;
    let request = claim(&[("ledger", 10)]);
    for _ in 0..TRIES {
        assert_eq!(shop.claim(&request).await.len(), 1);
        shop.advance(60);
    }
    assert!(shop.claim(&request).await.is_empty());
    let dead = shop.outbox.dead_letters(None, 10).await.unwrap();
    assert_eq!(dead[0].last_error.as_deref(), Some(LAST_TRY_LOST));
}

#[tokio::test]
async fn dead_letters_are_paged_and_replayed() {
    let shop = Shop::new().await;
    let orders = shop.orders(0..5).await;
    let request = claim(&[("ledger", 10), ("mail", 10)]);
    for _ in 0..TRIES {
        let leased = shop.claim(&request).await;
        assert_eq!(shop.fail(&leased, "down").await, 10);
        shop.advance(300);
    }
    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let page = shop.outbox.dead_letters(after.as_ref(), 3).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some((last.event.id, last.consumer.clone()));
        seen.extend(page.into_iter().map(|it| (it.event.id, it.consumer)));
    }
    assert!(seen.len() == 10 && seen.is_sorted(), "{seen:?}");

    let replay = |event, consumer: Option<&str>| ReplayRequest { event, consumer: consumer.map(str::to_owned) };
    assert_eq!(shop.replay(&replay(Some(orders[1]), Some("mail"))).await, (1, false));
    assert_eq!(shop.replay(&replay(Some(orders[1]), Some("mail"))).await, (0, false), "it is none any more");
    let leased = shop.claim(&request).await;
    assert_eq!((ids(&leased), leased[0].attempt, leased[0].consumer.as_str()), (vec![orders[1]], 1, "mail"));
    assert_eq!(shop.deliver(&leased).await, 1);
    assert_eq!(shop.replay(&replay(None, Some("mail"))).await, (4, false));
    assert_eq!(shop.replay(&ReplayRequest::default()).await, (5, false));
    assert_eq!(shop.claim(&request).await.len(), 9);
}

#[tokio::test]
async fn one_call_replays_so_many_and_says_that_there_are_more() {
    let shop = Shop::new().await;
    let events: Vec<_> = (0..1000).map(|order| shop.event(order)).collect();
    shop.append_all(&events).await;
    while !shop.claim(&claim(&[("ledger", 1000)])).await.is_empty() {}
    let all_dead = "UPDATE outbox_deliveries SET attempt = 10, next_at = NULL, leased_until = NULL, dead_at = 1";
    assert_eq!(shop.db.execute(all_dead, []).await.unwrap(), 1000);
    let all = ReplayRequest::default();
    assert_eq!(shop.replay(&all).await, (500, true));
    let left = shop.outbox.dead_letters(None, 1).await.unwrap();
    let ids: BTreeSet<_> = events.iter().map(|event| event.id).collect();
    assert_eq!(Some(&left[0].event.id), ids.iter().nth(500), "the oldest first");
    assert_eq!(shop.replay(&all).await, (500, false), "and no more at the very end");
    assert_eq!(shop.replay(&all).await, (0, false));
}

#[tokio::test]
async fn what_nobody_would_deliver_is_not_replayed() {
    let shop = Shop::new().await;
    shop.order(1).await;
    shop.claim(&claim(&[("ledger", 10), ("search", 10)])).await;
    let ledger = claim(&[("ledger", 10)]);
    for _ in 0..9 {
        shop.advance(24 * 3600);
        let leased = shop.claim(&ledger).await;
        shop.fail(&leased, "down").await;
    }
    shop.advance(3600);
    let leased = shop.claim(&ledger).await;
    shop.fail(&leased, "down").await;
    assert_eq!(shop.outbox.dead_letters(None, 10).await.unwrap().len(), 2);
    assert_eq!(shop.replay(&ReplayRequest::default()).await, (1, false));
    let dead = shop.outbox.dead_letters(None, 10).await.unwrap();
    assert_eq!((dead.len(), dead[0].consumer.as_str()), (1, "search"), "it is still seen");
    // Once a relay names it again there is somebody.
    shop.other_instance().claim(&claim(&[("search", 10)])).await.unwrap();
    assert_eq!(shop.replay(&ReplayRequest::default()).await, (1, false));
}

#[tokio::test]
async fn stats_say_how_it_is_doing() {
    let shop = Shop::new().await;
    shop.orders(0..4).await;
    shop.advance(2);
    let stats = shop.outbox.stats().await.unwrap();
    assert_eq!((stats.unrouted, stats.unrouted_lag_ms, stats.consumers.len()), (4, 2000, 0));
    let leased = shop.claim(&claim(&[("ledger", 3)])).await;
    shop.deliver(&leased[..1]).await;
    shop.fail(&leased[1..2], "no").await;
    shop.advance(3);
    let stats = shop.outbox.stats().await.unwrap();
    let ledger = stats.consumers["ledger"];
    assert_eq!((stats.unrouted, ledger.in_flight, ledger.due, ledger.waiting), (0, 1, 2, 0));
    assert_eq!((ledger.delivered_total, ledger.retried_total, ledger.dead_total), (1, 1, 0));
    assert_eq!(ledger.lag_ms, 5000, "since it was made");
    assert!(at(&shop.clock) > leased[0].event.time);
}

#[tokio::test]
async fn the_lag_is_that_of_the_oldest_however_many_wait() {
    let shop = Shop::new().await;
    shop.claim(&claim(&[("ledger", 10), ("mail", 10)])).await;
    let now = at(&shop.clock).as_millis();
    let due = |consumer: &str, since: i64, count: u32| {
        let sql =
            "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < CAST($1 AS BIGINT))
            INSERT INTO outbox_deliveries (event_id, consumer, attempt, next_at)
            SELECT CAST($2 AS TEXT) || '-' || CAST($3 AS BIGINT) || '-' || n, CAST($2 AS TEXT), 0, CAST($3 AS BIGINT)
            FROM numbers";
        shop.db.execute(sql, [count.into(), consumer.into(), since.into()])
    };
    // More than are counted, and the oldest last, both as they came and by name.
    due("ledger", now - 1000, 100_001).await.unwrap();
    due("ledger", now - 60_000, 1).await.unwrap();
    due("mail", now - 90_000, 1).await.unwrap();
    let consumers = shop.outbox.stats().await.unwrap().consumers;
    assert_eq!((consumers["ledger"].lag_ms, consumers["mail"].lag_ms), (60_000, 90_000));
}
