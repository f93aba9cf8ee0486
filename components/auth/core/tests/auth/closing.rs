//! Sessions that end while the gateway cannot be told.

use crate::support::{Fixture, PASSWORD, fixture, is_problem};
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use std::{sync::atomic::Ordering, time::Duration};
use uuid::Uuid;

/// That the gateway is told after the response of anything, once it can be.
async fn is_told_later(fixture: &Fixture, session: Uuid) {
    assert!(fixture.live.is_live(session).await.unwrap(), "it could not be told");
    fixture.clock.advance(Duration::from_secs(10));
    fixture.me(None).await;
    fixture.run_spawned().await;
    assert!(fixture.live.is_live(session).await.unwrap(), "it still cannot be told");
    fixture.meddler.keeps.store(false, Ordering::SeqCst);
    fixture.clock.advance(Duration::from_secs(10));
    fixture.me(None).await;
    fixture.run_spawned().await;
    assert!(!fixture.live.is_live(session).await.unwrap());
    assert_eq!(fixture.count("SELECT COUNT(*) AS n FROM closing").await, 0);
}

#[tokio::test]
async fn a_password_that_is_changed_ends_them_all_the_same() {
    let fixture = fixture().await;
    let other = fixture.session_of(&fixture.register("ada").await.tokens.access_token);
    let token = fixture.login("ada", PASSWORD).await.text("/tokens/accessToken");
    fixture.meddler.keeps.store(true, Ordering::SeqCst);
    let body = json!({ "currentPassword": PASSWORD, "newPassword": "new and better words" });
    let answer = fixture.act(Method::POST, &token, "/api/v1/auth/password", &body).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    is_told_later(&fixture, other).await;
    assert!(fixture.live.is_live(fixture.session_of(&token)).await.unwrap());
}

#[tokio::test]
async fn so_does_one_that_is_reset_and_an_account_that_is_deleted() {
    for delete in [false, true] {
        let fixture = fixture().await;
        let token = fixture.register("ada").await.tokens.access_token;
        fixture.run_spawned().await;
        fixture.clock.advance(Duration::from_secs(1));
        fixture.auth.request_password_reset("ada@example.org").await.unwrap();
        let secret = fixture.secret("ada@example.org").await;
        fixture.meddler.keeps.store(true, Ordering::SeqCst);
        if delete {
            let body = json!({ "password": PASSWORD });
            let answer = fixture.act(Method::POST, &token, "/api/v1/auth/delete-account", &body).await;
            assert_eq!(answer.status, StatusCode::NO_CONTENT);
        } else {
            fixture.auth.reset_password(&secret, "new and better words").await.unwrap();
        }
        is_told_later(&fixture, fixture.session_of(&token)).await;
    }
}

#[tokio::test]
async fn what_is_revoked_can_be_revoked_again_until_the_gateway_knows() {
    let fixture = fixture().await;
    let token = fixture.register("ada").await.tokens.access_token;
    let bob = fixture.register("bob").await.tokens.access_token;
    let body = json!({ "name": "a script", "scopes": ["account:read"], "password": PASSWORD });
    let made = fixture.act(Method::POST, &token, "/api/v1/auth/api-keys", &body).await;
    let (access, _) = fixture.auth.exchange(&made.text("/key")).await.unwrap();
    let id = fixture.session_of(&access);
    let path = format!("/api/v1/auth/api-keys/{id}");
    fixture.meddler.keeps.store(true, Ordering::SeqCst);
    is_problem(&fixture.act(Method::DELETE, &token, &path, &Value::Null).await, StatusCode::SERVICE_UNAVAILABLE);
    fixture.meddler.keeps.store(false, Ordering::SeqCst);
    is_problem(&fixture.act(Method::DELETE, &bob, &path, &Value::Null).await, StatusCode::NOT_FOUND);
    assert!(fixture.live.is_live(id).await.unwrap());
    assert_eq!(fixture.act(Method::DELETE, &token, &path, &Value::Null).await.status, StatusCode::NO_CONTENT);
    assert!(!fixture.live.is_live(id).await.unwrap());
    is_problem(&fixture.act(Method::DELETE, &token, &path, &Value::Null).await, StatusCode::NOT_FOUND);
}
