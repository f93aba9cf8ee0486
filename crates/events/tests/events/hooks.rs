//! What a service does when a delivery ends.

use crate::support::{Shop, claim};
use futures::future::{BoxFuture, FutureExt};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};
use uuid::Uuid;
use vitrine_db::{DbError, Transaction};
use vitrine_events::{Hooks, TRIES, wire::ReplayRequest};

/// Notes what died, and believes no acknowledgement until it is told to.
#[derive(Debug, Default)]
struct Doubting {
    believes: AtomicBool,
    fails: AtomicBool,
}

impl Hooks for Doubting {
    fn delivered<'a>(
        &'a self,
        _: &'a Transaction,
        _: Uuid,
        _: &'a str,
    ) -> BoxFuture<'a, Result<Result<(), String>, DbError>> {
        let answer = if self.believes.load(Ordering::SeqCst) { Ok(()) } else { Err("nothing was done".to_owned()) };
        futures::future::ready(Ok(answer)).boxed()
    }

    fn dead<'a>(&'a self, tx: &'a Transaction, event: Uuid, consumer: &'a str) -> BoxFuture<'a, Result<(), DbError>> {
        async move {
            tx.execute("INSERT INTO funerals (event, consumer) VALUES ($1, $2)", [event.into(), consumer.into()])
                .await?;
            match self.fails.load(Ordering::SeqCst) {
                true => Err(DbError::Busy),
                false => Ok(()),
            }
        }
        .boxed()
    }

    fn replayed<'a>(
        &'a self,
        tx: &'a Transaction,
        event: Uuid,
        consumer: &'a str,
    ) -> BoxFuture<'a, Result<(), DbError>> {
        async move {
            let undo = "DELETE FROM funerals WHERE event = $1 AND consumer = $2";
            tx.execute(undo, [event.into(), consumer.into()]).await?;
            match self.fails.load(Ordering::SeqCst) {
                true => Err(DbError::Busy),
                false => Ok(()),
            }
        }
        .boxed()
    }
}

const FUNERALS: &str = "SELECT COUNT(*) AS n FROM funerals";

async fn shop() -> (Shop, Arc<Doubting>) {
    let hooks = Arc::new(Doubting::default());
    let shop = Shop::with(Some(hooks.clone())).await;
    shop.db.execute("CREATE TABLE funerals (event TEXT, consumer TEXT)", []).await.unwrap();
    (shop, hooks)
}

#[tokio::test]
async fn an_acknowledgement_that_is_not_believed_is_a_failure() {
    let (shop, hooks) = shop().await;
    shop.order(1).await;
    let request = claim(&[("ledger", 10)]);
    let leased = shop.claim(&request).await;
    assert_eq!(shop.deliver(&leased).await, 1);
    shop.advance(1);
    hooks.believes.store(true, Ordering::SeqCst);
    let leased = shop.claim(&request).await;
    assert_eq!(leased[0].attempt, 2);
    shop.deliver(&leased).await;
    shop.advance(3600);
    assert!(shop.claim(&request).await.is_empty());
}

#[tokio::test]
async fn the_end_of_a_delivery_and_what_the_service_does_about_it_are_one() {
    let (shop, hooks) = shop().await;
    let order = shop.order(1).await;
    let request = claim(&[("ledger", 10)]);
    for _ in 1..TRIES {
        let leased = shop.claim(&request).await;
        shop.fail(&leased, "down").await;
        shop.advance(300);
    }
    let leased = shop.claim(&request).await;
    hooks.fails.store(true, Ordering::SeqCst);
    let failed = leased.iter().map(|it| crate::support::failed(it, "down")).collect();
    let request = vitrine_events::wire::AckRequest { failed, ..Default::default() };
    shop.outbox.acknowledge(request.clone()).await.unwrap_err();
    assert_eq!(shop.count(FUNERALS).await, 0);
    assert!(shop.outbox.dead_letters(None, 10).await.unwrap().is_empty());
    hooks.fails.store(false, Ordering::SeqCst);
    assert_eq!(shop.outbox.acknowledge(request.clone()).await.unwrap(), 1);
    assert_eq!(shop.outbox.acknowledge(request).await.unwrap(), 0);
    let row = shop.db.query("SELECT event, consumer FROM funerals", []).await.unwrap();
    assert_eq!((row.len(), row[0].get::<Uuid>("event").unwrap()), (1, order));
}

#[tokio::test]
async fn a_replay_and_what_the_service_does_about_it_are_one() {
    let (shop, hooks) = shop().await;
    let orders = shop.orders(0..3).await;
    let request = claim(&[("ledger", 10)]);
    for _ in 0..TRIES {
        let leased = shop.claim(&request).await;
        shop.fail(&leased, "down").await;
        shop.advance(300);
    }
    assert_eq!(shop.count(FUNERALS).await, 3);
    let one = ReplayRequest { event: Some(orders[1]), consumer: None };
    hooks.fails.store(true, Ordering::SeqCst);
    assert_eq!(shop.outbox.replay(&one).await, Err(DbError::Busy));
    assert_eq!((shop.count(FUNERALS).await, shop.outbox.dead_letters(None, 10).await.unwrap().len()), (3, 3));
    hooks.fails.store(false, Ordering::SeqCst);
    assert_eq!(shop.replay(&one).await, (1, false));
    let left = shop.db.query("SELECT event FROM funerals ORDER BY event", []).await.unwrap();
    let left: Vec<Uuid> = left.iter().map(|row| row.get("event").unwrap()).collect();
    assert_eq!(left, [orders[0], orders[2]], "of those that are replayed only");
    assert_eq!(shop.replay(&ReplayRequest::default()).await, (2, false));
    assert_eq!(shop.count(FUNERALS).await, 0);
}
