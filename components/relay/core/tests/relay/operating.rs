//! What an operator sees and does, and who may.

use crate::support::{ADMIN, LEDGER, MAILER, RING, TOKEN, World, send};
use axum::http::StatusCode;
use serde_json::{Value, json};
use std::{
    sync::Arc,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};
use vitrine_events::Refusal;

const EVENTS: &str = "/api/v1/admin/events";

/// A world in which the ledger has refused three orders for good, until the switch is turned.
async fn with_dead_letters() -> (World, Arc<AtomicBool>) {
    let world = World::new(&[LEDGER, MAILER]).await;
    world.orders(0..3).await;
    let well = Arc::new(AtomicBool::new(false));
    let switch = well.clone();
    world.ledger.whim(move |_| {
        let well = switch.load(Ordering::SeqCst);
        async move { if well { Ok(()) } else { Err(Refusal::Later("ill".to_owned())) } }
    });
    for _ in 0..12 {
        world.sweep().await;
        world.clock.advance(Duration::from_secs(300));
    }
    (world, well)
}

#[tokio::test]
async fn dead_letters_are_listed_and_replayed() {
    let (world, well) = with_dead_letters().await;
    let relay = &world.relay;
    let get = |path: String| async move {
        let (status, body) = send(relay, "GET", &path, ADMIN, &Value::Null).await;
        (status, serde_json::from_str::<Value>(&body).unwrap())
    };
    let (_, page) = get(format!("{EVENTS}/shop/dead?limit=2")).await;
    assert_eq!(page["items"].as_array().unwrap().len(), 2, "{page}");
    let cursor = page["nextCursor"].as_str().unwrap();
    let (_, rest) = get(format!("{EVENTS}/shop/dead?limit=2&cursor={cursor}")).await;
    assert_eq!(rest["items"].as_array().unwrap().len(), 1);
    assert_eq!(get(format!("{EVENTS}/shop/dead?cursor=tampered")).await.0, StatusCode::BAD_REQUEST);
    assert_eq!(get(format!("{EVENTS}/shop/dead?cursor=%26limit=9")).await.0, StatusCode::BAD_REQUEST);
    assert_eq!(get(format!("{EVENTS}/elsewhere/dead")).await.0, StatusCode::NOT_FOUND);

    well.store(true, Ordering::SeqCst);
    let one = json!({ "event": rest["items"][0]["event"]["id"] });
    let replay = |body: Value| async move { send(relay, "POST", &format!("{EVENTS}/shop/replay"), ADMIN, &body).await };
    assert_eq!(replay(one).await, (StatusCode::OK, r#"{"replayed":1,"more":false}"#.to_owned()));
    let (_, body) = replay(json!({})).await;
    assert_eq!(body, r#"{"replayed":2,"more":false}"#);
    assert_eq!(replay(json!({ "evnt": 1 })).await.0, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn what_is_replayed_takes_effect_at_once() {
    let (world, well) = with_dead_letters().await;
    assert!(world.ledger.entries().await.is_empty());
    well.store(true, Ordering::SeqCst);
    send(&world.relay, "POST", &format!("{EVENTS}/shop/replay"), ADMIN, &json!({})).await;
    world.queue.run().await;
    assert_eq!(world.ledger.entries().await, [0, 1, 2]);
    assert_eq!(world.mailer.entries().await, [0, 1, 2]);
}

#[tokio::test]
async fn stats_and_metrics_say_how_it_is() {
    let (world, _) = with_dead_letters().await;
    let (_, stats) = send(&world.relay, "GET", &format!("{EVENTS}/stats"), ADMIN, &Value::Null).await;
    let stats: Value = serde_json::from_str(&stats).unwrap();
    let ledger = &stats["sources"]["shop"]["consumers"]["ledger"];
    assert_eq!((&ledger["dead"], &ledger["retriedTotal"], &ledger["deadTotal"]), (&json!(3), &json!(27), &json!(3)));
    let (_, text) = send(&world.relay, "GET", &format!("{EVENTS}/metrics"), ADMIN, &Value::Null).await;
    for line in [
        "vitrine_outbox_up{source=\"shop\"} 1",
        "vitrine_outbox_dead{source=\"shop\",consumer=\"ledger\"} 3",
        "vitrine_outbox_delivered_total{source=\"shop\",consumer=\"mailer\"} 3",
    ] {
        assert!(text.lines().any(|it| it == line), "{line}\n{text}");
    }
}

#[tokio::test]
async fn events_that_nobody_claims_are_seen_by_their_lag() {
    let world = World::new(&[LEDGER]).await;
    world.order(0).await;
    world.clock.advance(Duration::from_secs(90));
    let (_, text) = send(&world.relay, "GET", &format!("{EVENTS}/metrics"), ADMIN, &Value::Null).await;
    assert!(text.contains("\nvitrine_outbox_unrouted_lag_seconds{source=\"shop\"} 90\n"), "{text}");
}

#[tokio::test]
async fn every_public_route_is_documented_and_no_other() {
    let world = World::new(&[LEDGER]).await;
    let real = vitrine_edge::openapi::routes(world.relay.clone()).await;
    assert_eq!(real.len(), 5);
    assert_eq!(vitrine_edge::openapi::documented(&relay_core::document()), real);
}

#[tokio::test]
async fn each_door_has_its_own_token() {
    let world = World::new(&[LEDGER]).await;
    for (method, path, others) in [
        ("POST", "/_ring", [RING, ADMIN]),
        ("POST", "/api/v1/ring", [TOKEN, ADMIN]),
        ("GET", "/api/v1/admin/events/stats", [TOKEN, RING]),
        ("GET", "/api/v1/admin/events/metrics", [TOKEN, RING]),
        ("GET", "/api/v1/admin/events/shop/dead", [TOKEN, RING]),
        ("POST", "/api/v1/admin/events/shop/replay", [TOKEN, RING]),
    ] {
        for token in others.into_iter().chain(["", "x"]) {
            let (status, body) = send(&world.relay, method, path, token, &json!({})).await;
            assert_eq!(status, StatusCode::UNAUTHORIZED, "{path}: {body}");
        }
    }
    assert!(world.queue.take().is_empty());
    assert_eq!(send(&world.relay, "GET", "/_ring", TOKEN, &Value::Null).await.0, StatusCode::METHOD_NOT_ALLOWED);
}
