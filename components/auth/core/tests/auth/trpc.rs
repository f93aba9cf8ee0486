//! The procedures of tRPC: the same use cases, in other words.

use crate::support::{Answer, Fixture, PASSWORD, fixture, settings};
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

/// The procedures that everybody may call, and those that need a session.
pub(crate) const OPEN: [(&str, &str); 10] = [
    ("POST", "register"),
    ("POST", "login"),
    ("POST", "refresh"),
    ("POST", "logout"),
    ("GET", "profile"),
    ("POST", "verifyEmail"),
    ("POST", "requestPasswordReset"),
    ("POST", "resetPassword"),
    ("POST", "passkeys.beginLogin"),
    ("POST", "passkeys.finishLogin"),
];
pub(crate) const OWN: [(&str, &str); 19] = [
    ("GET", "me"),
    ("POST", "updateProfile"),
    ("POST", "changePassword"),
    ("GET", "sessions"),
    ("POST", "revokeSession"),
    ("POST", "requestVerification"),
    ("POST", "totp.begin"),
    ("POST", "totp.confirm"),
    ("POST", "totp.disable"),
    ("POST", "passkeys.beginRegister"),
    ("POST", "passkeys.finishRegister"),
    ("GET", "passkeys.list"),
    ("POST", "passkeys.remove"),
    ("POST", "apiKeys.create"),
    ("GET", "apiKeys.list"),
    ("POST", "apiKeys.revoke"),
    ("GET", "audit"),
    ("GET", "exportData"),
    ("POST", "deleteAccount"),
];

/// Calls a procedure; `input` of a query stands in the address.
pub(crate) async fn call(
    fixture: &Fixture,
    method: &str,
    procedure: &str,
    token: Option<&str>,
    input: &Value,
) -> Answer {
    let bearer = token.map(|token| format!("Bearer {token}"));
    let headers: Vec<_> = bearer.iter().map(|bearer| ("authorization", bearer.as_str())).collect();
    let path = format!("/api/auth/{procedure}");
    if method == "GET" {
        let encoded: String = input.to_string().bytes().map(|byte| format!("%{byte:02X}")).collect();
        let path = if input.is_null() { path } else { format!("{path}?input={encoded}") };
        return fixture.call(Method::GET, &path, &headers, &Value::Null).await;
    }
    fixture.call(Method::POST, &path, &headers, input).await
}

fn data(answer: &Answer) -> &Value {
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    &answer.body["result"]["data"]
}

fn refused(answer: &Answer, code: &str) {
    assert_eq!(answer.body["error"]["data"]["code"], code, "{answer:?}");
    assert!(!answer.status.is_success());
}

#[tokio::test]
async fn a_whole_life_over_trpc() {
    let fixture = fixture().await;
    let input = json!({ "email": "ada@example.org", "handle": "ada", "password": PASSWORD, "displayName": "Ada" });
    let begun = call(&fixture, "POST", "register", None, &input).await;
    let begun = data(&begun).clone();
    assert_eq!(begun["account"]["displayName"], "Ada");
    let input = json!({ "login": "ada", "password": PASSWORD });
    let login = call(&fixture, "POST", "login", None, &input).await;
    let token = data(&login)["tokens"]["accessToken"].as_str().unwrap().to_owned();
    let own = |method: &'static str, procedure: &'static str, input: Value| {
        let (fixture, token) = (&fixture, token.as_str());
        async move { call(fixture, method, procedure, Some(token), &input).await }
    };
    let me = own("GET", "me", Value::Null).await;
    let rest = fixture.me(Some(&format!("Bearer {token}"))).await;
    assert_eq!(data(&me), &rest.body, "the same account over both");
    let changed = own("POST", "updateProfile", json!({ "bio": "Counts." })).await;
    assert_eq!(data(&changed)["bio"], "Counts.");
    let profile = call(&fixture, "GET", "profile", None, &json!({ "handle": "ada" })).await;
    assert_eq!((&data(&profile)["bio"], data(&profile).get("email")), (&json!("Counts."), None));
    let sessions = own("GET", "sessions", Value::Null).await;
    assert_eq!(data(&sessions).as_array().unwrap().len(), 2);
    let first = fixture.session_of(begun["tokens"]["accessToken"].as_str().unwrap());
    assert_eq!(data(&own("POST", "revokeSession", json!({ "sessionId": first })).await), &json!({}));
    let refresh =
        call(&fixture, "POST", "refresh", None, &json!({ "refreshToken": begun["tokens"]["refreshToken"] })).await;
    refused(&refresh, "UNAUTHORIZED");
    let refresh = json!({ "refreshToken": data(&login)["tokens"]["refreshToken"] });
    let refreshed = call(&fixture, "POST", "refresh", None, &refresh).await;
    assert_eq!(data(&refreshed)["tokens"]["expiresIn"], 900);
    let key =
        own("POST", "apiKeys.create", json!({ "name": "a script", "scopes": ["photos:read"], "password": PASSWORD }))
            .await;
    let id = data(&key)["apiKey"]["id"].clone();
    assert_eq!(data(&own("GET", "apiKeys.list", Value::Null).await)[0]["id"], id);
    data(&own("POST", "apiKeys.revoke", json!({ "id": id })).await);
    assert!(data(&own("GET", "audit", Value::Null).await).as_array().unwrap().len() >= 5);
    assert_eq!(data(&own("GET", "exportData", Value::Null).await)["account"]["handle"], "ada");
    let secret = fixture.secret("ada@example.org").await;
    data(&call(&fixture, "POST", "verifyEmail", None, &json!({ "token": secret })).await);
    data(&own("POST", "requestVerification", json!({})).await);
    fixture.clock.advance(std::time::Duration::from_secs(1));
    data(&call(&fixture, "POST", "requestPasswordReset", None, &json!({ "email": "ada@example.org" })).await);
    let change = json!({ "currentPassword": PASSWORD, "newPassword": "new and better words" });
    data(&own("POST", "changePassword", change).await);
    let begun = own("POST", "totp.begin", json!({ "password": "new and better words" })).await;
    assert!(data(&begun)["qrSvg"].as_str().unwrap().contains("<svg"));
    refused(&own("POST", "totp.confirm", json!({ "code": "000000" })).await, "UNAUTHORIZED");
    data(&own("POST", "deleteAccount", json!({ "password": "new and better words" })).await);
    refused(&own("GET", "me", Value::Null).await, "UNAUTHORIZED");
}

#[tokio::test]
async fn what_needs_a_session_says_so_without_one() {
    let fixture = fixture().await;
    for (method, procedure) in OWN {
        let answer = call(&fixture, method, procedure, None, &json!({})).await;
        refused(&answer, "UNAUTHORIZED");
        refused(&call(&fixture, method, procedure, Some("x"), &json!({})).await, "UNAUTHORIZED");
    }
    for (method, procedure) in OPEN {
        let answer = call(&fixture, method, procedure, None, &json!(7)).await;
        refused(&answer, "BAD_REQUEST");
    }
    refused(&call(&fixture, "POST", "nothing", None, &json!({})).await, "NOT_FOUND");
}

#[tokio::test]
async fn programs_can_tell_that_a_code_is_needed() {
    let fixture = fixture().await;
    let token = fixture.register("ada").await.tokens.access_token;
    let begun = call(&fixture, "POST", "totp.begin", Some(&token), &json!({ "password": PASSWORD })).await;
    let secret = totp_rs::Secret::try_from_base32(data(&begun)["secret"].as_str().unwrap()).unwrap();
    let totp = totp_rs::Builder::new().with_secret(secret).build().unwrap();
    let now = vitrine_clock::Clock::now(&fixture.clock).as_seconds();
    let code = totp.generate(u64::try_from(now).unwrap()).to_string();
    let confirmed = call(&fixture, "POST", "totp.confirm", Some(&token), &json!({ "code": code })).await;
    assert_eq!(data(&confirmed)["recoveryCodes"].as_array().unwrap().len(), 10);
    let answer = call(&fixture, "POST", "login", None, &json!({ "login": "ada", "password": PASSWORD })).await;
    refused(&answer, "UNAUTHORIZED");
    assert_eq!(answer.body["error"]["data"]["reason"], "totp_required");
    let wrong = json!({ "password": PASSWORD, "totp": "000000" });
    refused(&call(&fixture, "POST", "totp.disable", Some(&token), &wrong).await, "UNAUTHORIZED");
}

#[tokio::test]
async fn passwords_are_not_tried_ten_at_a_time() {
    let fixture = fixture().await;
    fixture.register("ada").await;
    let guess = json!({ "login": "ada", "password": "not the password" });
    let answer =
        fixture.call(Method::POST, "/api/auth/login,login?batch=1", &[], &json!({ "0": guess, "1": guess })).await;
    assert!(!answer.body.to_string().contains("do not belong together"), "{answer:?}");
    for _ in 0..5 {
        refused(&call(&fixture, "POST", "login", None, &guess).await, "UNAUTHORIZED");
    }
    let slowed = call(&fixture, "POST", "login", None, &guess).await;
    refused(&slowed, "TOO_MANY_REQUESTS");
    assert_eq!(slowed.header("retry-after"), "60");
}

/// Argon2 is dear, and passwords are to be tried one by one: whatever looks at one is called once in a request.
#[tokio::test]
async fn no_request_has_two_passwords_looked_at() {
    let input = json!({
        "login": "nobody", "email": "eve@example.org", "handle": "eve", "password": "not the password",
        "currentPassword": "not the password", "newPassword": "new and better words", "totp": "000000", "code": "000000",
        "token": "x", "refreshToken": "x", "name": "a script", "scopes": ["photos:read"], "id": uuid::Uuid::nil(),
        "sessionId": uuid::Uuid::nil(), "credential": {}, "bio": "x",
    });
    let runs = async |path: &str, body: &Value| {
        let settings = settings();
        let hashing = settings.hashing.clone();
        let fixture = Fixture::with(settings).await;
        let bearer = format!("Bearer {}", fixture.register("ada").await.tokens.access_token);
        let before = hashing.runs();
        fixture.call(Method::POST, path, &[("authorization", &bearer)], body).await;
        hashing.runs() - before
    };
    let (mut looking, both) = (0, json!({ "0": input, "1": input }));
    for (_, procedure) in auth_core::every_procedure().into_iter().filter(|(method, _)| *method == "POST") {
        looking += runs(&format!("/api/auth/{procedure}"), &input).await;
        let twice = runs(&format!("/api/auth/{procedure},{procedure}?batch=1"), &both).await;
        assert!(twice < 2, "{procedure}: {twice}");
    }
    assert_eq!(looking, 9, "procedures that look at a password");
}

#[tokio::test]
async fn browsers_get_cookies_over_trpc_too() {
    let fixture = fixture().await;
    fixture.register("ada").await;
    let input = json!({ "login": "ada", "password": PASSWORD, "cookies": true });
    let answer = call(&fixture, "POST", "login", None, &input).await;
    assert_eq!(data(&answer)["tokens"], json!({ "expiresIn": 900 }));
    for name in ["__Host-vitrine_access", "__Host-vitrine_refresh", "__Host-vitrine_device"] {
        assert!(answer.cookie(name).is_some(), "{name}: {answer:?}");
    }
}
