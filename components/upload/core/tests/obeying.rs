//! What becomes of photos whose account is deleted.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use serde_json::{Value, json};
use support::{App, SERVICE, processed};
use uuid::Uuid;

async fn deliver(app: &App, token: &str, r#type: &str, id: u128, data: Value) -> StatusCode {
    let event = json!({
        "specversion": "1.0", "id": Uuid::from_u128(id), "source": "/auth", "type": r#type,
        "time": "2026-01-31T12:00:00Z", "datacontenttype": "application/json", "data": data,
    });
    let request = Request::post("/_events")
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::CONTENT_TYPE, "application/cloudevents+json");
    app.send(request.body(Body::from(event.to_string())).unwrap()).await.status()
}

fn gone(account: u128) -> Value {
    json!({ "accountId": Uuid::from_u128(account) })
}

#[tokio::test]
async fn they_are_gone_at_once_and_their_bytes_with_the_next_sweep() {
    let app = App::new().await;
    let (photo, event) = app.received(1).await;
    assert_eq!(app.finish(photo, event, processed()).await, StatusCode::NO_CONTENT);
    let (waiting, _) = app.received(1).await;
    let (other, _) = app.received(2).await;
    for _ in 0..2 {
        // Delivered twice it has one effect.
        let status = deliver(&app, SERVICE, "vitrine.account.deleted.v1", 7, gone(1)).await;
        assert_eq!(status, StatusCode::NO_CONTENT);
    }
    let (status, list) = app.get(1, "/api/v1/photos").await;
    assert_eq!((status, list["items"].as_array().unwrap().len()), (StatusCode::OK, 0));
    for id in [photo, waiting] {
        assert_eq!(app.get(1, &format!("/api/v1/photos/{id}")).await.0, StatusCode::NOT_FOUND);
    }
    assert_eq!(app.count("SELECT COUNT(*) AS n FROM renditions").await, 0);
    app.upload.sweep().await.unwrap();
    assert_eq!(app.count("SELECT COUNT(*) AS n FROM photos").await, 1);
    assert_eq!(app.get(2, &format!("/api/v1/photos/{other}")).await.0, StatusCode::OK);
    assert!(app.upload.originals.head(&photo.to_string()).await.unwrap().is_none());
    assert!(app.upload.originals.head(&other.to_string()).await.unwrap().is_some());
}

#[tokio::test]
async fn nobody_else_says_so_and_nothing_else_is_obeyed() {
    let app = App::new().await;
    let (photo, _) = app.received(1).await;
    let user = app.token(1);
    for token in ["", "x", user.as_str()] {
        let status = deliver(&app, token, "vitrine.account.deleted.v1", 7, gone(1)).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED);
    }
    for (r#type, data) in
        [("vitrine.account.renamed.v1", gone(1)), ("vitrine.account.deleted.v1", json!({ "accountId": "x" }))]
    {
        assert_eq!(deliver(&app, SERVICE, r#type, 8, data).await, StatusCode::UNPROCESSABLE_ENTITY);
    }
    assert_eq!(app.get(1, &format!("/api/v1/photos/{photo}")).await.0, StatusCode::OK);
}

#[tokio::test]
async fn an_upload_that_ends_after_its_account_is_no_photo() {
    let app = App::new().await;
    let (go, bytes) = tokio::sync::oneshot::channel::<()>();
    let rest = futures::stream::once(async move {
        bytes.await.unwrap();
        Ok::<_, std::io::Error>(bytes::Bytes::from_static(b"ture"))
    });
    let first = futures::stream::once(async { Ok(bytes::Bytes::from_static(b"pic")) });
    let body = Body::from_stream(futures::StreamExt::chain(first, rest));
    let deleted = async {
        // Its row is there before its bytes.
        while app.count("SELECT COUNT(*) AS n FROM photos").await == 0 {
            tokio::task::yield_now().await;
        }
        let status = deliver(&app, SERVICE, "vitrine.account.deleted.v1", 7, gone(1)).await;
        assert_eq!(status, StatusCode::NO_CONTENT);
        go.send(()).unwrap();
    };
    let (answer, ()) = futures::join!(app.upload(1, "", body), deleted);
    assert!(answer.status().is_client_error(), "{answer:?}");
    assert_eq!(app.count("SELECT COUNT(*) AS n FROM photos WHERE status <> 'uploading'").await, 0);
    assert_eq!(app.count("SELECT COUNT(*) AS n FROM outbox_events").await, 0, "nobody has heard of it");
    app.upload.sweep().await.unwrap();
    assert_eq!(app.count("SELECT COUNT(*) AS n FROM photos").await, 0);
}

/// What the relay claims for the worker, and acknowledges at once.
async fn events(app: &App) -> Vec<Value> {
    let types = ["vitrine.photo.deleted.v1", "vitrine.photo.uploaded.v1"];
    let consumers: serde_json::Map<_, _> =
        types.map(|kind| (kind.to_owned(), json!(["image-processor"]))).into_iter().collect();
    let request = json!({
        "consumers": consumers, "perConsumer": { "image-processor": 1000 }, "limit": 1000, "leaseMs": 50_000,
    });
    let (status, body) = app.private("POST", "/_outbox/claim", &request).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    let deliveries = body["deliveries"].as_array().unwrap().clone();
    let receipts: Vec<_> = deliveries
        .iter()
        .map(|it| json!({ "event": it["event"]["id"], "consumer": it["consumer"], "attempt": it["attempt"] }))
        .collect();
    assert_eq!(app.private("POST", "/_outbox/ack", &json!({ "delivered": receipts })).await.0, StatusCode::OK);
    deliveries.into_iter().map(|it| it["event"].clone()).collect()
}

async fn will_write(app: &App, photo: Uuid, event: Uuid, path: &str) -> StatusCode {
    let body = json!({ "eventId": event, "paths": [path] });
    app.private("PUT", &format!("/_photos/{photo}/written"), &body).await.0
}

fn path(name: &str) -> String {
    format!("{name}/{}", "0f".repeat(32))
}

fn removed(events: &[Value]) -> Vec<(Value, Vec<Value>)> {
    let deleted = events.iter().filter(|event| event["type"] == "vitrine.photo.deleted.v1");
    deleted
        .map(|event| {
            assert_eq!(event["subject"], event["data"]["photoId"]);
            let mut paths = event["data"]["paths"].as_array().unwrap().clone();
            paths.sort_by_key(Value::to_string);
            (event["subject"].clone(), paths)
        })
        .collect()
}

#[tokio::test]
async fn what_was_written_of_a_photo_is_told_of_in_the_transaction_that_deletes_it() {
    let app = App::new().await;
    let (photo, event) = app.received(1).await;
    // An attempt that died after it had written, and one that ended otherwise.
    assert_eq!(will_write(&app, photo, event, &path("tiny")).await, StatusCode::NO_CONTENT);
    assert_eq!(will_write(&app, photo, event, &path("tiny")).await, StatusCode::NO_CONTENT);
    app.finish(photo, event, processed()).await;
    events(&app).await;
    let rung = app.rung();
    assert_eq!(deliver(&app, SERVICE, "vitrine.account.deleted.v1", 7, gone(1)).await, StatusCode::NO_CONTENT);
    assert!(app.rung() > rung, "nobody would carry it before the next sweep");
    assert_eq!(removed(&events(&app).await), [(json!(photo), vec![json!(path("small")), json!(path("tiny"))])]);
    assert_eq!(deliver(&app, SERVICE, "vitrine.account.deleted.v1", 7, gone(1)).await, StatusCode::NO_CONTENT);
    assert_eq!(removed(&events(&app).await), []);
    assert_eq!(app.count("SELECT COUNT(*) AS n FROM written").await, 0);
}

#[tokio::test]
async fn a_photo_that_is_worked_on_is_told_of_when_that_has_ended() {
    for dies in [false, true] {
        let app = App::new().await;
        let (photo, event) = app.received(1).await;
        assert_eq!(will_write(&app, photo, event, &path("small")).await, StatusCode::NO_CONTENT);
        assert_eq!(deliver(&app, SERVICE, "vitrine.account.deleted.v1", 7, gone(1)).await, StatusCode::NO_CONTENT);
        app.upload.sweep().await.unwrap();
        assert_eq!(app.count("SELECT COUNT(*) AS n FROM photos").await, 0);
        // The worker is told at its next step, whichever it is.
        assert_eq!(will_write(&app, photo, event, &path("large")).await, StatusCode::NOT_FOUND);
        assert_eq!(app.begin_attempt(photo, event).await.0, StatusCode::NOT_FOUND);
        assert_eq!(app.finish(photo, event, processed()).await, StatusCode::NOT_FOUND);
        if dies {
            give_up(&app).await;
        } else {
            assert_eq!(removed(&events(&app).await), []);
        }
        assert_eq!(removed(&events(&app).await), [(json!(photo), vec![json!(path("small"))])]);
        assert_eq!(removed(&events(&app).await), []);
        assert_eq!(app.count("SELECT COUNT(*) AS n FROM written").await, 0);
    }
}

/// Fails the only delivery until it is given up.
async fn give_up(app: &App) {
    let request = json!({
        "consumers": { "vitrine.photo.uploaded.v1": ["image-processor"] },
        "perConsumer": { "image-processor": 1 }, "limit": 1, "leaseMs": 1000,
    });
    for _ in 0..10 {
        app.advance(3600);
        let (_, body) = app.private("POST", "/_outbox/claim", &request).await;
        let it = &body["deliveries"][0];
        let failed =
            json!({ "event": it["event"]["id"], "consumer": it["consumer"], "attempt": it["attempt"], "error": "503" });
        let (_, settled) = app.private("POST", "/_outbox/ack", &json!({ "failed": [failed] })).await;
        assert_eq!(settled["settled"], 1);
    }
}

#[tokio::test]
async fn what_begins_after_its_account_is_gone_is_no_photo() {
    let app = App::new().await;
    assert_eq!(app.upload(1, "?title=before", "picture").await.status(), StatusCode::ACCEPTED);
    assert_eq!(deliver(&app, SERVICE, "vitrine.account.deleted.v1", 7, gone(1)).await, StatusCode::NO_CONTENT);
    // A token of the account is good for minutes yet.
    let answer = app.upload(1, "?title=after", "picture").await;
    assert!(answer.status().is_client_error(), "{answer:?}");
    assert_eq!(app.upload(2, "", "picture").await.status(), StatusCode::ACCEPTED);
    app.upload.sweep().await.unwrap();
    assert_eq!(app.count("SELECT COUNT(*) AS n FROM photos").await, 1);
    assert_eq!(app.count("SELECT COUNT(*) AS n FROM gone_owners").await, 1);
    app.advance(25 * 3600);
    app.upload.sweep().await.unwrap();
    assert_eq!(app.count("SELECT COUNT(*) AS n FROM gone_owners").await, 0);
}

#[tokio::test]
async fn answers_that_were_kept_for_the_account_go_too() {
    let app = App::new().await;
    let request = Request::post("/api/v1/photos?title=secret")
        .header(header::AUTHORIZATION, format!("Bearer {}", app.token(1)))
        .header(header::CONTENT_TYPE, "application/octet-stream")
        .header("idempotency-key", "\"k1\"");
    assert_eq!(app.send(request.body(Body::from("picture")).unwrap()).await.status(), StatusCode::ACCEPTED);
    assert_eq!(app.count("SELECT COUNT(*) AS n FROM idempotency_keys").await, 1);
    assert_eq!(deliver(&app, SERVICE, "vitrine.account.deleted.v1", 7, gone(1)).await, StatusCode::NO_CONTENT);
    assert_eq!(app.count("SELECT COUNT(*) AS n FROM idempotency_keys").await, 0);
}
