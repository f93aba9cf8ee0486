//! Choosing and changing passwords.

use crate::support::{PASSWORD, fixture, is_problem};
use axum::http::{Method, StatusCode};
use serde_json::json;

const CHANGE: &str = "/api/v1/auth/password";

#[tokio::test]
async fn what_is_guessed_first_is_not_taken() {
    let fixture = fixture().await;
    for password in ["password1", "12345678", "ada@example.org", "ada_lovelace1", "Qwerty123!"] {
        let body = json!({ "email": "ada@example.org", "handle": "ada_lovelace", "password": password });
        let answer = fixture.post("/api/v1/auth/register", &body).await;
        is_problem(&answer, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(answer.body["errors"][0]["field"], "password", "{password}");
        assert!(!answer.body["errors"].to_string().contains(password));
    }
}

#[tokio::test]
async fn changing_it_ends_the_other_sessions_and_the_trust_in_devices() {
    let fixture = fixture().await;
    let other = fixture.register("ada").await;
    let own = fixture.login("ada", PASSWORD).await;
    let token = own.text("/tokens/accessToken");
    let body = json!({ "currentPassword": PASSWORD, "newPassword": "new and better words" });
    let answer = fixture.act(Method::POST, &token, CHANGE, &body).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT, "{answer:?}");
    assert!(!fixture.live.is_live(fixture.session_of(&other.tokens.access_token)).await.unwrap());
    is_problem(&fixture.refresh(&other.tokens.refresh_token).await, StatusCode::UNAUTHORIZED);
    assert!(fixture.live.is_live(fixture.session_of(&token)).await.unwrap());
    assert_eq!(fixture.refresh(&own.text("/tokens/refreshToken")).await.status, StatusCode::OK);
    is_problem(&fixture.login("ada", PASSWORD).await, StatusCode::UNAUTHORIZED);
    assert_eq!(fixture.count("SELECT COUNT(*) AS n FROM devices").await, 0);
    assert_eq!(fixture.login("ada", "new and better words").await.status, StatusCode::OK);
}

#[tokio::test]
async fn who_has_only_stolen_a_session_cannot_change_it_nor_guess_on() {
    let fixture = fixture().await;
    let token = fixture.register("ada").await.tokens.access_token;
    let change = |current: &str, new: &str| {
        let body = json!({ "currentPassword": current, "newPassword": new });
        let (fixture, token) = (&fixture, &token);
        async move { fixture.act(Method::POST, token, CHANGE, &body).await }
    };
    for current in ["not the password", "", "\u{0}", "x", "still not the password"] {
        is_problem(&change(current, "new and better words").await, StatusCode::FORBIDDEN);
    }
    is_problem(&change(PASSWORD, "new and better words").await, StatusCode::TOO_MANY_REQUESTS);
    fixture.clock.advance(std::time::Duration::from_secs(60));
    for new in ["short", "password", "ada@example.org", "nul\u{0}nul\u{0}nul"] {
        let answer = change(PASSWORD, new).await;
        is_problem(&answer, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(answer.body["errors"][0]["field"], "newPassword");
    }
    let body = json!({ "currentPassword": PASSWORD, "newPassword": "new and better words" });
    is_problem(&fixture.call(Method::POST, CHANGE, &[], &body).await, StatusCode::UNAUTHORIZED);
    assert_eq!(fixture.login("ada", PASSWORD).await.status, StatusCode::OK);
}
