//! The private routes of an outbox.

use crate::support::{PLACED, Shop};
use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;
use vitrine_events::{TRIES, outbox_router};
use vitrine_identity::ServiceToken;

const TOKEN: &str = "shop-shop-shop-shop-shop-shop-shop-shop-shop";

async fn send(shop: &Shop, method: &str, path: &str, body: &Value) -> (StatusCode, Value) {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("authorization", format!("Bearer {TOKEN}"))
        .header("content-type", "application/json");
    let router = outbox_router(shop.outbox.clone(), &ServiceToken::new(TOKEN).unwrap());
    let response = router.oneshot(request.body(Body::from(body.to_string())).unwrap()).await.unwrap();
    let status = response.status();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
}

fn claim() -> Value {
    json!({ "consumers": { PLACED: ["ledger"] }, "perConsumer": { "ledger": 5 }, "limit": 10, "leaseMs": 60_000 })
}

#[tokio::test]
async fn a_delivery_is_claimed_and_acknowledged() {
    let shop = Shop::new().await;
    let order = shop.order(7).await;
    let (status, body) = send(&shop, "POST", "/_outbox/claim", &claim()).await;
    assert_eq!(status, StatusCode::OK);
    let delivery = &body["deliveries"][0];
    assert_eq!((&delivery["consumer"], &delivery["attempt"]), (&json!("ledger"), &json!(1)));
    assert_eq!((&delivery["event"]["id"], &delivery["event"]["data"]), (&json!(order), &json!({ "order": 7 })));
    let receipt = json!({ "event": order, "consumer": "ledger", "attempt": 1 });
    let (status, body) = send(&shop, "POST", "/_outbox/ack", &json!({ "delivered": [receipt] })).await;
    assert_eq!((status, body), (StatusCode::OK, json!({ "settled": 1 })));
    let (_, stats) = send(&shop, "GET", "/_outbox/stats", &Value::Null).await;
    assert_eq!(stats["consumers"]["ledger"]["deliveredTotal"], 1);
}

#[tokio::test]
async fn dead_letters_are_seen_and_replayed() {
    let shop = Shop::new().await;
    shop.orders(0..3).await;
    for attempt in 1..=TRIES {
        let (_, body) = send(&shop, "POST", "/_outbox/claim", &claim()).await;
        let leased = body["deliveries"].as_array().unwrap().iter();
        let failed: Vec<_> = leased
            .map(|it| json!({ "event": it["event"]["id"], "consumer": "ledger", "attempt": attempt, "error": "down" }))
            .collect();
        send(&shop, "POST", "/_outbox/ack", &json!({ "failed": failed })).await;
        shop.advance(300);
    }
    let (_, page) = send(&shop, "GET", "/_outbox/dead?limit=2", &Value::Null).await;
    assert_eq!(page["items"].as_array().unwrap().len(), 2);
    assert_eq!((&page["items"][0]["lastError"], &page["items"][0]["attempts"]), (&json!("down"), &json!(10)));
    let cursor = page["nextCursor"].as_str().unwrap();
    let (_, last) = send(&shop, "GET", &format!("/_outbox/dead?limit=2&cursor={cursor}"), &Value::Null).await;
    assert_eq!((last["items"].as_array().unwrap().len(), last.get("nextCursor")), (1, None));
    let (status, _) = send(&shop, "GET", "/_outbox/dead?cursor=tampered", &Value::Null).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    let (_, body) = send(&shop, "POST", "/_outbox/replay", &json!({ "event": last["items"][0]["event"]["id"] })).await;
    assert_eq!(body, json!({ "replayed": 1, "more": false }));
}

#[tokio::test]
async fn what_is_not_understood_is_refused() {
    let shop = Shop::new().await;
    let with = |name: &str, value: Value| {
        let mut claim = claim();
        claim[name] = value;
        claim
    };
    for body in [
        json!({}),
        with("limit", json!(-1)),
        with("leaseMs", json!("long")),
        with("surprise", json!(1)),
        with("perConsumer", json!({ "": 1 })),
        with("perConsumer", json!({ "x".repeat(201): 1 })),
        with("consumers", json!({ "a": vec!["b"; 1001] })),
        with("consumers", json!({ "a\0": ["b"] })),
    ] {
        assert_eq!(send(&shop, "POST", "/_outbox/claim", &body).await.0, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
    }
    // What is merely out of range is put right.
    let (status, _) = send(&shop, "POST", "/_outbox/claim", &with("leaseMs", json!(0))).await;
    assert_eq!(status, StatusCode::OK);
    let receipt = json!({ "event": "7", "consumer": "ledger", "attempt": 1 });
    let (status, _) = send(&shop, "POST", "/_outbox/ack", &json!({ "delivered": [receipt] })).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let (status, _) = send(&shop, "POST", "/_outbox/replay", &json!({ "id": 7 })).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn only_who_has_the_token_gets_in() {
    let shop = Shop::new().await;
    let router = outbox_router(shop.outbox.clone(), &ServiceToken::new(TOKEN).unwrap());
    for (method, path) in [("POST", "claim"), ("POST", "ack"), ("GET", "dead"), ("POST", "replay"), ("GET", "stats")] {
        let request = Request::builder().method(method).uri(format!("/_outbox/{path}")).body(Body::empty()).unwrap();
        assert_eq!(router.clone().oneshot(request).await.unwrap().status(), StatusCode::UNAUTHORIZED, "{path}");
    }
}
