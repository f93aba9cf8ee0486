//! Tokens as cookies, for browsers that ask for them.

use crate::support::{Answer, PASSWORD, fixture, is_problem};
use axum::http::{Method, StatusCode};
use serde_json::json;

const ACCESS: &str = "__Host-vitrine_access";
const REFRESH: &str = "__Host-vitrine_refresh";
const DEVICE: &str = "__Host-vitrine_device";

/// That the body tells no token, and each of those is a cookie that no script and no other host gets at.
fn only_cookies(answer: &Answer, names: &[&str]) {
    assert!(answer.status.is_success(), "{answer:?}");
    let body = answer.body.to_string();
    let lines: Vec<_> = answer.headers.get_all("set-cookie").iter().map(|line| line.to_str().unwrap()).collect();
    assert_eq!(lines.len(), names.len(), "{lines:?}");
    for name in names {
        assert!(!body.contains(&answer.cookie(name).unwrap()), "{name}: {body}");
        let line = lines.iter().find(|line| line.starts_with(*name)).unwrap();
        for part in ["Secure", "HttpOnly", "Path=/", "Max-Age="] {
            assert!(line.contains(part), "{part}: {line}");
        }
        let same_site = if *name == ACCESS { "SameSite=Lax" } else { "SameSite=Strict" };
        assert!(line.contains(same_site) && !line.contains("Domain"), "{line}");
    }
    assert_eq!(answer.body["tokens"], json!({ "expiresIn": 900 }));
}

#[tokio::test]
async fn a_browser_lives_on_cookies() {
    let fixture = fixture().await;
    let body = json!({ "email": "ada@example.org", "handle": "ada", "password": PASSWORD, "cookies": true });
    only_cookies(&fixture.post("/api/v1/auth/register", &body).await, &[ACCESS, REFRESH, DEVICE]);
    let body = json!({ "login": "ada", "password": PASSWORD, "cookies": true });
    let login = fixture.post("/api/v1/auth/login", &body).await;
    only_cookies(&login, &[ACCESS, REFRESH, DEVICE]);
    let cookie = format!("{REFRESH}={}", login.cookie(REFRESH).unwrap());
    let body = json!({ "cookies": true });
    let refreshed = fixture.call(Method::POST, "/api/v1/auth/refresh", &[("cookie", cookie.as_str())], &body).await;
    only_cookies(&refreshed, &[ACCESS, REFRESH]);
    let session = fixture.session_of(&login.cookie(ACCESS).unwrap());
    assert_eq!(fixture.session_of(&refreshed.cookie(ACCESS).unwrap()), session);
    let cookie = format!("{REFRESH}={}", refreshed.cookie(REFRESH).unwrap());
    let left = fixture.call(Method::POST, "/api/v1/auth/logout", &[("cookie", cookie.as_str())], &json!({})).await;
    assert_eq!(left.status, StatusCode::NO_CONTENT);
    assert_eq!((left.cookie(ACCESS).as_deref(), left.cookie(REFRESH).as_deref()), (Some(""), Some("")));
    assert!(!fixture.live.is_live(session).await.unwrap());
}

#[tokio::test]
async fn who_does_not_ask_for_cookies_gets_none() {
    let fixture = fixture().await;
    fixture.register("ada").await;
    let login = fixture.login("ada", PASSWORD).await;
    assert!(login.headers.get("set-cookie").is_none());
    assert!(fixture.refresh(&login.text("/tokens/refreshToken")).await.headers.get("set-cookie").is_none());
}

#[tokio::test]
async fn no_cookie_and_no_token_is_no_refresh() {
    let fixture = fixture().await;
    let refresh = fixture.post("/api/v1/auth/refresh", &json!({ "cookies": true })).await;
    is_problem(&refresh, StatusCode::UNAUTHORIZED);
}
