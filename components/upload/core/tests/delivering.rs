//! Delivery: at least once, never lost, never for ever.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use axum::routing::post;
use serde_json::{Value, json};
use support::{App, RING, SERVICE, WORKER, processed, worker_that_answers};
use tokio::sync::Notify;
use uuid::Uuid;

/// What a worker was sent.
type Seen = Arc<Mutex<Vec<Value>>>;

/// A worker that is told of events and answers with `status`.
fn worker(seen: &Seen, status: StatusCode) -> Router {
    let seen = seen.clone();
    let handle = move |headers: HeaderMap, body: String| async move {
        assert_eq!(headers["authorization"], format!("Bearer {WORKER}"));
        assert_eq!(headers["content-type"], "application/cloudevents+json");
        seen.lock().unwrap().push(serde_json::from_str(&body).unwrap());
        status
    };
    Router::new().route("/_events", post(handle))
}

async fn status(app: &App, photo: Uuid) -> String {
    let (_, body) = app.get(1, &format!("/api/v1/photos/{photo}")).await;
    body["photo"]["status"].as_str().unwrap().to_owned()
}

async fn ring(app: &App, token: &str) -> StatusCode {
    let request = Request::post("/api/v1/ring").header("authorization", format!("Bearer {token}"));
    app.send(request.body(Body::empty()).unwrap()).await.status()
}

#[tokio::test]
async fn an_event_is_sent_as_cloudevents_say() {
    let seen = Seen::default();
    let app = App::new(worker(&seen, StatusCode::NO_CONTENT)).await;
    let (photo, event) = app.received(1).await;
    app.finish(photo, event, processed()).await;
    app.run_spawned().await;
    let events = seen.lock().unwrap().clone();
    let [sent] = events.as_slice() else { panic!("{events:?}") };
    for (name, value) in [
        ("specversion", json!("1.0")),
        ("id", json!(event)),
        ("source", json!("/upload")),
        ("type", json!("vitrine.photo.uploaded.v1")),
        ("time", json!("2026-01-31T12:00:00.000Z")),
        ("subject", json!(photo)),
        ("datacontenttype", json!("application/json")),
    ] {
        assert_eq!(sent[name], value, "{name}");
    }
    assert_eq!(sent["data"]["photoId"], json!(photo));
    assert_eq!(app.count("SELECT COUNT(*) AS n FROM outbox WHERE delivered_at IS NOT NULL").await, 1);
    ring(&app, RING).await;
    app.run_spawned().await;
    assert_eq!(seen.lock().unwrap().len(), 1, "what is delivered is not sent again");
}

#[tokio::test]
async fn an_acknowledgement_without_a_result_is_none() {
    // Every photo that was accepted ends: an event counts as delivered only once its photo has ended, which is decided
    // in the same statement, and an event that is given up ends its photo in the same transaction.
    let seen = Seen::default();
    let app = App::new(worker(&seen, StatusCode::NO_CONTENT)).await;
    let (photo, _) = app.received(1).await;
    app.run_spawned().await;
    assert_eq!(app.count("SELECT COUNT(*) AS n FROM outbox WHERE delivered_at IS NULL AND attempts = 1").await, 1);
    assert_eq!(status(&app, photo).await, "received");
}

#[tokio::test]
async fn a_failed_delivery_waits_longer_each_time_and_is_given_up_at_the_tenth() {
    let seen = Seen::default();
    let app = App::new(worker(&seen, StatusCode::SERVICE_UNAVAILABLE)).await;
    let (photo, _) = app.received(1).await;
    app.run_spawned().await;
    for attempt in 2..=10_usize {
        ring(&app, RING).await;
        app.run_spawned().await;
        assert_eq!(seen.lock().unwrap().len(), attempt - 1, "too early");
        assert_eq!(status(&app, photo).await, "received");
        app.advance(300);
        ring(&app, RING).await;
        app.run_spawned().await;
        assert_eq!(seen.lock().unwrap().len(), attempt);
    }
    let (_, body) = app.get(1, &format!("/api/v1/photos/{photo}")).await;
    assert_eq!(body["photo"]["status"], "rejected");
    assert!(body["photo"]["rejection"].as_str().unwrap().contains("10 tries"), "{body}");
    let dead = app.upload.db.query_one("SELECT attempts, last_error FROM outbox WHERE dead_at IS NOT NULL", []).await;
    let dead = dead.unwrap().unwrap();
    assert_eq!(dead.get::<i64>("attempts").unwrap(), 10);
    assert!(dead.get::<String>("last_error").unwrap().contains("503"));
    app.advance(3600);
    ring(&app, RING).await;
    app.run_spawned().await;
    assert_eq!(seen.lock().unwrap().len(), 10);
}

#[tokio::test]
async fn a_lost_lease_is_delivered_again() {
    let seen = Seen::default();
    let app = App::new(worker(&seen, StatusCode::NO_CONTENT)).await;
    let (photo, event) = app.received(1).await;
    // As a process leaves it that dies in the middle of a delivery.
    let lease = vitrine_clock::Clock::now(&app.clock) + upload_core::LEASE;
    let sql = "UPDATE outbox SET attempts = 1, leased_until = $1 WHERE id = $2";
    app.upload.db.execute(sql, [lease.as_millis().into(), event.into()]).await.unwrap();
    app.run_spawned().await;
    assert_eq!(seen.lock().unwrap().len(), 0, "somebody else has it");
    app.advance(60);
    app.finish(photo, event, processed()).await;
    ring(&app, RING).await;
    app.run_spawned().await;
    assert_eq!(seen.lock().unwrap().len(), 1);
    assert_eq!(app.count("SELECT COUNT(*) AS n FROM outbox WHERE delivered_at IS NOT NULL").await, 1);
}

#[tokio::test]
async fn a_delivery_that_has_lost_its_lease_does_not_speak_for_the_next() {
    let db: Arc<Mutex<Option<vitrine_db::Db>>> = Arc::default();
    let answers = db.clone();
    // While it works, its lease runs out and somebody else begins the second delivery.
    let slow = move || async move {
        let db = answers.lock().unwrap().clone().unwrap();
        db.execute("UPDATE outbox SET attempts = 2, leased_until = 9999999999999", []).await.unwrap();
        StatusCode::SERVICE_UNAVAILABLE
    };
    let app = App::new(Router::new().route("/_events", post(slow))).await;
    *db.lock().unwrap() = Some(app.upload.db.clone());
    app.received(1).await;
    app.run_spawned().await;
    let held = "SELECT COUNT(*) AS n FROM outbox WHERE leased_until = 9999999999999 AND last_error IS NULL";
    assert_eq!(app.count(held).await, 1, "the second delivery keeps its lease");
}

#[tokio::test]
async fn one_event_that_fails_does_not_block_another() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counter = calls.clone();
    let first_fails = move || async move {
        if counter.fetch_add(1, Ordering::SeqCst) == 0 { StatusCode::INTERNAL_SERVER_ERROR } else { StatusCode::OK }
    };
    let app = App::new(Router::new().route("/_events", post(first_fails))).await;
    for _ in 0..3 {
        let (photo, event) = app.received(1).await;
        app.finish(photo, event, processed()).await;
    }
    app.run_spawned().await;
    assert_eq!(calls.load(Ordering::SeqCst), 3);
    assert_eq!(app.count("SELECT COUNT(*) AS n FROM outbox WHERE delivered_at IS NOT NULL").await, 2);
}

#[tokio::test]
async fn one_drain_at_a_time_delivers_also_what_comes_meanwhile() {
    let (arrived, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let at_once = Arc::new(AtomicUsize::new(0));
    let handle = {
        let (arrived, go_on, at_once) = (arrived.clone(), go_on.clone(), at_once.clone());
        move || async move {
            assert_eq!(at_once.fetch_add(1, Ordering::SeqCst), 0, "one delivery at a time");
            arrived.notify_one();
            go_on.notified().await;
            at_once.fetch_sub(1, Ordering::SeqCst);
            StatusCode::NO_CONTENT
        }
    };
    let app = Arc::new(App::new(Router::new().route("/_events", post(handle))).await);
    let finished = |app: Arc<App>| async move {
        let (photo, event) = app.received(1).await;
        app.finish(photo, event, processed()).await;
    };
    finished(app.clone()).await;
    let drain = tokio::spawn({
        let app = app.clone();
        async move { app.run_spawned().await }
    });
    arrived.notified().await;
    finished(app.clone()).await;
    finished(app.clone()).await;
    assert_eq!(app.waiting(), 0, "a second drain is not started");
    for _ in 0..2 {
        go_on.notify_one();
        arrived.notified().await;
    }
    go_on.notify_one();
    tokio::time::timeout(std::time::Duration::from_secs(5), drain).await.unwrap().unwrap();
    assert_eq!(app.count("SELECT COUNT(*) AS n FROM outbox WHERE delivered_at IS NOT NULL").await, 3);
    ring(&app, RING).await;
    assert_eq!(app.waiting(), 1, "the next ring starts a drain again");
}

#[tokio::test]
async fn the_ring_answers_before_any_work_and_only_to_its_token() {
    let app = App::new(worker_that_answers(StatusCode::NO_CONTENT)).await;
    let user = app.token(1);
    for token in [SERVICE, WORKER, &user] {
        assert_eq!(ring(&app, token).await, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(app.waiting(), 0);
    assert_eq!(ring(&app, RING).await, StatusCode::ACCEPTED);
    assert_eq!(app.waiting(), 1);
}
