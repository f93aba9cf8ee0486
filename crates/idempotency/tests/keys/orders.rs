//! Small requests that end in one transaction.

use crate::support::app;
use axum::http::StatusCode;
use std::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[tokio::test]
async fn the_same_request_again_gets_the_first_answer_and_has_no_second_effect() {
    let app = app().await;
    let (status, replayed, headers, body) = app.order("\"k1\"", "1").await;
    assert_eq!((status, replayed), (StatusCode::CREATED, false), "{body:?}");
    for key in ["\"k1\"", "k1"] {
        let again = app.order(key, "1").await;
        assert_eq!((again.0, again.1, &again.3), (StatusCode::CREATED, true, &body));
        assert_eq!(again.2["location"], "/orders/1");
        assert_eq!(again.2["content-type"], headers["content-type"]);
    }
    assert_eq!((app.count("orders").await, app.count("idempotency_keys").await), (1, 1));
}

#[tokio::test]
async fn without_a_key_nothing_is_kept() {
    let app = app().await;
    assert_eq!(app.post("ada", None, "/a/orders", r#"{"id":"1","amount":1}"#).await.0, StatusCode::CREATED);
    assert_eq!(app.post("ada", None, "/a/orders", r#"{"id":"1","amount":1}"#).await.0, StatusCode::CONFLICT);
    assert_eq!(app.count("idempotency_keys").await, 0);
}

#[tokio::test]
async fn another_request_with_the_key_is_refused() {
    let app = app().await;
    app.order("k1", "1").await;
    let body = r#"{"id":"1","amount":5}"#;
    for (path, body) in [("/a/orders", r#"{"id":"2","amount":5}"#), ("/b/orders", body), ("/a/orders?x=1", body)] {
        let (status, replayed, headers, body) = app.post("ada", Some("k1"), path, body).await;
        assert_eq!((status, replayed), (StatusCode::UNPROCESSABLE_ENTITY, false), "{path}");
        assert_eq!(headers["content-type"], "application/problem+json");
        assert!(String::from_utf8_lossy(&body).contains("/problems/key-reused"), "{body:?}");
    }
    assert_eq!(app.count("orders").await, 1);
}

#[tokio::test]
async fn keys_of_other_callers_are_other_keys() {
    let app = app().await;
    app.order("k1", "1").await;
    let (status, replayed, ..) = app.post("eve", Some("k1"), "/a/orders", r#"{"id":"2","amount":5}"#).await;
    assert_eq!((status, replayed), (StatusCode::CREATED, false));
    assert_eq!((app.count("orders").await, app.count("idempotency_keys").await), (2, 2));
}

#[tokio::test]
async fn what_was_refused_is_judged_anew() {
    let app = app().await;
    app.order("k1", "1").await;
    assert_eq!(app.order("k2", "1").await.0, StatusCode::CONFLICT);
    app.db.execute("DELETE FROM orders", []).await.unwrap();
    let (status, replayed, ..) = app.order("k2", "1").await;
    assert_eq!((status, replayed), (StatusCode::CREATED, false));
}

#[tokio::test]
async fn a_header_that_is_no_key_is_refused_before_anything_is_done() {
    let app = app().await;
    let long = "k".repeat(256);
    for key in ["", "\"\"", "\"k", "a b", "\u{e4}", &long] {
        let (status, _, _, body) = app.order(key, "1").await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{key}");
        assert!(String::from_utf8_lossy(&body).contains(r#""field":"Idempotency-Key""#), "{body:?}");
    }
    assert_eq!(app.order(&"k".repeat(255), "1").await.0, StatusCode::CREATED);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_at_once_one_has_an_effect_and_all_get_its_answer() {
    let app = std::sync::Arc::new(app().await);
    let tasks: Vec<_> = (0..16)
        .map(|_| {
            let app = app.clone();
            tokio::spawn(async move { app.order("k1", "1").await })
        })
        .collect();
    let mut first = 0;
    for task in tasks {
        let (status, replayed, _, body) = task.await.unwrap();
        assert_eq!((status, &body[..]), (StatusCode::CREATED, &br#"{"amount":5,"order":"1"}"#[..]));
        first += i32::from(!replayed);
    }
    assert_eq!((first, app.count("orders").await), (1, 1));
}

#[tokio::test]
async fn a_key_is_forgotten_after_a_day() {
    let app = app().await;
    app.order("k1", "1").await;
    app.clock.advance(DAY - Duration::from_millis(1));
    assert!(app.order("k1", "1").await.1);
    app.clock.advance(Duration::from_millis(1));
    let (status, replayed, ..) = app.order("k1", "2").await;
    assert_eq!((status, replayed), (StatusCode::CREATED, false), "the key is free for another request");
    assert_eq!(app.count("idempotency_keys").await, 1);
}

#[tokio::test]
async fn what_has_expired_is_cleared_away_in_time() {
    let app = app().await;
    for n in 0..20 {
        app.order(&format!("old{n}"), &format!("old{n}")).await;
    }
    app.clock.advance(DAY);
    for n in 0..400 {
        app.order(&format!("new{n}"), &format!("new{n}")).await;
    }
    assert_eq!(app.count("idempotency_keys").await, 400);
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_is_an_error_and_no_crash() {
    let app = app().await;
    app.order("k1", "1").await;
    app.db.execute("UPDATE idempotency_keys SET answer = '{}'", []).await.unwrap();
    assert_eq!(app.order("k1", "1").await.0, StatusCode::INTERNAL_SERVER_ERROR);
}
