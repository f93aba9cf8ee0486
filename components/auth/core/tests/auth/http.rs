//! The routes of auth, as a client meets them.

use crate::support::{Answer, Fixture, fixture, is_problem};
use axum::{
    body::Body,
    http::{Method, Request, StatusCode},
};
use serde_json::{Value, json};
use std::time::Duration;

const REGISTER: &str = "/api/v1/auth/register";
const LOGIN: &str = "/api/v1/auth/login";

fn ada() -> Value {
    json!({ "email": "Ada@Example.org", "handle": "Ada_L", "password": "correct horse" })
}

async fn registered() -> (Fixture, Answer) {
    let fixture = fixture().await;
    let answer = fixture.post(REGISTER, &ada()).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
    (fixture, answer)
}

#[tokio::test]
async fn registering_makes_an_account_and_a_token_for_it() {
    let (fixture, answer) = registered().await;
    assert_eq!(answer.header("location"), "/api/v1/auth/me");
    assert_eq!(answer.header("cache-control"), "no-store");
    let account = answer.body["account"].clone();
    let id = account["id"].as_str().unwrap().to_owned();
    assert_eq!(
        account,
        json!({
            "id": id, "handle": "ada_l", "email": "Ada@Example.org", "emailVerified": false, "displayName": "ada_l",
            "bio": "", "roles": ["user"], "createdAt": "2026-01-31T12:00:00.000Z", "totpEnabled": false
        })
    );
    assert_eq!(answer.body["tokens"]["expiresIn"], 900);
    let token = answer.body["tokens"]["accessToken"].as_str().unwrap();
    let caller = fixture.verifier.verify(token).unwrap();
    assert_eq!((caller.account_id.to_string(), caller.handle.as_str()), (id, "ada_l"));
    assert!(caller.has_role("user") && !caller.has_role("admin"));
    let me = fixture.me(Some(&format!("Bearer {token}"))).await;
    assert_eq!((me.status, me.body), (StatusCode::OK, account));
    assert!(!answer.body.to_string().contains("argon2"));
}

#[tokio::test]
async fn login_takes_the_address_or_the_handle_in_any_case() {
    let (fixture, first) = registered().await;
    for login in ["ada@example.ORG", "ADA_L", "ada_l", " ada@example.org "] {
        let answer = fixture.post(LOGIN, &json!({ "login": login, "password": "correct horse" })).await;
        assert_eq!(answer.status, StatusCode::OK, "{login}");
        assert_eq!(answer.body["account"], first.body["account"]);
        assert_ne!(answer.body["tokens"]["accessToken"], first.body["tokens"]["accessToken"]);
    }
}

#[tokio::test]
async fn whatever_is_wrong_with_a_login_the_answer_is_the_same() {
    let (fixture, _) = registered().await;
    let long = "x".repeat(5000);
    let mut bodies = Vec::new();
    for (login, password) in [
        ("ada_l", "wrong password"),
        ("ada_l", "short"),
        ("ada_l", ""),
        ("ada_l", "correct horse "),
        ("ada_l", long.as_str()),
        ("nobody", "correct horse"),
        ("nobody@example.org", "correct horse"),
        ("' OR 1=1 --", "correct horse"),
        ("", ""),
    ] {
        fixture.clock.advance(Duration::from_secs(4 * 60 * 60));
        let mut answer = fixture.post(LOGIN, &json!({ "login": login, "password": password })).await;
        is_problem(&answer, StatusCode::UNAUTHORIZED);
        assert!(answer.header("www-authenticate").starts_with("Bearer"));
        answer.body["instance"] = Value::Null;
        bodies.push(answer.body);
    }
    assert!(bodies.iter().all(|body| *body == bodies[0]), "{bodies:?}");
}

#[tokio::test]
async fn an_address_or_a_handle_is_taken_once() {
    let (fixture, _) = registered().await;
    for (email, handle, field) in [
        ("ada@example.ORG", "someone", "email"),
        ("other@example.org", "ADA_l", "handle"),
        ("ADA@example.org", "ada_l", "email"),
    ] {
        let body = json!({ "email": email, "handle": handle, "password": "correct horse" });
        let answer = fixture.post(REGISTER, &body).await;
        is_problem(&answer, StatusCode::CONFLICT);
        assert_eq!(answer.body["errors"][0]["field"], field);
    }
    let count = fixture.db.query("SELECT id FROM accounts", []).await.unwrap().len();
    assert_eq!(count, 1);
}

#[tokio::test]
async fn every_value_that_is_not_acceptable_is_named() {
    let fixture = fixture().await;
    let body = json!({ "email": "nowhere", "handle": "a b", "password": "short" });
    let answer = fixture.post(REGISTER, &body).await;
    is_problem(&answer, StatusCode::UNPROCESSABLE_ENTITY);
    let fields: Vec<_> = answer.body["errors"].as_array().unwrap().iter().map(|error| &error["field"]).collect();
    assert_eq!(fields, ["email", "handle", "password"]);
    assert!(!answer.body.to_string().contains("short"), "what was sent is not repeated");
}

#[tokio::test]
async fn bodies_that_are_none_are_refused() {
    let fixture = fixture().await;
    let send = |content_type: &'static str, body: Vec<u8>| {
        let request = Request::post(LOGIN).header("content-type", content_type).body(Body::from(body)).unwrap();
        fixture.send(request)
    };
    is_problem(&send("text/plain", b"{}".to_vec()).await, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    is_problem(&send("application/jsonp", b"{}".to_vec()).await, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    is_problem(&send("application/json", b"{\"login\":".to_vec()).await, StatusCode::BAD_REQUEST);
    is_problem(&send("application/json", b"\xff\xfe{}".to_vec()).await, StatusCode::BAD_REQUEST);
    is_problem(&send("application/json", vec![]).await, StatusCode::BAD_REQUEST);
    is_problem(&send("application/json", b"{}".to_vec()).await, StatusCode::UNPROCESSABLE_ENTITY);
    is_problem(&send("application/json", b"[1]".to_vec()).await, StatusCode::UNPROCESSABLE_ENTITY);
    is_problem(&send("application/json", vec![b' '; 65 * 1024]).await, StatusCode::PAYLOAD_TOO_LARGE);
    let nested = [b"[".repeat(60_000)].concat();
    is_problem(&send("application/json", nested).await, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn other_routes_and_methods_are_problems() {
    let fixture = fixture().await;
    let send = |method: Method, path: &str| {
        fixture.send(Request::builder().method(method).uri(path).body(Body::empty()).unwrap())
    };
    is_problem(&send(Method::GET, "/api/v1/auth/absent").await, StatusCode::NOT_FOUND);
    is_problem(&send(Method::GET, "/api/v1/auth/").await, StatusCode::NOT_FOUND);
    let refused = send(Method::GET, REGISTER).await;
    is_problem(&refused, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(refused.header("allow"), "POST");
    is_problem(&send(Method::DELETE, "/api/v1/auth/me").await, StatusCode::METHOD_NOT_ALLOWED);
    is_problem(&send(Method::DELETE, "/api/v1/auth/sessions/none").await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn me_needs_a_token_that_is_good() {
    let (fixture, answer) = registered().await;
    let token = answer.body["tokens"]["accessToken"].as_str().unwrap().to_owned();
    let bearer = format!("Bearer {token}");
    assert_eq!(fixture.me(Some(&bearer.replace("Bearer", "bearer"))).await.status, StatusCode::OK);
    for authorization in [None, Some("Basic YTpi"), Some("Bearer"), Some("Bearer x"), Some(&bearer[..bearer.len() - 2])]
    {
        let answer = fixture.me(authorization).await;
        is_problem(&answer, StatusCode::UNAUTHORIZED);
        assert!(answer.header("www-authenticate").starts_with("Bearer"));
    }
    fixture.clock.advance(Duration::from_secs(899));
    assert_eq!(fixture.me(Some(&bearer)).await.status, StatusCode::OK);
    fixture.clock.advance(Duration::from_secs(1));
    is_problem(&fixture.me(Some(&bearer)).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn the_token_of_an_account_that_is_gone_is_worth_nothing() {
    let (fixture, answer) = registered().await;
    fixture.db.execute("DELETE FROM accounts", []).await.unwrap();
    let token = answer.body["tokens"]["accessToken"].as_str().unwrap();
    is_problem(&fixture.me(Some(&format!("Bearer {token}"))).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_request_id_is_passed_through_if_it_is_one() {
    let fixture = fixture().await;
    let send = |id: &'static str| {
        let request = Request::get("/api/v1/auth/me").header("x-request-id", id);
        fixture.send(request.body(Body::empty()).unwrap())
    };
    assert_eq!(send("Abc-1.2_3").await.header("x-request-id"), "Abc-1.2_3");
    for bad in ["", "a b", "ä", "a\"b", &"x".repeat(65)].map(|id| String::leak(id.to_owned())) {
        let answer = send(bad).await;
        assert_eq!(answer.header("x-request-id").len(), 36, "{bad}");
    }
}
