//! Claims: leases, bounds, fencing.

use crate::support::{Shop, claim, failed, ids, receipt};
use std::{collections::BTreeSet, time::Duration};
use vitrine_events::wire::AckRequest;

#[tokio::test]
async fn what_is_claimed_is_nobody_elses_until_its_lease_ends() {
    let shop = Shop::new().await;
    let orders = shop.orders(0..3).await;
    let both = claim(&[("ledger", 10)]);
    let leased = shop.claim(&both).await;
    assert_eq!(ids(&leased).into_iter().collect::<BTreeSet<_>>(), orders.into_iter().collect());
    assert!(leased.iter().all(|it| it.attempt == 1 && it.consumer == "ledger"));
    let answer = shop.other_instance().claim(&both).await.unwrap();
    assert!(answer.deliveries.is_empty());
    assert_eq!(answer.wait_ms, Some(60_000), "the leases end then");
    shop.advance(59);
    assert!(shop.claim(&both).await.is_empty());
    shop.advance(1);
    let again = shop.claim(&both).await;
    assert_eq!((ids(&again), again[0].attempt), (ids(&leased), 2));
}

#[tokio::test]
async fn an_event_comes_back_as_it_was_appended() {
    let shop = Shop::new().await;
    let event = shop.event(7);
    shop.append(&event).await;
    let leased = shop.claim(&claim(&[("ledger", 10)])).await;
    assert_eq!(serde_json::to_value(&leased[0].event).unwrap(), serde_json::to_value(&event).unwrap());
    // And the second time it is read from the table.
    shop.advance(60);
    let leased = shop.claim(&claim(&[("ledger", 10)])).await;
    assert_eq!(serde_json::to_value(&leased[0].event).unwrap(), serde_json::to_value(&event).unwrap());
}

#[tokio::test]
async fn nothing_of_a_transaction_that_failed_is_delivered() {
    let shop = Shop::new().await;
    let event = shop.event(1);
    let failed: Result<(), vitrine_db::DbError> = shop
        .db
        .transaction(|tx| {
            let event = &event;
            async move {
                vitrine_events::Outbox::append(&tx, event).await?;
                Err(vitrine_db::DbError::Statement("no".to_owned()))
            }
        })
        .await;
    failed.unwrap_err();
    assert!(shop.claim(&claim(&[("ledger", 10)])).await.is_empty());
}

#[tokio::test]
async fn what_is_delivered_is_not_delivered_again() {
    let shop = Shop::new().await;
    shop.orders(0..5).await;
    let leased = shop.claim(&claim(&[("ledger", 10)])).await;
    assert_eq!(shop.deliver(&leased).await, 5);
    shop.advance(3600);
    let answer = shop.outbox.claim(&claim(&[("ledger", 10)])).await.unwrap();
    assert!(answer.deliveries.is_empty());
    assert_eq!(answer.wait_ms, None);
}

#[tokio::test]
async fn of_each_consumer_no_more_are_leased_than_it_bears() {
    let shop = Shop::new().await;
    shop.orders(0..10).await;
    let request = claim(&[("ledger", 4), ("mail", 1)]);
    let first = shop.claim(&request).await;
    let of =
        |name: &str, leased: &[vitrine_events::wire::Leased]| leased.iter().filter(|it| it.consumer == name).count();
    assert_eq!((of("ledger", &first), of("mail", &first)), (4, 1));
    assert!(shop.claim(&request).await.is_empty(), "the second relay keeps the bound too");
    let ledgers: Vec<_> = first.iter().filter(|it| it.consumer == "ledger").take(2).cloned().collect();
    shop.deliver(&ledgers).await;
    let second = shop.claim(&request).await;
    assert_eq!((of("ledger", &second), of("mail", &second)), (2, 0));
    // A lease that ran out counts no more.
    shop.advance(60);
    let third = shop.claim(&request).await;
    assert_eq!((of("ledger", &third), of("mail", &third)), (4, 1));
}

#[tokio::test]
async fn the_limit_of_a_claim_is_kept() {
    let shop = Shop::new().await;
    shop.orders(0..10).await;
    let mut request = claim(&[("ledger", 100), ("mail", 100)]);
    request.limit = 7;
    assert_eq!(shop.claim(&request).await.len(), 7);
    request.per_consumer.remove("ledger");
    let mail = shop.claim(&request).await;
    assert!(mail.len() == 7 && mail.iter().all(|it| it.consumer == "mail"));
}

#[tokio::test]
async fn a_try_that_lost_its_lease_does_not_speak_for_the_next() {
    let shop = Shop::new().await;
    shop.order(1).await;
    let request = claim(&[("ledger", 10)]);
    let slow = shop.claim(&request).await;
    shop.advance(60);
    let next = shop.claim(&request).await;
    assert_eq!((shop.fail(&slow, "too slow").await, shop.deliver(&slow).await), (0, 0));
    assert!(shop.claim(&request).await.is_empty(), "the second try keeps its lease");
    assert_eq!(shop.deliver(&next).await, 1);
    assert_eq!((shop.deliver(&next).await, shop.fail(&next, "late").await), (0, 0), "the first end counts");
}

#[tokio::test]
async fn what_is_given_back_is_due_at_once_and_was_no_try() {
    let shop = Shop::new().await;
    shop.orders(0..3).await;
    let request = claim(&[("ledger", 3)]);
    let leased = shop.claim(&request).await;
    let returned: Vec<_> = leased[1..].iter().map(receipt).collect();
    let give_back = AckRequest { returned, ..AckRequest::default() };
    assert_eq!(shop.outbox.acknowledge(give_back.clone()).await.unwrap(), 2);
    assert_eq!(shop.outbox.acknowledge(give_back).await.unwrap(), 0, "they are no longer leased");
    let again = shop.claim(&request).await;
    assert_eq!(ids(&again).into_iter().collect::<BTreeSet<_>>(), ids(&leased[1..]).into_iter().collect());
    assert!(again.iter().all(|it| it.attempt == 1), "{again:?}");
    assert_eq!((shop.deliver(&leased[..1]).await, shop.deliver(&again).await), (1, 2));
    let stats = shop.outbox.stats().await.unwrap().consumers["ledger"];
    assert_eq!((stats.delivered_total, stats.retried_total), (3, 0));
}

#[tokio::test]
async fn a_lease_that_was_lost_is_retried_later_each_time() {
    let shop = Shop::new().await;
    shop.order(1).await;
    let mut request = claim(&[("ledger", 10)]);
    request.lease_ms = 1000;
    let mut waits = Vec::new();
    for attempt in 1..10 {
        assert_eq!(shop.claim(&request).await[0].attempt, attempt);
        let wait = shop.outbox.claim(&request).await.unwrap().wait_ms.unwrap();
        shop.clock.advance(Duration::from_millis(wait - 1));
        assert!(shop.claim(&request).await.is_empty());
        if wait > 1000 {
            let stats = shop.outbox.stats().await.unwrap().consumers["ledger"];
            assert_eq!((stats.waiting, stats.in_flight, stats.due), (1, 0, 0));
        }
        shop.clock.advance(Duration::from_millis(1));
        waits.push(wait);
    }
    assert!(waits[0] == 1000 && waits.is_sorted() && waits[8] == 60_000, "{waits:?}");
}

#[tokio::test]
async fn what_has_no_try_left_does_not_hide_what_is_due() {
    let shop = Shop::new().await;
    let exhausted = shop.orders(0..3).await;
    let mut request = claim(&[("ledger", 100)]);
    for _ in 0..10 {
        assert_eq!(shop.claim(&request).await.len(), 3);
        shop.advance(60);
    }
    let good = shop.orders(3..5).await;
    request.limit = 1;
    let mut got = BTreeSet::new();
    for _ in &good {
        got.extend(ids(&shop.claim(&request).await));
    }
    assert_eq!(got, good.into_iter().collect());
    let dead = shop.outbox.dead_letters(None, 10).await.unwrap();
    assert_eq!(dead.iter().map(|it| it.event.id).collect::<BTreeSet<_>>(), exhausted.into_iter().collect());
}

#[tokio::test]
async fn more_without_a_try_than_one_claim_gives_up_are_no_end() {
    let shop = Shop::new().await;
    shop.orders(0..20).await;
    let mut request = claim(&[("ledger", 100)]);
    for _ in 0..10 {
        assert_eq!(shop.claim(&request).await.len(), 20);
        shop.advance(60);
    }
    request.limit = 1;
    let first = shop.outbox.claim(&request).await.unwrap();
    assert!(first.deliveries.is_empty());
    assert_eq!(first.wait_ms, Some(0), "ask again at once");
    assert_eq!(shop.outbox.claim(&request).await.unwrap().wait_ms, None);
    assert_eq!(shop.outbox.dead_letters(None, 100).await.unwrap().len(), 20);
}

#[tokio::test]
async fn who_finds_the_bound_held_by_others_is_told_when_it_may_be_free() {
    let shop = Shop::new().await;
    shop.orders(0..6).await;
    let mut request = claim(&[("ledger", 4)]);
    (request.limit, request.lease_ms) = (2, 20_000);
    assert_eq!(shop.claim(&request).await.len(), 2);
    shop.advance(5);
    assert_eq!(shop.claim(&request).await.len(), 2);
    let answer = shop.other_instance().claim(&request).await.unwrap();
    assert!(answer.deliveries.is_empty());
    assert_eq!(answer.wait_ms, Some(15_000), "until the first two leases end, although two are due now");
    // Who may have nothing at all waits for nothing.
    let nothing = claim(&[("ledger", 0)]);
    assert_eq!(shop.claim(&nothing).await.len(), 0);
    assert_eq!(shop.outbox.claim(&nothing).await.unwrap().wait_ms, None);
}

#[tokio::test]
async fn a_batch_is_settled_one_by_one() {
    let shop = Shop::new().await;
    shop.orders(0..4).await;
    let leased = shop.claim(&claim(&[("ledger", 10)])).await;
    let settled = AckRequest {
        delivered: leased[..2].iter().map(receipt).collect(),
        failed: vec![failed(&leased[2], "one"), failed(&leased[3], "other\0")],
        returned: Vec::new(),
    };
    assert_eq!(shop.outbox.acknowledge(settled).await.unwrap(), 4);
    let errors =
        shop.db.query("SELECT last_error FROM outbox_deliveries WHERE last_error IS NOT NULL ORDER BY event_id", []);
    let errors: Vec<String> = errors.await.unwrap().iter().map(|row| row.get("last_error").unwrap()).collect();
    assert_eq!(errors.into_iter().collect::<BTreeSet<_>>(), ["one", "other\u{fffd}"].map(str::to_owned).into());
    shop.advance(1);
    assert_eq!(shop.claim(&claim(&[("ledger", 10)])).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn relays_that_claim_at_once_never_have_the_same_and_keep_the_bound() {
    let shop = Shop::new().await;
    shop.orders(0..60).await;
    let request = claim(&[("ledger", 8)]);
    let relay = |outbox: vitrine_events::Outbox| {
        let request = request.clone();
        async move {
            let mut seen = Vec::new();
            loop {
                let leased = outbox.claim(&request).await.unwrap().deliveries;
                assert!(leased.len() <= 8);
                if leased.is_empty() {
                    let left = outbox.stats().await.unwrap();
                    if left.consumers["ledger"].due + left.unrouted == 0 {
                        return seen;
                    }
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
                let in_flight = outbox.stats().await.unwrap().consumers["ledger"].in_flight;
                assert!(in_flight <= 8, "{in_flight}");
                seen.extend(ids(&leased));
                let delivered = leased.iter().map(receipt).collect();
                outbox.acknowledge(AckRequest { delivered, ..AckRequest::default() }).await.unwrap();
            }
        }
    };
    let relays = (0..4).map(|_| tokio::spawn(relay(shop.other_instance())));
    let seen: Vec<_> = futures::future::join_all(relays).await.into_iter().flat_map(Result::unwrap).collect();
    assert_eq!((seen.len(), seen.iter().collect::<BTreeSet<_>>().len()), (60, 60));
}
