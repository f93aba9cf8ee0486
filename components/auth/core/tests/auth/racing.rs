//! What happens to a password while it is checked.

use crate::support::{Fixture, PASSWORD, fixture, is_problem};
use axum::http::{Method, StatusCode};
use serde_json::json;
use std::sync::atomic::Ordering;

const NEW: &str = "new and better words";

/// Has the password of `ada` changed by its owner, once the next attempts are counted for the `after`th time.
async fn changed_at(fixture: &Fixture, after: usize) {
    let bob = "SELECT password_hash AS hash FROM accounts WHERE handle = 'bob'";
    let hash: String = fixture.db.query_one(bob, []).await.unwrap().unwrap().get("hash").unwrap();
    let sql = "UPDATE accounts SET password_hash = $1 WHERE handle = 'ada'";
    let db = fixture.db.clone();
    let change = Box::pin(async move {
        db.execute(sql, [hash.into()]).await.unwrap();
    });
    *fixture.meddler.work.lock().unwrap() = Some(change);
    fixture.meddler.after.store(after, Ordering::SeqCst);
}

async fn prepared() -> (Fixture, String) {
    let fixture = fixture().await;
    let token = fixture.register("ada").await.tokens.access_token;
    let body = json!({ "email": "bob@example.org", "handle": "bob", "password": NEW });
    assert_eq!(fixture.post("/api/v1/auth/register", &body).await.status, StatusCode::CREATED);
    (fixture, token)
}

#[tokio::test]
async fn a_login_with_what_was_the_password_a_moment_ago_begins_no_session() {
    let (fixture, _) = prepared().await;
    let before = fixture.count("SELECT COUNT(*) AS n FROM sessions").await;
    // The tries are counted in three windows after the hash is read and before it is checked.
    changed_at(&fixture, 3).await;
    is_problem(&fixture.login("ada", PASSWORD).await, StatusCode::UNAUTHORIZED);
    assert!(fixture.meddler.work.lock().unwrap().is_none(), "the password was changed meanwhile");
    assert_eq!(fixture.count("SELECT COUNT(*) AS n FROM sessions").await, before);
    assert_eq!(fixture.login("ada", NEW).await.status, StatusCode::OK);
}

#[tokio::test]
async fn what_needs_the_password_once_more_needs_the_one_that_it_is() {
    for (path, body) in [
        ("password", json!({ "currentPassword": PASSWORD, "newPassword": "even better words" })),
        ("totp/begin", json!({ "password": PASSWORD })),
        ("totp/disable", json!({ "password": PASSWORD, "totp": "000000" })),
        ("delete-account", json!({ "password": PASSWORD })),
    ] {
        let (fixture, token) = prepared().await;
        // Three times before the hash is read, and the fourth is the first that is given back after it was checked.
        changed_at(&fixture, 4).await;
        let answer = fixture.act(Method::POST, &token, &format!("/api/v1/auth/{path}"), &body).await;
        assert!(fixture.meddler.work.lock().unwrap().is_none(), "the password was changed meanwhile");
        is_problem(&answer, StatusCode::FORBIDDEN);
        assert_eq!(answer.body["reason"], "wrong_password", "{path}");
        assert_eq!(fixture.login("ada", NEW).await.status, StatusCode::OK, "{path}");
        assert_eq!(fixture.count("SELECT COUNT(*) AS n FROM totp").await, 0, "{path}");
    }
}
