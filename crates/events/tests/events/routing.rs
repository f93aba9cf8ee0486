//! Who gets which event.

use crate::support::{PLACED, Shop, claim, ids};
use std::collections::{BTreeMap, BTreeSet};
use vitrine_events::wire::ClaimRequest;

fn consumers(leased: &[vitrine_events::wire::Leased]) -> BTreeSet<&str> {
    leased.iter().map(|it| it.consumer.as_str()).collect()
}

#[tokio::test]
async fn each_consumer_of_the_type_gets_it_and_no_other() {
    let shop = Shop::new().await;
    shop.order(1).await;
    let mut request = claim(&[("ledger", 10), ("mail", 10), ("search", 10)]);
    request.consumers = BTreeMap::from([
        (PLACED.to_owned(), vec!["ledger".to_owned(), "mail".to_owned()]),
        ("other".to_owned(), vec!["search".to_owned()]),
    ]);
    assert_eq!(consumers(&shop.claim(&request).await), BTreeSet::from(["ledger", "mail"]));
}

#[tokio::test]
async fn who_is_named_gets_it_also_when_somebody_else_claims_first() {
    let shop = Shop::new().await;
    shop.order(1).await;
    let mut request = claim(&[("ledger", 10), ("mail", 10)]);
    request.per_consumer.remove("mail");
    assert_eq!(consumers(&shop.claim(&request).await), BTreeSet::from(["ledger"]));
    request = claim(&[("ledger", 10), ("mail", 10)]);
    request.per_consumer.remove("ledger");
    assert_eq!(consumers(&shop.claim(&request).await), BTreeSet::from(["mail"]));
}

#[tokio::test]
async fn a_new_consumer_misses_nothing_from_when_it_is_named_first() {
    let shop = Shop::new().await;
    let old = shop.order(1).await;
    let before = claim(&[("ledger", 10)]);
    let leased = shop.claim(&before).await;
    shop.deliver(&leased).await;
    let waiting = shop.order(2).await;
    let after = claim(&[("ledger", 10), ("search", 10)]);
    let first = shop.claim(&after).await;
    assert_eq!(first.iter().filter(|it| it.consumer == "search").map(|it| it.event.id).collect::<Vec<_>>(), [waiting]);
    assert!(!ids(&first).contains(&old));
    // An older relay claims, which does not know the new consumer: nothing is missed for that.
    let later = shop.order(3).await;
    assert_eq!(consumers(&shop.other_instance().claim(&before).await.unwrap().deliveries), BTreeSet::from(["ledger"]));
    let second = shop.claim(&after).await;
    assert_eq!((consumers(&second), ids(&second)), (BTreeSet::from(["search"]), vec![later]));
}

#[tokio::test]
async fn an_event_that_nobody_consumes_is_looked_at_once() {
    let shop = Shop::new().await;
    shop.order(1).await;
    let nobody = ClaimRequest { consumers: BTreeMap::new(), per_consumer: BTreeMap::new(), limit: 10, lease_ms: 1000 };
    assert!(shop.claim(&nobody).await.is_empty());
    assert_eq!(shop.count("SELECT COUNT(*) AS n FROM outbox_events WHERE routed_at IS NULL").await, 0);
    assert!(shop.claim(&claim(&[("ledger", 10)])).await.is_empty());
}

#[tokio::test]
async fn many_events_are_routed_claim_by_claim() {
    let shop = Shop::new().await;
    let events: Vec<_> = (0..600).map(|order| shop.event(order)).collect();
    shop.append_all(&events).await;
    let mut request = claim(&[("ledger", 1000)]);
    request.limit = 1000;
    let mut seen = BTreeSet::new();
    while let leased = shop.claim(&request).await
        && !leased.is_empty()
    {
        assert_eq!(shop.deliver(&leased).await, leased.len() as u64);
        seen.extend(ids(&leased));
    }
    assert_eq!(seen, events.iter().map(|event| event.id).collect());
}
