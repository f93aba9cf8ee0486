//! Addresses that are verified, and passwords that are reset, by mail.

use crate::support::{Fixture, PASSWORD, fixture, is_problem};
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use std::time::Duration;

const VERIFY: &str = "/api/v1/auth/verify-email";
const REQUEST: &str = "/api/v1/auth/request-password-reset";
const RESET: &str = "/api/v1/auth/reset-password";
const ADA: &str = "ada@example.org";
const NEW: &str = "new and better words";

#[tokio::test]
async fn an_address_is_verified_once_by_what_was_sent_to_it() {
    let fixture = fixture().await;
    let token = fixture.register("ada").await.tokens.access_token;
    let secret = fixture.secret(ADA).await;
    for wrong in ["", "x", &secret[1..], "\u{0}"] {
        let answer = fixture.post(VERIFY, &json!({ "token": wrong })).await;
        is_problem(&answer, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(answer.body["errors"][0]["field"], "token");
    }
    assert_eq!(fixture.post(VERIFY, &json!({ "token": secret })).await.status, StatusCode::NO_CONTENT);
    is_problem(&fixture.post(VERIFY, &json!({ "token": secret })).await, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(fixture.me(Some(&format!("Bearer {token}"))).await.body["emailVerified"], true);
    // Nothing more is sent to an address that is verified.
    let again = fixture.act(Method::POST, &token, "/api/v1/auth/request-verification", &Value::Null).await;
    assert_eq!(again.status, StatusCode::ACCEPTED);
    assert_eq!(fixture.subjects(ADA).await.len(), 1);
    is_problem(&fixture.post("/api/v1/auth/request-verification", &json!({})).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_secret_expires_and_is_good_for_its_purpose_only() {
    let fixture = fixture().await;
    fixture.register("ada").await;
    let verify = fixture.secret(ADA).await;
    fixture.clock.advance(Duration::from_secs(1));
    fixture.auth.request_password_reset(ADA).await.unwrap();
    let reset = fixture.secret(ADA).await;
    let with = |token: &str| json!({ "token": token, "password": NEW });
    is_problem(&fixture.post(RESET, &with(&verify)).await, StatusCode::UNPROCESSABLE_ENTITY);
    is_problem(&fixture.post(VERIFY, &with(&reset)).await, StatusCode::UNPROCESSABLE_ENTITY);
    fixture.clock.advance(Duration::from_secs(60 * 60));
    is_problem(&fixture.post(RESET, &with(&reset)).await, StatusCode::UNPROCESSABLE_ENTITY);
    fixture.clock.advance(Duration::from_secs(47 * 60 * 60));
    is_problem(&fixture.post(VERIFY, &with(&verify)).await, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(fixture.login("ada", PASSWORD).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_reset_ends_all_sessions_and_lets_its_owner_in_whoever_guesses() {
    let fixture = fixture().await;
    let begun = fixture.register("ada").await;
    fixture.subjects(ADA).await;
    fixture.clock.advance(Duration::from_secs(1));
    assert_eq!(fixture.post(REQUEST, &json!({ "email": "ADA@Example.org" })).await.status, StatusCode::ACCEPTED);
    let secret = fixture.secret(ADA).await;
    let bad = fixture.post(RESET, &json!({ "token": secret, "password": "password" })).await;
    is_problem(&bad, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(bad.body["errors"][0]["field"], "password");
    let answer = fixture.post(RESET, &json!({ "token": secret, "password": NEW })).await;
    assert_eq!((answer.status, answer.header("cache-control")), (StatusCode::OK, "no-store"));
    is_problem(
        &fixture.post(RESET, &json!({ "token": secret, "password": PASSWORD })).await,
        StatusCode::UNPROCESSABLE_ENTITY,
    );
    assert!(!fixture.live.is_live(fixture.session_of(&begun.tokens.access_token)).await.unwrap());
    is_problem(&fixture.refresh(&begun.tokens.refresh_token).await, StatusCode::UNAUTHORIZED);
    is_problem(&fixture.login("ada", PASSWORD).await, StatusCode::UNAUTHORIZED);
    for _ in 0..6 {
        fixture.login("ada", "not the password").await;
    }
    is_problem(&fixture.login("ada", NEW).await, StatusCode::TOO_MANY_REQUESTS);
    let body = json!({ "login": "ada", "password": NEW, "deviceToken": answer.text("/deviceToken") });
    assert_eq!(fixture.post("/api/v1/auth/login", &body).await.status, StatusCode::OK);
    fixture.clock.advance(Duration::from_secs(1));
    assert_eq!(fixture.subjects(ADA).await[0], "Your password was changed");
}

#[tokio::test]
async fn the_answer_is_the_same_whether_there_is_such_an_account() {
    let fixture = fixture().await;
    fixture.verified("ada").await;
    let mut answers = Vec::new();
    for email in [ADA, "nobody@example.org"] {
        let answer = fixture.post(REQUEST, &json!({ "email": email })).await;
        answers.push((answer.status, answer.body));
        // The same work, too: one row, and no look at the accounts.
        assert_eq!(fixture.count("SELECT COUNT(*) AS n FROM mails").await, answers.len() as i64);
    }
    assert_eq!(answers[0], answers[1]);
    fixture.auth.deliver_mail().await.unwrap();
    assert_eq!(fixture.count("SELECT COUNT(*) AS n FROM mails").await, 0);
    assert!(fixture.subjects("nobody@example.org").await.is_empty());
    is_problem(&fixture.post(REQUEST, &json!({ "email": "nowhere" })).await, StatusCode::UNPROCESSABLE_ENTITY);
}

/// Has the password of `ada` reset.
async fn reset(fixture: &Fixture) {
    fixture.subjects(ADA).await;
    fixture.clock.advance(Duration::from_secs(1));
    fixture.auth.request_password_reset(ADA).await.unwrap();
    let body = json!({ "token": fixture.secret(ADA).await, "password": NEW });
    assert_eq!(fixture.post(RESET, &body).await.status, StatusCode::OK);
}

/// Sets a second factor up.
async fn protect(fixture: &Fixture, token: &str) {
    let body = json!({ "password": PASSWORD });
    let begun = fixture.act(Method::POST, token, "/api/v1/auth/totp/begin", &body).await.text("/secret");
    let totp = totp_rs::Builder::new().with_secret(totp_rs::Secret::try_from_base32(begun).unwrap()).build().unwrap();
    let now = vitrine_clock::Clock::now(&fixture.clock).as_seconds();
    let body = json!({ "code": totp.generate(u64::try_from(now).unwrap()).to_string() });
    let answer = fixture.act(Method::POST, token, "/api/v1/auth/totp/confirm", &body).await;
    assert_eq!(answer.status, StatusCode::OK);
}

#[tokio::test]
async fn a_reset_ends_api_keys_and_their_tokens() {
    let fixture = fixture().await;
    let token = fixture.register("ada").await.tokens.access_token;
    let body = json!({ "name": "a script", "scopes": ["account:read"], "password": PASSWORD });
    let key = fixture.act(Method::POST, &token, "/api/v1/auth/api-keys", &body).await.text("/key");
    let (access, _) = fixture.auth.exchange(&key).await.unwrap();
    reset(&fixture).await;
    assert_eq!(fixture.auth.exchange(&key).await, Err(auth_core::Error::InvalidApiKey));
    assert!(!fixture.live.is_live(fixture.session_of(&access)).await.unwrap());
    assert_eq!(fixture.count("SELECT COUNT(*) AS n FROM audit WHERE kind = 'api-key-revoked'").await, 1);
}

#[tokio::test]
async fn who_registers_the_address_of_another_leaves_no_second_factor_behind() {
    let fixture = fixture().await;
    let mallory = fixture.register("ada").await.tokens.access_token;
    protect(&fixture, &mallory).await;
    reset(&fixture).await;
    let login = fixture.login("ada", NEW).await;
    assert_eq!((login.status, &login.body["account"]["emailVerified"]), (StatusCode::OK, &json!(true)));
    assert_eq!(fixture.count("SELECT COUNT(*) AS n FROM recovery_codes").await, 0);
}

#[tokio::test]
async fn the_second_factor_of_who_has_shown_the_address_stays() {
    let fixture = fixture().await;
    let token = fixture.verified("ada").await.tokens.access_token;
    protect(&fixture, &token).await;
    reset(&fixture).await;
    let login = fixture.login("ada", NEW).await;
    is_problem(&login, StatusCode::UNAUTHORIZED);
    assert_eq!(login.body["reason"], "totp_required");
}
