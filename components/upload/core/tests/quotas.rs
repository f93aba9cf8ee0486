//! How much an account may have.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::{Request, Response, StatusCode, header};
use bytes::Bytes;
use futures::{future::join_all, stream};
use serde_json::Value;
use support::{App, MAX_BYTES, QUOTA_BYTES, QUOTA_PHOTOS, json_of};

fn reason(answer: &Response<Bytes>) -> String {
    assert_eq!(answer.status(), StatusCode::CONFLICT, "{answer:?}");
    let problem = json_of(answer);
    assert!(problem["detail"].as_str().unwrap().contains("Delete some permanently"), "{problem}");
    problem["reason"].as_str().unwrap().to_owned()
}

async fn received(app: &App) -> i64 {
    app.count("SELECT COUNT(*) AS n FROM photos WHERE status <> 'uploading'").await
}

#[tokio::test]
async fn photos_are_counted_and_deleted_ones_too() {
    let app = App::new().await;
    let first = app.photo(1, "").await;
    for _ in 1..QUOTA_PHOTOS {
        app.photo(1, "").await;
    }
    assert_eq!(reason(&app.upload(1, "", "picture").await), "quota_photos");
    app.photo(2, "").await;
    let delete = async |query: &str| {
        app.ask(Some(1), "DELETE", &format!("/api/v1/photos/{first}{query}"), &[], &Value::Null).await.status()
    };
    assert_eq!(delete("").await, StatusCode::NO_CONTENT);
    assert_eq!(reason(&app.upload(1, "", "picture").await), "quota_photos");
    assert_eq!(delete("?permanently=true").await, StatusCode::NO_CONTENT);
    app.photo(1, "").await;
    assert_eq!(reason(&app.upload(1, "", "picture").await), "quota_photos");
    // One that was cut off, and one that was refused, take no room.
    assert_eq!(received(&app).await, i64::try_from(QUOTA_PHOTOS).unwrap() + 1);
    let kept: BTreeSet<_> = app.keys.keys().into_iter().map(|key| key[..36].to_owned()).collect();
    assert_eq!(kept.len(), usize::try_from(QUOTA_PHOTOS).unwrap() + 1);
}

#[tokio::test]
async fn bytes_are_added_up() {
    let app = App::new().await;
    let large = usize::try_from(MAX_BYTES).unwrap();
    let pieces = |bytes: usize| Body::from_stream(stream::iter([Ok::<_, std::io::Error>(Bytes::from(vec![7; bytes]))]));
    for _ in 0..QUOTA_BYTES / MAX_BYTES {
        assert_eq!(app.upload(1, "", pieces(large)).await.status(), StatusCode::ACCEPTED);
    }
    let left = usize::try_from(QUOTA_BYTES % MAX_BYTES).unwrap();
    assert_eq!(reason(&app.upload(1, "", pieces(left + 1)).await), "quota_bytes");
    // Said before, it is refused before a byte is read.
    let never = stream::once(async { panic!("the body is not to be read") as Result<Bytes, std::io::Error> });
    let declared = Request::post("/api/v1/photos")
        .header(header::AUTHORIZATION, format!("Bearer {}", app.token(1)))
        .header(header::CONTENT_TYPE, "image/jpeg")
        .header(header::CONTENT_LENGTH, left + 1)
        .body(Body::from_stream(never))
        .unwrap();
    assert_eq!(reason(&app.send(declared).await), "quota_bytes");
    assert_eq!(
        app.upload(1, "", pieces(left)).await.status(),
        StatusCode::ACCEPTED,
        "just as much as there is room for"
    );
    assert_eq!(reason(&app.upload(1, "", "x").await), "quota_bytes");
}

#[tokio::test]
async fn those_that_come_at_the_same_time_are_counted_one_after_another() {
    let app = App::new().await;
    let uploads = (0..3 * QUOTA_PHOTOS).map(|_| app.upload(1, "", "picture"));
    let answers = join_all(uploads).await;
    let accepted = answers.iter().filter(|answer| answer.status() == StatusCode::ACCEPTED).count();
    assert_eq!(accepted, usize::try_from(QUOTA_PHOTOS).unwrap());
    for answer in answers.iter().filter(|answer| answer.status() != StatusCode::ACCEPTED) {
        assert_eq!(reason(answer), "quota_photos");
    }
    assert_eq!(received(&app).await, i64::try_from(QUOTA_PHOTOS).unwrap());
    assert_eq!(app.count("SELECT COUNT(*) AS n FROM outbox_events").await, received(&app).await);
    assert_eq!(
        app.count("SELECT COUNT(*) AS n FROM photos").await,
        received(&app).await,
        "what was refused is cleared away"
    );
}

#[tokio::test]
async fn an_answer_is_given_again_where_there_is_no_room_for_another_photo() {
    let app = App::new().await;
    let send = async || {
        let request = Request::post("/api/v1/photos")
            .header(header::AUTHORIZATION, format!("Bearer {}", app.token(1)))
            .header(header::CONTENT_TYPE, "image/jpeg")
            .header("idempotency-key", "k");
        app.send(request.body(Body::from("picture")).unwrap()).await
    };
    let first = send().await;
    for _ in 1..QUOTA_PHOTOS {
        app.photo(1, "").await;
    }
    let again = send().await;
    assert_eq!((again.status(), again.body()), (StatusCode::ACCEPTED, first.body()));
}
