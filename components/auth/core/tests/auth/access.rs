//! Every role against every route and procedure. The tables are completed by what there is: one that is not in them fails.

use crate::{
    support::{ADMIN_TOKEN, EXCHANGE_TOKEN, Fixture, PASSWORD, SERVICE_TOKEN, fixture, signer},
    trpc::{OPEN, OWN, call},
};
use auth_core::Scope;
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;
use vitrine_clock::Clock as _;
use vitrine_edge::openapi::{private_routes, routes};
use vitrine_identity::{AUDIENCE, Claims};

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

/// What services call, and the token that opens it.
const PRIVATE: [(&str, &str, &str); 6] = [
    ("POST", "/_outbox/ack", "service"),
    ("POST", "/_outbox/claim", "service"),
    ("GET", "/_outbox/dead", "service"),
    ("POST", "/_outbox/replay", "service"),
    ("GET", "/_outbox/stats", "service"),
    ("POST", "/_token", "exchange"),
];

/// Who knocks, and the token that they bring.
type Callers = BTreeMap<String, Option<String>>;

async fn callers(fixture: &Fixture) -> Callers {
    let admin = fixture.verified("root").await;
    let (admin, id) = (admin.tokens.access_token, admin.account.id);
    let mut callers: Callers = [("nobody", None), ("garbage", Some("x")), ("admin", Some(admin.as_str()))]
        .into_iter()
        .chain([("operator", ADMIN_TOKEN), ("service", SERVICE_TOKEN), ("exchange", EXCHANGE_TOKEN)].map(with_some))
        .map(|(who, token)| (who.to_owned(), token.map(str::to_owned)))
        .collect();
    for role in ["user", "seller", "moderator"] {
        let account = fixture.register(role).await;
        let path = format!("/api/v1/auth/admin/accounts/{}/roles", account.account.id);
        let given = fixture.act(Method::PUT, &admin, &path, &json!({ "roles": [role] })).await;
        assert_eq!(given.status, StatusCode::OK);
        let next = fixture.refresh(&account.tokens.refresh_token).await;
        callers.insert(role.to_owned(), Some(next.text("/tokens/accessToken")));
    }
    for scope in Scope::ALL.map(Scope::as_str) {
        let body = json!({ "name": "a script", "scopes": [scope], "password": PASSWORD });
        let key = fixture.act(Method::POST, &admin, "/api/v1/auth/api-keys", &body).await.text("/key");
        let (token, _) = fixture.auth.exchange(&key).await.unwrap();
        callers.insert(format!("key of an admin for {scope}"), Some(token));
        callers.insert(format!("key of an admin for {scope}, not exchanged"), Some(key));
    }
    callers.insert("without the second factor".to_owned(), Some(before_the_second_factor(fixture).await));
    for (who, seed, seconds) in [("expired", 7, -1000), ("not yet valid", 7, 1000), ("signed by another", 8, 0)] {
        callers.insert(who.to_owned(), Some(signer(seed).sign(&claims(fixture, id, &admin, seconds))));
    }
    callers
}

fn with_some<'a>((who, token): (&'a str, &'a str)) -> (&'a str, Option<&'a str>) {
    (who, Some(token))
}

/// What the token of an admin says, at another time.
fn claims(fixture: &Fixture, admin: Uuid, token: &str, seconds: i64) -> Claims {
    let from = fixture.clock.now().as_seconds() + seconds;
    Claims {
        iss: "vitrine".to_owned(),
        aud: AUDIENCE.to_owned(),
        sub: admin,
        handle: "root".to_owned(),
        roles: vec!["user".to_owned(), "admin".to_owned()],
        iat: from,
        nbf: from,
        exp: from + 900,
        jti: Uuid::nil(),
        sid: fixture.session_of(token),
        scopes: None,
    }
}

/// The token of a session that began with the password alone, and of an account that has a second factor by now.
async fn before_the_second_factor(fixture: &Fixture) -> String {
    let token = fixture.register("careful").await.tokens.access_token;
    let before = fixture.login("careful", PASSWORD).await.text("/tokens/accessToken");
    let begin = "/api/v1/auth/totp/begin";
    let begun = fixture.act(Method::POST, &token, begin, &json!({ "password": PASSWORD })).await;
    let secret = totp_rs::Secret::try_from_base32(begun.text("/secret")).unwrap();
    let totp = totp_rs::Builder::new().with_secret(secret).build().unwrap();
    let code = totp.generate(u64::try_from(fixture.clock.now().as_seconds()).unwrap()).to_string();
    let confirmed = fixture.act(Method::POST, &token, "/api/v1/auth/totp/confirm", &json!({ "code": code })).await;
    assert_eq!(confirmed.status, StatusCode::OK, "{confirmed:?}");
    assert_eq!(fixture.me(Some(&format!("Bearer {token}"))).await.status, StatusCode::OK);
    before
}

fn may(who: &str, door: Door) -> bool {
    let logged_in = matches!(who, "user" | "seller" | "moderator" | "admin");
    match door {
        Door::Open => true,
        Door::Session => logged_in,
        Door::SessionOrKey => logged_in || who == "key of an admin for account:read",
        Door::Admin => who == "admin",
        Door::Operator => who == "operator",
    }
}

fn is_refused(status: StatusCode) -> bool {
    matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN)
}

async fn knock(fixture: &Fixture, (method, path): (&str, &str), token: Option<&str>) -> StatusCode {
    let uri = path.replace("{id}", "00000000-0000-0000-0000-000000000000").replace("{handle}", "user");
    let bearer = token.map(|token| format!("Bearer {token}"));
    let headers: Vec<_> = bearer.iter().map(|bearer| ("authorization", bearer.as_str())).collect();
    let body = if method == "GET" { Value::Null } else { json!({}) };
    fixture.call(method.parse().unwrap(), &uri, &headers, &body).await.status
}

#[tokio::test]
async fn every_role_at_every_route() {
    let fixture = fixture().await;
    let callers = callers(&fixture).await;
    for (method, path) in routes(fixture.router()).await {
        let row = TABLE.iter().find(|(known, at, _)| (*known, *at) == (method.as_str(), path.as_str()));
        let (.., door) = row.unwrap_or_else(|| panic!("{method} {path} is not in the table"));
        for (who, token) in &callers {
            let status = knock(&fixture, (&method, &path), token.as_deref()).await;
            let exempt = path.ends_with("/refresh") && status == StatusCode::UNAUTHORIZED;
            assert!(is_refused(status) != may(who, *door) || exempt, "{who} at {method} {path}: {status}");
            assert!(!status.is_server_error(), "{who} at {method} {path}: {status}");
        }
    }
    assert_eq!(routes(fixture.router()).await.len(), TABLE.len(), "the table has routes that are not there");
}

#[tokio::test]
async fn every_role_at_every_procedure() {
    let fixture = fixture().await;
    let callers = callers(&fixture).await;
    let table: BTreeSet<_> = OPEN.into_iter().chain(OWN).map(|(method, path)| (method, path.to_owned())).collect();
    assert_eq!(table, auth_core::every_procedure(), "the tables and the procedures");
    for (method, procedure) in &table {
        let door = match procedure.as_str() {
            "me" => Door::SessionOrKey,
            own if OWN.contains(&(*method, own)) => Door::Session,
            _ => Door::Open,
        };
        for (who, token) in &callers {
            let answer = call(&fixture, method, procedure, token.as_deref(), &json!({})).await;
            let exempt = procedure == "refresh" && answer.status == StatusCode::UNAUTHORIZED;
            let refused = is_refused(answer.status);
            assert!(refused != may(who, door) || exempt, "{who} at {procedure}: {answer:?}");
            assert!(!answer.status.is_server_error(), "{who} at {procedure}: {answer:?}");
        }
    }
}

#[tokio::test]
async fn private_routes_are_for_who_holds_their_token_only() {
    let fixture = fixture().await;
    let callers = callers(&fixture).await;
    for (method, path) in private_routes(fixture.router()).await {
        let row = PRIVATE.iter().find(|(known, at, _)| (*known, *at) == (method.as_str(), path.as_str()));
        let (.., opens) = row.unwrap_or_else(|| panic!("{method} {path} is not in the table"));
        for (who, token) in &callers {
            let status = knock(&fixture, (&method, &path), token.as_deref()).await;
            assert_eq!(status == StatusCode::UNAUTHORIZED, who != opens, "{who} at {method} {path}: {status}");
        }
    }
    assert_eq!(private_routes(fixture.router()).await.len(), PRIVATE.len(), "the table has routes that are not there");
}
