//! An account that is deleted, and what is left of its photos: nothing, whoever dies and whatever is at work meanwhile.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use axum::http::StatusCode;
use image_processor_core::{Engine, Failure, Rendered};
use pipeline::{App, Dying, Native, RING_TOKEN};
use support::{jpeg, request, send};

mod support;

/// Uploads a photo and gives its id.
async fn upload(app: &App) -> String {
    let (status, answer) = send(
        &app.router,
        request("POST", "/api/v1/photos?title=x", &app.token()).header("idempotency-key", "\"k1\""),
        jpeg(700, 500),
    )
    .await;
    assert_eq!(status, StatusCode::ACCEPTED, "{answer}");
    answer["photo"]["id"].as_str().unwrap().to_owned()
}

async fn count(app: &App, sql: &str) -> i64 {
    app.upload.db.query_one(sql, []).await.unwrap().unwrap().get("n").unwrap()
}

async fn until(what: &str, is_so: impl AsyncFn() -> bool) {
    for _ in 0..1000 {
        if is_so().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("not in time: {what}");
}

/// Rings, as the sweep does, until nothing waits to be delivered; what a dead process had leased is due again.
async fn settle(app: &App) {
    let waiting = "SELECT COUNT(*) AS n FROM outbox_deliveries WHERE next_at IS NOT NULL";
    let unknown = "SELECT COUNT(*) AS n FROM outbox_events WHERE id NOT IN (SELECT event_id FROM outbox_deliveries)";
    until("all is delivered", async || {
        app.expire_leases().await.unwrap();
        send(&app.relay, request("POST", "/api/v1/ring", RING_TOKEN), Vec::new()).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        count(app, waiting).await + count(app, unknown).await == 0
            && count(app, "SELECT COUNT(*) AS n FROM gone_owners").await == 1
    })
    .await;
}

/// Looks everywhere.
async fn nothing_is_left(app: &App, store: &Dying, photo: &str) {
    app.upload.sweep().await.unwrap();
    for table in ["photos", "renditions", "written", "idempotency_keys"] {
        assert_eq!(count(app, &format!("SELECT COUNT(*) AS n FROM {table}")).await, 0, "{table}");
    }
    assert!(app.upload.originals.head(photo).await.unwrap().is_none());
    assert_eq!(store.keys(), Vec::<String>::new());
    assert_eq!(
        send(&app.router, request("GET", &format!("/api/v1/photos/{photo}"), &app.token()), Vec::new()).await.0,
        404
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_left_of_a_photo_that_was_served() {
    let store = Dying::times(0);
    let app = App::storing_in(Native, store.clone()).await.unwrap();
    let photo = upload(&app).await;
    let path = format!("/api/v1/photos/{photo}");
    until("it is processed", async || {
        send(&app.relay, request("POST", "/api/v1/ring", RING_TOKEN), Vec::new()).await;
        send(&app.router, request("GET", &path, &app.token()), Vec::new()).await.1["photo"]["status"] == "processed"
    })
    .await;
    let answer = send(&app.router, request("GET", &path, &app.token()), Vec::new()).await.1;
    let urls: Vec<_> = answer["photo"]["renditions"].as_array().unwrap().iter().map(|it| it["url"].clone()).collect();
    assert_eq!(urls.len(), 5);
    for url in &urls {
        assert_eq!(send(&app.images, request("GET", url.as_str().unwrap(), "x"), Vec::new()).await.0, StatusCode::OK);
    }
    app.delete_account().await.unwrap();
    settle(&app).await;
    nothing_is_left(&app, &store, &photo).await;
    for url in &urls {
        assert_eq!(
            send(&app.images, request("GET", url.as_str().unwrap(), "x"), Vec::new()).await.0,
            StatusCode::NOT_FOUND
        );
    }
}

/// An engine that comes back when it is told to.
#[derive(Debug, Clone, Default)]
struct Waiting(Arc<(Mutex<(bool, bool)>, Condvar)>);

impl Waiting {
    fn has_begun(&self) -> bool {
        self.0.0.lock().unwrap().0
    }

    fn go_on(&self) {
        self.0.0.lock().unwrap().1 = true;
        self.0.1.notify_all();
    }
}

impl Engine for Waiting {
    fn render(&self, picture: &[u8]) -> Result<Rendered, Failure> {
        let mut state = self.0.0.lock().unwrap();
        state.0 = true;
        while !state.1 {
            state = self.0.1.wait(state).unwrap();
        }
        drop(state);
        Native.render(picture)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_left_of_a_photo_that_was_being_rendered() {
    let (store, engine) = (Dying::times(0), Waiting::default());
    let app = App::storing_in(engine.clone(), store.clone()).await.unwrap();
    let photo = upload(&app).await;
    until("the engine is at work", async || engine.has_begun()).await;
    app.delete_account().await.unwrap();
    send(&app.relay, request("POST", "/api/v1/ring", RING_TOKEN), Vec::new()).await;
    until("the account is gone", async || count(&app, "SELECT COUNT(*) AS n FROM gone_owners").await == 1).await;
    engine.go_on();
    settle(&app).await;
    nothing_is_left(&app, &store, &photo).await;
}

/// At each change of the store in turn the worker dies: while it writes, or while it removes.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_left_wherever_the_worker_dies() {
    let mut died_at = Vec::new();
    for changes in 0..80 {
        let store = Dying::after(changes);
        let app = App::storing_in(Native, store.clone()).await.unwrap();
        let photo = upload(&app).await;
        let ended = format!("SELECT COUNT(*) AS n FROM photos WHERE status = 'processed' AND id = '{photo}'");
        until("it is processed, or the worker is dead", async || count(&app, &ended).await == 1 || store.left() == 0)
            .await;
        app.delete_account().await.unwrap();
        settle(&app).await;
        nothing_is_left(&app, &store, &photo).await;
        if store.left() > 0 {
            break;
        }
        died_at.push(changes);
    }
    assert!(died_at.len() >= 10, "it died at too few places to say anything: {died_at:?}");
    assert!(died_at.len() < 80, "it never came through");
}
