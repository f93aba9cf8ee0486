//! What the worker tells: attempts that may die, and results, each of which may come twice.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::json;
use support::{App, processed};
use uuid::Uuid;

async fn app() -> App {
    App::new().await
}

#[tokio::test]
async fn a_photo_that_kills_two_attempts_is_rejected_at_the_third() {
    let app = app().await;
    let (photo, event) = app.received(1).await;
    for attempt in 1..=2 {
        let (status, body) = app.begin_attempt(photo, event).await;
        assert_eq!((status, body), (StatusCode::OK, json!({ "attempt": attempt, "verdict": "go" })));
    }
    for _ in 0..2 {
        let (_, body) = app.begin_attempt(photo, event).await;
        assert_eq!(body, json!({ "attempt": 3, "verdict": "stop" }));
    }
    let (_, body) = app.get(1, &format!("/api/v1/photos/{photo}")).await;
    assert_eq!(body["photo"]["status"], "rejected");
    let reason = body["photo"]["rejection"].as_str().unwrap();
    assert!(reason.contains("stopped the decoder twice"), "{reason}");
}

#[tokio::test]
async fn an_attempt_that_has_ended_does_not_count() {
    let app = app().await;
    let (photo, event) = app.received(1).await;
    for _ in 0..5 {
        let (_, body) = app.begin_attempt(photo, event).await;
        assert_eq!(body, json!({ "attempt": 1, "verdict": "go" }));
        for _ in 0..2 {
            let ended = app.private("DELETE", &format!("/_photos/{photo}/attempts/1"), &json!(null)).await.0;
            assert_eq!(ended, StatusCode::NO_CONTENT, "also the second time");
        }
    }
}

#[tokio::test]
async fn a_finished_photo_is_not_tried_again() {
    let app = app().await;
    let (photo, event) = app.received(1).await;
    app.begin_attempt(photo, event).await;
    app.finish(photo, event, processed()).await;
    assert_eq!(app.begin_attempt(photo, event).await.1["verdict"], "stop");
    let (_, body) = app.get(1, &format!("/api/v1/photos/{photo}")).await;
    assert_eq!(body["photo"]["status"], "processed");
}

#[tokio::test]
async fn the_first_result_counts_and_others_change_nothing() {
    let app = app().await;
    let (photo, event) = app.received(1).await;
    let rejected = || json!({ "status": "rejected", "reason": "The JPEG is damaged." });
    for outcome in [processed(), processed(), rejected()] {
        assert_eq!(app.finish(photo, event, outcome).await, StatusCode::NO_CONTENT);
    }
    let (_, body) = app.get(1, &format!("/api/v1/photos/{photo}")).await;
    assert_eq!(body["photo"]["status"], "processed");
    assert_eq!(body["photo"]["renditions"].as_array().unwrap().len(), 1);

    let (photo, event) = app.received(1).await;
    for outcome in [rejected(), processed()] {
        assert_eq!(app.finish(photo, event, outcome).await, StatusCode::NO_CONTENT);
    }
    let (_, body) = app.get(1, &format!("/api/v1/photos/{photo}")).await;
    assert_eq!(
        (&body["photo"]["status"], &body["photo"]["rejection"]),
        (&"rejected".into(), &"The JPEG is damaged.".into())
    );
}

#[tokio::test]
async fn results_that_cannot_be_are_refused() {
    let app = app().await;
    let (photo, event) = app.received(1).await;
    let (other, _) = app.received(1).await;
    assert_eq!(app.finish(other, event, processed()).await, StatusCode::CONFLICT);
    assert_eq!(app.finish(Uuid::from_u128(7), event, processed()).await, StatusCode::NOT_FOUND);
    assert_eq!(app.begin_attempt(other, event).await.0, StatusCode::CONFLICT);
    assert_eq!(app.begin_attempt(Uuid::from_u128(7), event).await.0, StatusCode::NOT_FOUND);
    for (photo, paths, status) in [
        (other, json!(["small/00"]), StatusCode::UNPROCESSABLE_ENTITY),
        (other, json!([]), StatusCode::UNPROCESSABLE_ENTITY),
        (other, json!([format!("../{}", "0f".repeat(32))]), StatusCode::UNPROCESSABLE_ENTITY),
        (other, json!(vec![format!("small/{}", "0f".repeat(32)); 101]), StatusCode::UNPROCESSABLE_ENTITY),
        (other, json!([format!("small/{}", "0f".repeat(32))]), StatusCode::CONFLICT),
        (Uuid::from_u128(7), json!([format!("small/{}", "0f".repeat(32))]), StatusCode::NOT_FOUND),
    ] {
        let body = json!({ "eventId": event, "paths": paths });
        assert_eq!(app.private("PUT", &format!("/_photos/{photo}/written"), &body).await.0, status, "{paths}");
    }
    let broken = |key: &str, value: serde_json::Value| {
        let mut outcome = processed();
        outcome["renditions"][0][key] = value;
        outcome
    };
    for outcome in [
        json!({ "status": "done" }),
        json!({ "status": "rejected" }),
        json!({ "status": "rejected", "reason": "" }),
        json!({ "status": "processed", "width": 1, "height": 1, "renditions": [] }),
        broken("sha256", "xyz".into()),
        broken("width", 0.into()),
        broken("type", "text/html".into()),
        broken("name", "../large".into()),
    ] {
        assert_eq!(app.finish(photo, event, outcome.clone()).await, StatusCode::UNPROCESSABLE_ENTITY, "{outcome}");
    }
    let (_, body) = app.get(1, &format!("/api/v1/photos/{photo}")).await;
    assert_eq!(body["photo"]["status"], "received");
}

#[tokio::test]
async fn only_services_get_in() {
    let app = app().await;
    let (photo, event) = app.received(1).await;
    let user = app.token(1);
    for token in [&user, "x"] {
        for (method, path) in [("POST", "attempts"), ("PUT", "result"), ("PUT", "written"), ("DELETE", "attempts/1")] {
            let request = Request::builder()
                .method(method)
                .uri(format!("/_photos/{photo}/{path}"))
                .header("authorization", format!("Bearer {token}"))
                .header("content-type", "application/json")
                .body(Body::from(json!({ "eventId": event }).to_string()))
                .unwrap();
            assert_eq!(app.send(request).await.status(), StatusCode::UNAUTHORIZED, "{method} {path}");
        }
    }
}
