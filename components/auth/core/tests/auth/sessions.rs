//! Sessions: seen, ended, and never taken from whoever asks.

use crate::support::{PASSWORD, fixture, is_problem};
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use std::time::Duration;
use uuid::Uuid;

const SESSIONS: &str = "/api/v1/auth/sessions";
const LOGOUT: &str = "/api/v1/auth/logout";

#[tokio::test]
async fn they_are_listed_with_their_devices() {
    let fixture = fixture().await;
    let first = fixture.register("ada").await.tokens.access_token;
    fixture.clock.advance(Duration::from_secs(60));
    let body = json!({ "login": "ada", "password": PASSWORD });
    let phone = [("user-agent", "Phone/1.0 (a\tpocket)")];
    let second = fixture.call(Method::POST, "/api/v1/auth/login", &phone, &body).await.text("/tokens/accessToken");
    let answer = fixture.act(Method::GET, &first, SESSIONS, &Value::Null).await;
    assert_eq!((answer.status, answer.header("cache-control")), (StatusCode::OK, "no-store"));
    let expected = json!({ "items": [
        { "id": fixture.session_of(&second), "device": "Phone/1.0 (apocket)", "firstSeenAt": "2026-01-31T12:01:00.000Z",
            "lastSeenAt": "2026-01-31T12:01:00.000Z", "current": false },
        { "id": fixture.session_of(&first), "device": "tests", "firstSeenAt": "2026-01-31T12:00:00.000Z",
            "lastSeenAt": "2026-01-31T12:00:00.000Z", "current": true },
    ]});
    assert_eq!(answer.body, expected);
}

#[tokio::test]
async fn one_that_is_revoked_is_over_everywhere() {
    let fixture = fixture().await;
    let lost = fixture.register("ada").await.tokens;
    let kept = fixture.login("ada", PASSWORD).await.text("/tokens/accessToken");
    let session = fixture.session_of(&lost.access_token);
    assert!(fixture.live.is_live(session).await.unwrap());
    let path = format!("{SESSIONS}/{session}");
    // The second time is no error, so that what was left half done is ended.
    for _ in 0..2 {
        assert_eq!(fixture.act(Method::DELETE, &kept, &path, &Value::Null).await.status, StatusCode::NO_CONTENT);
        assert!(!fixture.live.is_live(session).await.unwrap());
    }
    is_problem(&fixture.refresh(&lost.refresh_token).await, StatusCode::UNAUTHORIZED);
    let answer = fixture.act(Method::GET, &lost.access_token, SESSIONS, &Value::Null).await;
    is_problem(&answer, StatusCode::UNAUTHORIZED);
    assert!(answer.header("www-authenticate").contains("invalid_token"));
    let left = fixture.act(Method::GET, &kept, SESSIONS, &Value::Null).await;
    assert_eq!(left.body["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn those_of_others_are_not_there() {
    let fixture = fixture().await;
    let ada = fixture.register("ada").await.tokens.access_token;
    let bob = fixture.register("bob").await.tokens.access_token;
    let session = fixture.session_of(&ada);
    for id in [session, Uuid::nil()] {
        let answer = fixture.act(Method::DELETE, &bob, &format!("{SESSIONS}/{id}"), &Value::Null).await;
        is_problem(&answer, StatusCode::NOT_FOUND);
    }
    assert!(fixture.live.is_live(session).await.unwrap());
    assert_eq!(fixture.act(Method::GET, &ada, SESSIONS, &Value::Null).await.status, StatusCode::OK);
    for (method, path) in [(Method::GET, SESSIONS.to_owned()), (Method::DELETE, format!("{SESSIONS}/{session}"))] {
        is_problem(&fixture.call(method, &path, &[], &Value::Null).await, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn logging_out_ends_the_session_and_says_the_same_of_any_token() {
    let fixture = fixture().await;
    let tokens = fixture.register("ada").await.tokens;
    let session = fixture.session_of(&tokens.access_token);
    for token in [json!("x"), json!(tokens.refresh_token), json!(tokens.refresh_token), Value::Null] {
        let answer = fixture.post(LOGOUT, &json!({ "refreshToken": token })).await;
        assert_eq!((answer.status, &answer.body), (StatusCode::NO_CONTENT, &Value::Null));
    }
    assert!(!fixture.live.is_live(session).await.unwrap());
    is_problem(&fixture.refresh(&tokens.refresh_token).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_login_never_goes_on_with_a_session_that_another_one_knows() {
    let fixture = fixture().await;
    // Mallory's own, planted in the browser of who logs in.
    let mallory = fixture.register("mallory").await;
    let known = format!(
        "__Host-vitrine_access={}; __Host-vitrine_refresh={}; __Host-vitrine_device={}",
        mallory.tokens.access_token, mallory.tokens.refresh_token, mallory.device_token
    );
    fixture.register("ada").await;
    let body = json!({ "login": "ada", "password": PASSWORD, "sid": fixture.session_of(&mallory.tokens.access_token) });
    let bearer = format!("Bearer {}", mallory.tokens.access_token);
    let headers = [("cookie", known.as_str()), ("authorization", bearer.as_str())];
    let answer = fixture.call(Method::POST, "/api/v1/auth/login", &headers, &body).await;
    let session = fixture.session_of(&answer.text("/tokens/accessToken"));
    assert_ne!(session, fixture.session_of(&mallory.tokens.access_token));
    assert_ne!(answer.text("/tokens/refreshToken"), mallory.tokens.refresh_token);
    assert_ne!(answer.text("/deviceToken"), mallory.device_token);
    assert_eq!(fixture.me(Some(&bearer)).await.body["handle"], "mallory");
    // Nor does a registration, whose account no device can know.
    let body = json!({ "email": "eve@example.org", "handle": "eve", "password": PASSWORD });
    let answer = fixture.call(Method::POST, "/api/v1/auth/register", &headers, &body).await;
    assert_ne!(fixture.session_of(&answer.text("/tokens/accessToken")), session);
    assert_ne!(answer.text("/deviceToken"), mallory.device_token);
}

#[tokio::test]
async fn beyond_a_hundred_the_longest_unseen_ends() {
    let fixture = fixture().await;
    let first = fixture.register("ada").await.tokens.access_token;
    for _ in 0..100 {
        fixture.clock.advance(Duration::from_secs(1));
        assert_eq!(fixture.login("ada", PASSWORD).await.status, StatusCode::OK);
    }
    assert!(!fixture.live.is_live(fixture.session_of(&first)).await.unwrap());
    assert_eq!(fixture.count("SELECT COUNT(*) AS n FROM sessions WHERE ended_at IS NULL").await, 100);
    assert_eq!(fixture.count("SELECT COUNT(*) AS n FROM devices").await, 100);
}

#[tokio::test]
async fn a_store_of_live_sessions_that_lost_them_costs_a_refresh() {
    let fixture = fixture().await;
    let tokens = fixture.register("ada").await.tokens;
    let session = fixture.session_of(&tokens.access_token);
    fixture.live.close(session).await.unwrap();
    assert_eq!(fixture.refresh(&tokens.refresh_token).await.status, StatusCode::OK);
    assert!(fixture.live.is_live(session).await.unwrap());
}
