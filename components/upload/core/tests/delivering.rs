//! What the relay claims and acknowledges, and that every photo ends.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};
use support::{App, processed};
use uuid::Uuid;

async fn claim(app: &App) -> Vec<Value> {
    let request = json!({
        "consumers": { "vitrine.photo.uploaded.v1": ["image-processor"] },
        "perConsumer": { "image-processor": 2 },
        "limit": 1,
        "leaseMs": 50_000,
    });
    let (status, body) = app.private("POST", "/_outbox/claim", &request).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    body["deliveries"].as_array().unwrap().clone()
}

fn receipt(delivery: &Value) -> Value {
    json!({ "event": delivery["event"]["id"], "consumer": delivery["consumer"], "attempt": delivery["attempt"] })
}

async fn acknowledge(app: &App, delivery: &Value) {
    let (status, body) = app.private("POST", "/_outbox/ack", &json!({ "delivered": [receipt(delivery)] })).await;
    assert_eq!((status, body), (StatusCode::OK, json!({ "settled": 1 })));
}

async fn fail(app: &App, delivery: &Value) {
    let mut failed = receipt(delivery);
    failed["error"] = json!("503");
    app.private("POST", "/_outbox/ack", &json!({ "failed": [failed] })).await;
}

async fn photo(app: &App, photo: Uuid) -> Value {
    app.get(1, &format!("/api/v1/photos/{photo}")).await.1["photo"].clone()
}

#[tokio::test]
async fn an_upload_is_an_event() {
    let app = App::new().await;
    let (photo, event) = app.received(1).await;
    assert_eq!(app.rung(), 1);
    let delivery = &claim(&app).await[0];
    for (name, value) in [
        ("id", json!(event)),
        ("source", json!("/upload")),
        ("type", json!("vitrine.photo.uploaded.v1")),
        ("time", json!("2026-01-31T12:00:00.000Z")),
        ("subject", json!(photo)),
    ] {
        assert_eq!(delivery["event"][name], value, "{name}");
    }
    let data = &delivery["event"]["data"];
    assert_eq!((&data["photoId"], &data["bytes"]), (&json!(photo), &json!(7)));
    assert!(claim(&app).await.is_empty());
}

#[tokio::test]
async fn an_acknowledgement_without_a_result_is_none() {
    let app = App::new().await;
    let (id, event) = app.received(1).await;
    acknowledge(&app, &claim(&app).await[0]).await;
    assert_eq!(photo(&app, id).await["status"], "received");
    app.advance(1);
    let again = claim(&app).await;
    assert_eq!(again[0]["attempt"], 2);
    app.finish(id, event, processed()).await;
    acknowledge(&app, &again[0]).await;
    app.advance(3600);
    assert!(claim(&app).await.is_empty());
}

#[tokio::test]
async fn an_event_that_is_given_up_ends_its_photo() {
    let app = App::new().await;
    let (id, event) = app.received(1).await;
    for _ in 1..=10 {
        assert_eq!(photo(&app, id).await["status"], "received");
        fail(&app, &claim(&app).await[0]).await;
        app.advance(300);
    }
    let rejected = photo(&app, id).await;
    assert_eq!(rejected["status"], "rejected");
    assert!(rejected["rejection"].as_str().unwrap().contains("10 tries"), "{rejected}");
    let (_, dead) = app.private("GET", "/_outbox/dead", &Value::Null).await;
    assert_eq!(dead["items"][0]["event"]["id"], json!(event));
}

/// Has a photo's only event become a dead letter.
async fn give_up(app: &App) {
    for _ in 1..=10 {
        fail(app, &claim(app).await[0]).await;
        app.advance(300);
    }
}

async fn replay(app: &App) {
    let (status, body) = app.private("POST", "/_outbox/replay", &json!({})).await;
    assert_eq!((status, &body["replayed"]), (StatusCode::OK, &json!(1)), "{body}");
}

#[tokio::test]
async fn a_replay_has_the_photo_processed_after_all() {
    let app = App::new().await;
    let (id, event) = app.received(1).await;
    for _ in 0..2 {
        app.begin_attempt(id, event).await;
    }
    give_up(&app).await;
    assert_eq!(photo(&app, id).await["status"], "rejected");
    replay(&app).await;
    let waiting = photo(&app, id).await;
    assert_eq!((&waiting["status"], &waiting["rejection"]), (&json!("received"), &Value::Null));
    let delivery = &claim(&app).await[0];
    assert_eq!(app.begin_attempt(id, event).await.1, json!({ "attempt": 1, "verdict": "go" }));
    app.finish(id, event, processed()).await;
    acknowledge(&app, delivery).await;
    assert_eq!(photo(&app, id).await["status"], "processed");
}

#[tokio::test]
async fn a_replay_leaves_a_photo_alone_that_ended_for_another_reason() {
    let rejected = json!({ "status": "rejected", "reason": "The JPEG is damaged." });
    for outcome in [rejected, processed()] {
        let app = App::new().await;
        let (id, event) = app.received(1).await;
        app.finish(id, event, outcome.clone()).await;
        give_up(&app).await;
        replay(&app).await;
        assert_eq!(photo(&app, id).await["status"], outcome["status"]);
        assert_eq!(app.begin_attempt(id, event).await.1["verdict"], "stop");
        acknowledge(&app, &claim(&app).await[0]).await;
        assert_eq!(photo(&app, id).await["status"], outcome["status"]);
    }
}

#[tokio::test]
async fn whoever_asks_for_events_has_cut_off_uploads_swept() {
    let app = App::new().await;
    let sql = "INSERT INTO photos (id, owner_id, title, status, created_at) VALUES ($1, 'a', '', 'uploading', 0)";
    app.upload.db.execute(sql, [Uuid::from_u128(1).into()]).await.unwrap();
    claim(&app).await;
    assert_eq!(app.count("SELECT COUNT(*) AS n FROM photos").await, 1, "not before the response");
    app.run_spawned().await;
    assert_eq!(app.count("SELECT COUNT(*) AS n FROM photos").await, 0);
    app.upload.db.execute(sql, [Uuid::from_u128(2).into()]).await.unwrap();
    for (seconds, left) in [(59, 1), (1, 0)] {
        app.advance(seconds);
        claim(&app).await;
        app.run_spawned().await;
        assert_eq!(app.count("SELECT COUNT(*) AS n FROM photos").await, left);
    }
}

#[tokio::test]
async fn the_outbox_is_for_the_relay_only() {
    let app = App::new().await;
    let user = app.token(1);
    for (method, path) in [("POST", "claim"), ("POST", "ack"), ("GET", "dead"), ("POST", "replay"), ("GET", "stats")] {
        for token in [user.as_str(), "x"] {
            let request = Request::builder()
                .method(method)
                .uri(format!("/_outbox/{path}"))
                .header("authorization", format!("Bearer {token}"));
            assert_eq!(app.send(request.body(Body::empty()).unwrap()).await.status(), StatusCode::UNAUTHORIZED);
        }
    }
}
