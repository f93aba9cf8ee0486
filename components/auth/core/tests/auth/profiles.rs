//! What accounts say about themselves.

use crate::support::{Answer, Fixture, fixture, is_problem};
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

const ME: &str = "/api/v1/auth/me";

async fn change(fixture: &Fixture, token: &str, tag: &str, body: &Value) -> Answer {
    let bearer = format!("Bearer {token}");
    let mut headers = vec![("authorization", bearer.as_str())];
    headers.extend(Some(("if-match", tag)).filter(|_| !tag.is_empty()));
    fixture.call(Method::PATCH, ME, &headers, body).await
}

#[tokio::test]
async fn a_profile_is_changed_from_the_state_that_is_known() {
    let fixture = fixture().await;
    let token = fixture.register("ada").await.tokens.access_token;
    let read = fixture.act(Method::GET, &token, ME, &Value::Null).await;
    let tag = read.header("etag").to_owned();
    let body = json!({ "displayName": " Ada  Lovelace ", "bio": "Counts.\nA lot." });
    let changed = change(&fixture, &token, &tag, &body).await;
    assert_eq!(changed.status, StatusCode::OK, "{changed:?}");
    assert_eq!(
        (&changed.body["displayName"], &changed.body["bio"]),
        (&json!("Ada Lovelace"), &json!("Counts.\nA lot."))
    );
    let read = fixture.act(Method::GET, &token, ME, &Value::Null).await;
    assert_eq!((read.header("etag"), &read.body), (changed.header("etag"), &changed.body));
    // Who still knows the state before is told so, and changes nothing.
    is_problem(&change(&fixture, &token, &tag, &json!({ "bio": "" })).await, StatusCode::PRECONDITION_FAILED);
    is_problem(&change(&fixture, &token, "", &json!({ "bio": "" })).await, StatusCode::PRECONDITION_REQUIRED);
    let changed = change(&fixture, &token, changed.header("etag"), &json!({ "bio": "" })).await;
    assert_eq!((&changed.body["displayName"], &changed.body["bio"]), (&json!("Ada Lovelace"), &json!("")));
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str()), ("if-none-match", changed.header("etag"))];
    assert_eq!(fixture.call(Method::GET, ME, &headers, &Value::Null).await.status, StatusCode::NOT_MODIFIED);
}

#[tokio::test]
async fn what_is_not_acceptable_is_named() {
    let fixture = fixture().await;
    let token = fixture.register("ada").await.tokens.access_token;
    let body = json!({ "displayName": "\u{202e}ada", "bio": "a\u{0}b" });
    let answer = change(&fixture, &token, "*", &body).await;
    is_problem(&answer, StatusCode::UNPROCESSABLE_ENTITY);
    let fields: Vec<_> = answer.body["errors"].as_array().unwrap().iter().map(|error| &error["field"]).collect();
    assert_eq!(fields, ["displayName", "bio"]);
    let body =
        json!({ "email": "ada2@example.org", "handle": "ada2", "password": "correct horse", "displayName": "\u{0}" });
    let answer = fixture.post("/api/v1/auth/register", &body).await;
    is_problem(&answer, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(answer.body["errors"][0]["field"], "displayName");
}

#[tokio::test]
async fn everybody_sees_a_profile_and_no_more() {
    let fixture = fixture().await;
    let account = fixture.register("ada").await.account;
    let read = |handle: &'static str| {
        let fixture = &fixture;
        async move { fixture.call(Method::GET, &format!("/api/v1/auth/profiles/{handle}"), &[], &Value::Null).await }
    };
    let expected = json!({
        "id": account.id, "handle": "ada", "displayName": "ada", "bio": "", "createdAt": "2026-01-31T12:00:00.000Z"
    });
    for handle in ["ada", "ADA"] {
        let answer = read(handle).await;
        assert_eq!((answer.status, &answer.body), (StatusCode::OK, &expected));
        assert!(!answer.header("etag").is_empty());
    }
    for handle in ["nobody", "x", "%00", "ada%40example.org", "a%20b"] {
        is_problem(&read(handle).await, StatusCode::NOT_FOUND);
    }
}
