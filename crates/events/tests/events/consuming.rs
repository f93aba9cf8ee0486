//! The consumer: each event takes effect once, however often and in whatever order it comes.

use crate::support::{Ledger, Shop};
use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use serde_json::json;
use tower::ServiceExt as _;
use vitrine_events::{BATCH_TYPE, EVENT_TYPE, Refusal, consumer_router};
use vitrine_identity::ServiceToken;

const TOKEN: &str = "ledger-ledger-ledger-ledger-ledger-ledger-le";

async fn post(ledger: &Ledger, media_type: &str, token: &str, body: impl Into<Body>) -> StatusCode {
    let request = Request::post("/_events")
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", media_type)
        .body(body.into())
        .unwrap();
    let router = consumer_router(ledger.consumer.clone(), &ServiceToken::new(TOKEN).unwrap());
    router.oneshot(request).await.unwrap().status()
}

#[tokio::test]
async fn an_event_takes_effect_once() {
    let shop = Shop::new().await;
    let ledger = Ledger::new(&shop.clock).await;
    let (one, two) = (shop.event(1), shop.event(2));
    for events in [vec![two.clone()], vec![one.clone(), two.clone(), one.clone()], vec![one, two]] {
        ledger.consumer.consume(&events).await.unwrap();
    }
    assert_eq!(ledger.entries().await.unwrap(), [1, 2]);
}

#[tokio::test]
async fn a_batch_takes_effect_as_a_whole_or_not_at_all() {
    let shop = Shop::new().await;
    let ledger = Ledger::new(&shop.clock).await;
    let events: Vec<_> = (0..5).map(|order| shop.event(order)).collect();
    ledger.bookkeeper.refused.lock().unwrap().push(3);
    assert!(matches!(ledger.consumer.consume(&events).await, Err(Refusal::Later(_))));
    assert!(ledger.entries().await.unwrap().is_empty());
    for event in &events {
        let done = ledger.consumer.consume(std::slice::from_ref(event)).await;
        assert_eq!(done.is_ok(), event.subject.as_deref() != Some("3"));
    }
    assert_eq!(ledger.entries().await.unwrap(), [0, 1, 2, 4]);
    ledger.bookkeeper.refused.lock().unwrap().clear();
    ledger.consumer.consume(&events).await.unwrap();
    assert_eq!(ledger.entries().await.unwrap(), [0, 1, 2, 3, 4]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_same_event_at_the_same_time_takes_effect_once() {
    let shop = Shop::new().await;
    let ledger = Ledger::new(&shop.clock).await;
    let events: Vec<_> = (0..20).map(|order| shop.event(order)).collect();
    let deliveries = (0..8).map(|_| {
        let (consumer, events) = (ledger.consumer.clone(), events.clone());
        tokio::spawn(async move {
            for event in events {
                consumer.consume(&[event]).await.unwrap();
            }
        })
    });
    for delivery in futures::future::join_all(deliveries).await {
        delivery.unwrap();
    }
    assert_eq!(ledger.entries().await.unwrap(), (0..20).collect::<Vec<_>>());
}

#[tokio::test]
async fn the_route_takes_one_event_or_a_batch() {
    let shop = Shop::new().await;
    let ledger = Ledger::new(&shop.clock).await;
    let one = serde_json::to_string(&shop.event(1)).unwrap();
    let batch = serde_json::to_string(&[shop.event(2), shop.event(3)]).unwrap();
    assert_eq!(post(&ledger, EVENT_TYPE, TOKEN, one).await, StatusCode::NO_CONTENT);
    assert_eq!(post(&ledger, &format!("{BATCH_TYPE}; charset=utf-8"), TOKEN, batch).await, StatusCode::NO_CONTENT);
    assert_eq!(post(&ledger, BATCH_TYPE, TOKEN, "[]").await, StatusCode::NO_CONTENT);
    assert_eq!(ledger.entries().await.unwrap(), [1, 2, 3]);
}

#[tokio::test]
async fn what_is_no_event_is_refused() {
    let shop = Shop::new().await;
    let ledger = Ledger::new(&shop.clock).await;
    let event = serde_json::to_value(shop.event(1)).unwrap();
    let with = |name: &str, value: serde_json::Value| {
        let mut event = event.clone();
        event[name] = value;
        event.to_string()
    };
    for (body, status) in [
        ("{}".to_owned(), StatusCode::UNPROCESSABLE_ENTITY),
        ("no json".to_owned(), StatusCode::BAD_REQUEST),
        (with("id", json!("7")), StatusCode::UNPROCESSABLE_ENTITY),
        (with("specversion", json!("2.0")), StatusCode::UNPROCESSABLE_ENTITY),
        (with("data", json!({ "order": "many" })), StatusCode::UNPROCESSABLE_ENTITY),
        (" ".repeat((8 << 20) + 1), StatusCode::PAYLOAD_TOO_LARGE),
    ] {
        assert_eq!(post(&ledger, EVENT_TYPE, TOKEN, body).await, status);
    }
    let event = event.to_string();
    assert_eq!(post(&ledger, "text/plain", TOKEN, event.clone()).await, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert_eq!(post(&ledger, EVENT_TYPE, &"x".repeat(43), event.clone()).await, StatusCode::UNAUTHORIZED);
    ledger.bookkeeper.refused.lock().unwrap().push(1);
    assert_eq!(post(&ledger, EVENT_TYPE, TOKEN, event).await, StatusCode::SERVICE_UNAVAILABLE);
    assert!(ledger.entries().await.unwrap().is_empty());
}
