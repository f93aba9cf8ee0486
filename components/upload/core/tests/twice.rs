//! Uploads that come twice with the same `Idempotency-Key`.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, Response, StatusCode, header};
use bytes::Bytes;
use futures::{StreamExt as _, stream};
use support::{App, MAX_BYTES, json_of, processed};

async fn app() -> App {
    App::new().await
}

async fn send(app: &App, account: u128, key: &str, query: &str, body: impl Into<Body>) -> Response<Bytes> {
    let request = Request::post(format!("/api/v1/photos{query}"))
        .header(header::AUTHORIZATION, format!("Bearer {}", app.token(account)))
        .header(header::CONTENT_TYPE, "image/jpeg")
        .header("idempotency-key", key);
    app.send(request.body(body.into()).unwrap()).await
}

fn is_again(response: &Response<Bytes>) -> bool {
    response.headers().get("idempotent-replayed").is_some_and(|value| value == "true")
}

async fn photos(app: &App) -> i64 {
    app.count("SELECT COUNT(*) AS n FROM photos").await
}

#[tokio::test]
async fn the_second_time_the_bytes_are_dropped_and_the_first_answer_is_given() {
    let app = app().await;
    let first = send(&app, 1, "\"k\"", "?title=a", "picture").await;
    assert_eq!((first.status(), is_again(&first)), (StatusCode::ACCEPTED, false));
    let keys = app.keys.keys();
    let photo = json_of(&first)["photo"]["id"].as_str().unwrap().parse().unwrap();
    let row = app.upload.db.query_one("SELECT id FROM outbox_events", []).await.unwrap().unwrap();
    app.finish(photo, row.get("id").unwrap(), processed()).await;
    // In other chunks, and after the photo has changed.
    let chunks = ["pic", "tu", "re"].map(|part| Ok::<_, std::io::Error>(Bytes::from(part)));
    let again = send(&app, 1, "\"k\"", "?title=a", Body::from_stream(stream::iter(chunks))).await;
    assert_eq!((again.status(), is_again(&again)), (StatusCode::ACCEPTED, true));
    assert_eq!(again.body(), first.body());
    assert_eq!(again.headers()[header::LOCATION], first.headers()[header::LOCATION]);
    assert_eq!((photos(&app).await, app.keys.keys()), (1, keys));
    assert_eq!(app.count("SELECT COUNT(*) AS n FROM outbox_events").await, 1);
}

#[tokio::test]
async fn another_picture_title_or_account_is_another_request() {
    let app = app().await;
    send(&app, 1, "k", "?title=a", "picture").await;
    for (query, body) in [("?title=a", "other"), ("?title=b", "picture"), ("", "picture")] {
        let response = send(&app, 1, "k", query, body).await;
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY, "{query} {body}");
        assert_eq!(json_of(&response)["type"], "/problems/key-reused");
    }
    assert_eq!(photos(&app).await, 1);
    let other = send(&app, 2, "k", "?title=a", "picture").await;
    assert_eq!((other.status(), is_again(&other)), (StatusCode::ACCEPTED, false));
}

#[tokio::test]
async fn while_the_first_is_at_work_the_second_is_told() {
    let app = app().await;
    let slow = stream::iter([Ok::<_, std::io::Error>(Bytes::from_static(b"pic"))]).chain(stream::pending());
    let slow = send(&app, 1, "k", "", Body::from_stream(slow));
    let mut slow = std::pin::pin!(slow);
    assert!(tokio::time::timeout(Duration::from_millis(200), &mut slow).await.is_err());
    let second = send(&app, 1, "k", "", "picture").await;
    assert_eq!(second.status(), StatusCode::CONFLICT);
    assert_eq!(second.headers()[header::RETRY_AFTER], "1");
    assert_eq!(json_of(&second)["type"], "/problems/in-progress");
    // Whoever holds the key may have died: after a minute another one takes it.
    app.advance(60);
    assert_eq!(send(&app, 1, "k", "", "picture").await.status(), StatusCode::ACCEPTED);
    assert!(is_again(&send(&app, 1, "k", "", "picture").await));
}

#[tokio::test]
async fn one_that_was_overtaken_leaves_nothing() {
    let app = app().await;
    let (end, wait) = tokio::sync::oneshot::channel::<()>();
    let last = stream::once(async {
        wait.await.unwrap();
        Ok::<_, std::io::Error>(Bytes::from_static(b"ture"))
    });
    let slow = Body::from_stream(stream::iter([Ok(Bytes::from_static(b"pic"))]).chain(last));
    let overtaking = async {
        while app.count("SELECT COUNT(*) AS n FROM idempotency_keys").await == 0 {
            tokio::task::yield_now().await;
        }
        app.advance(60);
        let second = send(&app, 1, "k", "", "picture").await;
        end.send(()).unwrap();
        second
    };
    let (first, second) = tokio::join!(send(&app, 1, "k", "", slow), overtaking);
    assert_eq!((first.status(), second.status()), (StatusCode::CONFLICT, StatusCode::ACCEPTED));
    assert_eq!(photos(&app).await, 1);
    assert_eq!(app.count("SELECT COUNT(*) AS n FROM outbox_events").await, 1);
    let id = json_of(&second)["photo"]["id"].as_str().unwrap().to_owned();
    assert!(app.keys.keys().iter().all(|key| key.starts_with(&id)), "{:?}", app.keys.keys());
}

#[tokio::test]
async fn what_failed_can_be_sent_again_at_once() {
    let app = app().await;
    let broken = [Ok(Bytes::from_static(b"pic")), Err(std::io::Error::other("reset"))];
    let long = vec![7; usize::try_from(MAX_BYTES).unwrap() + 1];
    assert_eq!(send(&app, 1, "k", "", Body::from_stream(stream::iter(broken))).await.status(), StatusCode::BAD_REQUEST);
    assert_eq!(send(&app, 1, "k", "", long.clone()).await.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(send(&app, 1, "k", "", "").await.status(), StatusCode::BAD_REQUEST);
    let first = send(&app, 1, "k", "", "picture").await;
    assert_eq!((first.status(), is_again(&first)), (StatusCode::ACCEPTED, false));
    let broken = [Ok(Bytes::from_static(b"pic")), Err(std::io::Error::other("reset"))];
    assert_eq!(send(&app, 1, "k", "", Body::from_stream(stream::iter(broken))).await.status(), StatusCode::BAD_REQUEST);
    assert_eq!(send(&app, 1, "k", "", long).await.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert!(is_again(&send(&app, 1, "k", "", "picture").await));
}

#[tokio::test]
async fn a_header_that_is_no_key_is_refused() {
    let app = app().await;
    let long = "k".repeat(256);
    for key in ["", "\"", "a b", &long] {
        let response = send(&app, 1, key, "", "picture").await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{key}");
        assert_eq!(json_of(&response)["errors"][0]["field"], "Idempotency-Key");
    }
    assert_eq!(photos(&app).await, 0);
}
