//! Keys of programs.

use crate::support::{ADMIN_TOKEN, Answer, EXCHANGE_TOKEN, Fixture, PASSWORD, fixture, is_problem};
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use std::time::Duration;

const KEYS: &str = "/api/v1/auth/api-keys";

async fn create(fixture: &Fixture, token: &str, scopes: Value) -> Answer {
    fixture
        .act(Method::POST, token, KEYS, &json!({ "name": " my script ", "scopes": scopes, "password": PASSWORD }))
        .await
}

/// What the gateway does with a key.
async fn exchange(fixture: &Fixture, key: &str) -> Answer {
    let bearer = format!("Bearer {EXCHANGE_TOKEN}");
    fixture.call(Method::POST, "/_token", &[("authorization", bearer.as_str())], &json!({ "apiKey": key })).await
}

#[tokio::test]
async fn a_key_is_shown_once_and_makes_tokens_of_its_scopes() {
    let fixture = fixture().await;
    let owner = fixture.verified("root").await;
    let token = owner.tokens.access_token;
    let made = create(&fixture, &token, json!(["photos:write", "account:read"])).await;
    assert_eq!((made.status, made.header("cache-control")), (StatusCode::CREATED, "no-store"));
    let (key, id) = (made.text("/key"), made.text("/apiKey/id"));
    assert!(key.starts_with(&format!("vk_{}_", id.replace('-', ""))), "{key}");
    let stored = format!("{:?}", fixture.db.query("SELECT * FROM api_keys", []).await.unwrap());
    assert!(!stored.contains(key.splitn(3, '_').nth(2).unwrap()));
    let answer = exchange(&fixture, &key).await;
    assert_eq!((answer.status, &answer.body["expiresIn"]), (StatusCode::OK, &json!(900)), "{answer:?}");
    let access = answer.text("/accessToken");
    let caller = fixture.verifier.verify(&access).unwrap();
    assert_eq!((caller.account_id, caller.session_id.to_string()), (owner.account.id, id.clone()));
    assert_eq!(caller.scopes.as_deref().unwrap(), ["account:read", "photos:write"]);
    assert!(caller.has_role("user") && !caller.has_role("admin"), "a key has no power over others");
    assert!(fixture.live.is_live(caller.session_id).await.unwrap());
    assert_eq!(fixture.me(Some(&format!("Bearer {access}"))).await.body["handle"], "root");
    let list = fixture.act(Method::GET, &token, KEYS, &Value::Null).await;
    let expected = json!({ "items": [{
        "id": id, "name": "my script", "scopes": ["account:read", "photos:write"],
        "createdAt": "2026-01-31T12:00:00.000Z", "lastUsedAt": "2026-01-31T12:00:00.000Z"
    }]});
    assert_eq!(list.body, expected);
}

#[tokio::test]
async fn a_key_that_is_revoked_is_over_everywhere() {
    let fixture = fixture().await;
    let token = fixture.register("ada").await.tokens.access_token;
    let made = create(&fixture, &token, json!(["account:read"])).await;
    let access = exchange(&fixture, &made.text("/key")).await.text("/accessToken");
    let path = format!("{KEYS}/{}", made.text("/apiKey/id"));
    let bob = fixture.register("bob").await.tokens.access_token;
    is_problem(&fixture.act(Method::DELETE, &bob, &path, &Value::Null).await, StatusCode::NOT_FOUND);
    assert_eq!(fixture.act(Method::GET, &bob, KEYS, &Value::Null).await.body, json!({ "items": [] }));
    assert_eq!(exchange(&fixture, &made.text("/key")).await.status, StatusCode::OK);
    assert_eq!(fixture.act(Method::DELETE, &token, &path, &Value::Null).await.status, StatusCode::NO_CONTENT);
    is_problem(&fixture.act(Method::DELETE, &token, &path, &Value::Null).await, StatusCode::NOT_FOUND);
    is_problem(&exchange(&fixture, &made.text("/key")).await, StatusCode::UNAUTHORIZED);
    assert!(!fixture.live.is_live(fixture.session_of(&access)).await.unwrap());
    is_problem(&fixture.me(Some(&format!("Bearer {access}"))).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_key_changes_nothing_of_its_account() {
    let fixture = fixture().await;
    let token = fixture.register("ada").await.tokens.access_token;
    let key = create(&fixture, &token, json!(["photos:read"])).await.text("/key");
    let access = exchange(&fixture, &key).await.text("/accessToken");
    for (method, path) in [
        (Method::GET, "/api/v1/auth/me"),
        (Method::GET, "/api/v1/auth/sessions"),
        (Method::GET, KEYS),
        (Method::POST, "/api/v1/auth/request-verification"),
    ] {
        is_problem(&fixture.act(method, &access, path, &Value::Null).await, StatusCode::FORBIDDEN);
    }
    is_problem(&create(&fixture, &access, json!(["photos:write"])).await, StatusCode::FORBIDDEN);
    let body = json!({ "password": PASSWORD });
    is_problem(&fixture.act(Method::POST, &access, "/api/v1/auth/totp/begin", &body).await, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn what_is_no_key_is_refused() {
    let fixture = fixture().await;
    let token = fixture.register("ada").await.tokens.access_token;
    let key = create(&fixture, &token, json!(["photos:read"])).await.text("/key");
    let other_secret = format!("{}_{}", &key[..35], "x".repeat(43));
    let unknown = format!("vk_{}_{}", "0".repeat(32), "x".repeat(43));
    for wrong in ["", "vk_", "\u{0}", &token, &other_secret, &unknown, &key.to_uppercase(), &key[..key.len() - 1]] {
        is_problem(&exchange(&fixture, wrong).await, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(exchange(&fixture, &key).await.status, StatusCode::OK);
}

#[tokio::test]
async fn only_services_exchange_keys() {
    let fixture = fixture().await;
    let token = fixture.register("ada").await.tokens.access_token;
    let key = create(&fixture, &token, json!(["photos:read"])).await.text("/key");
    for authorization in ["", "Bearer x", &format!("Bearer {ADMIN_TOKEN}"), &format!("Bearer {token}")] {
        let headers = [("authorization", authorization)];
        let body = json!({ "apiKey": key });
        is_problem(&fixture.call(Method::POST, "/_token", &headers, &body).await, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn names_scopes_and_their_number_are_bounded() {
    let fixture = fixture().await;
    let token = fixture.register("ada").await.tokens.access_token;
    let answer = fixture
        .act(Method::POST, &token, KEYS, &json!({ "name": "a\u{0}", "scopes": ["admin"], "password": PASSWORD }))
        .await;
    is_problem(&answer, StatusCode::UNPROCESSABLE_ENTITY);
    let fields: Vec<_> = answer.body["errors"].as_array().unwrap().iter().map(|error| &error["field"]).collect();
    assert_eq!(fields, ["name", "scopes"]);
    is_problem(&create(&fixture, &token, json!([])).await, StatusCode::UNPROCESSABLE_ENTITY);
    for _ in 0..50 {
        assert_eq!(create(&fixture, &token, json!(["photos:read"])).await.status, StatusCode::CREATED);
        fixture.clock.advance(Duration::from_millis(1));
    }
    is_problem(&create(&fixture, &token, json!(["photos:read"])).await, StatusCode::CONFLICT);
}

#[tokio::test]
async fn who_has_only_stolen_a_session_makes_no_key_nor_guesses_on() {
    let fixture = fixture().await;
    let token = fixture.register("ada").await.tokens.access_token;
    let with = |password: Value| {
        let body = json!({ "name": "a script", "scopes": ["photos:read"], "password": password });
        let (fixture, token) = (&fixture, &token);
        async move { fixture.act(Method::POST, token, KEYS, &body).await }
    };
    is_problem(&with(Value::Null).await, StatusCode::UNPROCESSABLE_ENTITY);
    for password in ["", "not the password", "\u{0}", "x", "still not the password"] {
        let answer = with(json!(password)).await;
        is_problem(&answer, StatusCode::FORBIDDEN);
        assert_eq!(answer.body["reason"], "wrong_password");
    }
    is_problem(&with(json!(PASSWORD)).await, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(fixture.count("SELECT COUNT(*) AS n FROM api_keys").await, 0);
    fixture.clock.advance(Duration::from_secs(60));
    assert_eq!(with(json!(PASSWORD)).await.status, StatusCode::CREATED);
}
