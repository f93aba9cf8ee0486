//! Every role against every route. The table is completed by the routes that there are: one that is not in it fails.

use crate::support::{ADMIN_TOKEN, Fixture, SERVICE_TOKEN, fixture};
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use vitrine_edge::openapi::routes;

/// Who may come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Door {
    /// Everybody; who is not let in for another reason is answered with 401 all the same.
    Open,
    /// Who is logged in.
    Session,
    /// Who is logged in, and programs with a key that reads the account.
    SessionOrKey,
    /// Admins.
    Admin,
    /// Who has the secret `admin_token`.
    Operator,
}

const TABLE: [(&str, &str, Door); 33] = [
    ("GET", "/.well-known/jwks.json", Door::Open),
    ("PUT", "/api/v1/auth/admin/accounts/{id}/roles", Door::Admin),
    ("GET", "/api/v1/auth/admin/audit", Door::Admin),
    ("GET", "/api/v1/auth/admin/mailbox", Door::Operator),
    ("GET", "/api/v1/auth/api-keys", Door::Session),
    ("POST", "/api/v1/auth/api-keys", Door::Session),
    ("DELETE", "/api/v1/auth/api-keys/{id}", Door::Session),
    ("GET", "/api/v1/auth/audit", Door::Session),
    ("POST", "/api/v1/auth/delete-account", Door::Session),
    ("GET", "/api/v1/auth/export", Door::Session),
    ("POST", "/api/v1/auth/login", Door::Open),
    ("POST", "/api/v1/auth/logout", Door::Open),
    ("GET", "/api/v1/auth/me", Door::SessionOrKey),
    ("PATCH", "/api/v1/auth/me", Door::Session),
    ("GET", "/api/v1/auth/passkeys", Door::Session),
    ("POST", "/api/v1/auth/passkeys/login/begin", Door::Open),
    ("POST", "/api/v1/auth/passkeys/login/finish", Door::Open),
    ("POST", "/api/v1/auth/passkeys/register/begin", Door::Session),
    ("POST", "/api/v1/auth/passkeys/register/finish", Door::Session),
    ("POST", "/api/v1/auth/passkeys/remove", Door::Session),
    ("POST", "/api/v1/auth/password", Door::Session),
    ("GET", "/api/v1/auth/profiles/{handle}", Door::Open),
    ("POST", "/api/v1/auth/refresh", Door::Open),
    ("POST", "/api/v1/auth/register", Door::Open),
    ("POST", "/api/v1/auth/request-password-reset", Door::Open),
    ("POST", "/api/v1/auth/request-verification", Door::Session),
    ("POST", "/api/v1/auth/reset-password", Door::Open),
    ("GET", "/api/v1/auth/sessions", Door::Session),
    ("DELETE", "/api/v1/auth/sessions/{id}", Door::Session),
    ("POST", "/api/v1/auth/totp/begin", Door::Session),
    ("POST", "/api/v1/auth/totp/confirm", Door::Session),
    ("POST", "/api/v1/auth/totp/disable", Door::Session),
    ("POST", "/api/v1/auth/verify-email", Door::Open),
];

/// Who knocks, and the token that they bring.
async fn callers(fixture: &Fixture) -> BTreeMap<&'static str, Option<String>> {
    let admin = fixture.verified("root").await.tokens.access_token;
    let mut callers =
        BTreeMap::from([("nobody", None), ("garbage", Some("x".to_owned())), ("admin", Some(admin.clone()))]);
    callers.insert("operator", Some(ADMIN_TOKEN.to_owned()));
    callers.insert("service", Some(SERVICE_TOKEN.to_owned()));
    for role in ["user", "seller", "moderator"] {
        let account = fixture.register(role).await;
        let path = format!("/api/v1/auth/admin/accounts/{}/roles", account.account.id);
        let given = fixture.act(Method::PUT, &admin, &path, &json!({ "roles": [role] })).await;
        assert_eq!(given.status, StatusCode::OK);
        let next = fixture.refresh(&account.tokens.refresh_token).await;
        callers.insert(role, Some(next.text("/tokens/accessToken")));
    }
    let body = json!({ "name": "a script", "scopes": ["account:read"], "password": crate::support::PASSWORD });
    let key = fixture.act(Method::POST, &admin, "/api/v1/auth/api-keys", &body).await.text("/key");
    let (token, _) = fixture.auth.exchange(&key).await.unwrap();
    callers.insert("key of an admin", Some(token));
    callers
}

fn may(who: &str, door: Door) -> bool {
    let logged_in = matches!(who, "user" | "seller" | "moderator" | "admin");
    match door {
        Door::Open => true,
        Door::Session => logged_in,
        Door::SessionOrKey => logged_in || who == "key of an admin",
        Door::Admin => who == "admin",
        Door::Operator => who == "operator",
    }
}

#[tokio::test]
async fn every_role_at_every_route() {
    let fixture = fixture().await;
    let callers = callers(&fixture).await;
    for (method, path) in routes(fixture.router()).await {
        let row = TABLE.iter().find(|(known, at, _)| (*known, *at) == (method.as_str(), path.as_str()));
        let (.., door) = row.unwrap_or_else(|| panic!("{method} {path} is not in the table"));
        let uri = path.replace("{id}", "00000000-0000-0000-0000-000000000000").replace("{handle}", "user");
        for (who, token) in &callers {
            let bearer = token.as_ref().map(|token| format!("Bearer {token}"));
            let headers: Vec<_> = bearer.iter().map(|bearer| ("authorization", bearer.as_str())).collect();
            let body = if method == "GET" { Value::Null } else { json!({}) };
            let status = fixture.call(method.parse().unwrap(), &uri, &headers, &body).await.status;
            let refused = matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN);
            let exempt = path.ends_with("/refresh") && status == StatusCode::UNAUTHORIZED;
            assert!(refused != may(who, *door) || exempt, "{who} at {method} {path}: {status}");
            assert!(!status.is_server_error(), "{who} at {method} {path}: {status}");
        }
    }
    assert_eq!(routes(fixture.router()).await.len(), TABLE.len(), "the table has routes that are not there");
}

#[tokio::test]
async fn private_routes_are_for_services_only() {
    let fixture = fixture().await;
    let callers = callers(&fixture).await;
    for path in ["/_token", "/_outbox/claim", "/_outbox/ack", "/_outbox/replay"] {
        for (who, token) in &callers {
            let bearer = token.as_ref().map(|token| format!("Bearer {token}"));
            let headers: Vec<_> = bearer.iter().map(|bearer| ("authorization", bearer.as_str())).collect();
            let status = fixture.call(Method::POST, path, &headers, &json!({})).await.status;
            assert_eq!(status == StatusCode::UNAUTHORIZED, *who != "service", "{who} at {path}: {status}");
        }
    }
}
