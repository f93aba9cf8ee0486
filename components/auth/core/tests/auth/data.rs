//! What has happened, what is held, and the end of it.

use crate::support::{Answer, Fixture, PASSWORD, SERVICE_TOKEN, fixture, is_problem};
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use std::time::Duration;

const AUDIT: &str = "/api/v1/auth/audit";
const ALL: &str = "/api/v1/auth/admin/audit";
const DELETE: &str = "/api/v1/auth/delete-account";

async fn get(fixture: &Fixture, token: &str, path: &str) -> Answer {
    fixture.act(Method::GET, token, path, &Value::Null).await
}

/// The kinds on a page of the log.
fn kinds(answer: &Answer) -> Vec<String> {
    assert_eq!((answer.status, answer.header("cache-control")), (StatusCode::OK, "no-store"), "{answer:?}");
    let items = answer.body["items"].as_array().unwrap();
    items.iter().map(|item| item["kind"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn the_log_tells_its_owner_what_has_happened() {
    let fixture = fixture().await;
    let token = fixture.verified("ada").await.tokens.access_token;
    fixture.register("bob").await;
    let tick = || fixture.clock.advance(Duration::from_millis(1));
    tick();
    fixture.login("ada", "not the password").await;
    fixture.login("nobody", "not the password").await;
    tick();
    let other = fixture.login("ada", PASSWORD).await.text("/tokens/accessToken");
    tick();
    let session = fixture.session_of(&other);
    fixture.act(Method::DELETE, &token, &format!("/api/v1/auth/sessions/{session}"), &Value::Null).await;
    tick();
    let body = json!({ "name": "a script", "scopes": ["photos:read"], "password": PASSWORD });
    let key = fixture.act(Method::POST, &token, "/api/v1/auth/api-keys", &body).await.text("/apiKey/id");
    tick();
    fixture.act(Method::DELETE, &token, &format!("/api/v1/auth/api-keys/{key}"), &Value::Null).await;
    tick();
    let body = json!({ "currentPassword": PASSWORD, "newPassword": "new and better words" });
    fixture.act(Method::POST, &token, "/api/v1/auth/password", &body).await;
    let expected =
        ["password-changed", "api-key-revoked", "api-key-created", "session-revoked", "logged-in", "login-failed"];
    let all = get(&fixture, &token, AUDIT).await;
    assert_eq!(kinds(&all)[..6], expected);
    assert_eq!(kinds(&all).len(), 8, "and two of the same moment: registered, email-verified");
    assert_eq!(all.body["items"][3]["sessionId"], json!(session));
    assert_eq!(all.body["items"][2]["detail"], "a script");
    // By pages.
    let first = get(&fixture, &token, &format!("{AUDIT}?limit=3")).await;
    let cursor = first.text("/nextCursor");
    let second = get(&fixture, &token, &format!("{AUDIT}?limit=5&cursor={cursor}")).await;
    assert_eq!([kinds(&first), kinds(&second)].concat(), kinds(&all));
    assert!(second.body.get("nextCursor").is_none());
    for query in ["limit=0", "limit=201", "limit=x", "cursor=x"] {
        is_problem(&get(&fixture, &token, &format!("{AUDIT}?{query}")).await, StatusCode::BAD_REQUEST);
    }
    is_problem(&fixture.call(Method::GET, AUDIT, &[], &Value::Null).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn admins_read_all_of_it_and_nobody_else() {
    let fixture = fixture().await;
    let ada = fixture.register("ada").await;
    is_problem(&get(&fixture, &ada.tokens.access_token, ALL).await, StatusCode::FORBIDDEN);
    fixture.clock.advance(Duration::from_millis(1));
    let root = fixture.verified("root").await.tokens.access_token;
    fixture.login("nobody", "not the password").await;
    let all = kinds(&get(&fixture, &root, ALL).await);
    for kind in ["registered", "email-verified", "roles-changed", "login-failed"] {
        assert!(all.iter().any(|it| it == kind), "{kind}: {all:?}");
    }
    let one = get(&fixture, &root, &format!("{ALL}?account={}", ada.account.id)).await;
    assert_eq!(kinds(&one), ["registered"]);
    assert_eq!(one.body["items"][0]["accountId"], json!(ada.account.id));
    is_problem(&get(&fixture, &root, &format!("{ALL}?account=x")).await, StatusCode::BAD_REQUEST);
    // Nobody's are kept for a day.
    fixture.clock.advance(Duration::from_secs(25 * 60 * 60));
    fixture.login("ada", "not the password").await;
    assert_eq!(fixture.count("SELECT COUNT(*) AS n FROM audit WHERE account_id IS NULL").await, 0);
}

#[tokio::test]
async fn a_stolen_refresh_token_is_in_the_log() {
    let fixture = fixture().await;
    let tokens = fixture.register("ada").await.tokens;
    fixture.refresh(&tokens.refresh_token).await;
    fixture.clock.advance(Duration::from_secs(11));
    fixture.refresh(&tokens.refresh_token).await;
    let token = fixture.login("ada", PASSWORD).await.text("/tokens/accessToken");
    assert!(kinds(&get(&fixture, &token, AUDIT).await).contains(&"refresh-reused".to_owned()));
}

#[tokio::test]
async fn all_that_is_held_is_told_and_no_secret_of_it() {
    let fixture = fixture().await;
    let owner = fixture.register("ada").await;
    let token = owner.tokens.access_token;
    let body = json!({ "name": "a script", "scopes": ["photos:read"], "password": PASSWORD });
    let key = fixture.act(Method::POST, &token, "/api/v1/auth/api-keys", &body).await;
    let export = get(&fixture, &token, "/api/v1/auth/export").await;
    assert_eq!((export.status, export.header("cache-control")), (StatusCode::OK, "no-store"));
    assert_eq!(export.text("/account/email"), "ada@example.org");
    assert_eq!(export.text("/sessions/0/device"), "tests");
    assert_eq!(export.text("/apiKeys/0/id"), key.text("/apiKey/id"));
    assert_eq!(export.body["devices"], json!(["2026-01-31T12:00:00.000Z"]));
    assert_eq!(export.body["recoveryCodesLeft"], 0);
    assert!(export.body["audit"].as_array().unwrap().len() >= 3);
    let key = key.text("/key");
    for secret in [owner.tokens.refresh_token.as_str(), owner.device_token.as_str(), key.as_str(), "argon2"] {
        assert!(!export.body.to_string().contains(secret));
    }
    is_problem(&fixture.call(Method::GET, "/api/v1/auth/export", &[], &Value::Null).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_deleted_account_is_gone_and_every_service_hears_of_it() {
    let fixture = fixture().await;
    let ada = fixture.register("ada").await;
    let bob = fixture.register("bob").await;
    let token = ada.tokens.access_token;
    is_problem(
        &fixture.act(Method::POST, &token, DELETE, &json!({ "password": "not the password" })).await,
        StatusCode::FORBIDDEN,
    );
    is_problem(&fixture.post(DELETE, &json!({ "password": PASSWORD })).await, StatusCode::UNAUTHORIZED);
    let answer = fixture.act(Method::POST, &token, DELETE, &json!({ "password": PASSWORD })).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT, "{answer:?}");
    assert!(!fixture.live.is_live(fixture.session_of(&token)).await.unwrap());
    is_problem(&fixture.me(Some(&format!("Bearer {token}"))).await, StatusCode::UNAUTHORIZED);
    is_problem(&fixture.refresh(&ada.tokens.refresh_token).await, StatusCode::UNAUTHORIZED);
    is_problem(&fixture.login("ada", PASSWORD).await, StatusCode::UNAUTHORIZED);
    for table in ["accounts", "sessions", "refresh_tokens", "devices", "mails"] {
        let left = fixture.count(&format!("SELECT COUNT(*) AS n FROM {table}")).await;
        assert_eq!(left, 1, "{table}: only Bob's");
    }
    let left = fixture.db.query("SELECT * FROM audit WHERE account_id = $1", [ada.account.id.into()]).await.unwrap();
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].get::<String>("kind").unwrap(), "account-deleted");
    assert_eq!(fixture.me(Some(&format!("Bearer {}", bob.tokens.access_token))).await.status, StatusCode::OK);
    // What the relay claims.
    let claim = json!({
        "consumers": { "vitrine.account.deleted.v1": ["upload"] }, "perConsumer": { "upload": 2 }, "limit": 10, "leaseMs": 1000
    });
    let bearer = format!("Bearer {SERVICE_TOKEN}");
    let headers = [("authorization", bearer.as_str())];
    let claimed = fixture.call(Method::POST, "/_outbox/claim", &headers, &claim).await;
    let deliveries = claimed.body["deliveries"].as_array().unwrap();
    assert_eq!(deliveries.len(), 1, "{claimed:?}");
    assert_eq!(deliveries[0]["event"]["type"], auth_core::ACCOUNT_DELETED);
    assert_eq!(deliveries[0]["event"]["data"], json!({ "accountId": ada.account.id }));
    is_problem(&fixture.call(Method::POST, "/_outbox/claim", &[], &claim).await, StatusCode::UNAUTHORIZED);
    // The handle and the address are free again.
    fixture.register("ada").await;
}
