//! What else their owners do with them, and how they end.

use super::{BEGIN, FINISH, PASSKEYS, REMOVE, add, begin, login, noted, owner};
use crate::support::{Answer, PASSWORD, fixture, is_problem};
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use std::time::Duration;
use vitrine_authenticator::Authenticator;

#[tokio::test]
async fn adding_and_removing_need_the_password_and_a_session() {
    let (fixture, token, mut authenticator) = owner().await;
    assert!(fixture.subjects("ada@example.org").await.contains(&"A passkey was added".to_owned()));
    let list = fixture.act(Method::GET, &token, PASSKEYS, &Value::Null).await;
    assert_eq!((list.status, list.header("cache-control")), (StatusCode::OK, "no-store"));
    let id = list.text("/items/0/id");
    let wrong = json!({ "id": id, "password": "not the password" });
    for path in [BEGIN, REMOVE] {
        let answer = fixture.act(Method::POST, &token, path, &wrong).await;
        is_problem(&answer, StatusCode::FORBIDDEN);
        assert_eq!(answer.body["reason"], "wrong_password");
    }
    let right = json!({ "id": id, "password": PASSWORD });
    let body = json!({ "name": "a script", "scopes": ["account:read"], "password": PASSWORD });
    let key = fixture.act(Method::POST, &token, "/api/v1/auth/api-keys", &body).await.text("/key");
    let (program, _) = fixture.auth.exchange(&key).await.unwrap();
    for (method, path) in
        [(Method::POST, BEGIN), (Method::POST, FINISH), (Method::POST, REMOVE), (Method::GET, PASSKEYS)]
    {
        let body = if method == Method::GET { Value::Null } else { right.clone() };
        is_problem(&fixture.call(method.clone(), path, &[], &body).await, StatusCode::UNAUTHORIZED);
        is_problem(&fixture.act(method, &program, path, &body).await, StatusCode::FORBIDDEN);
    }
    // Of somebody else there is none.
    let bob = fixture.register("bob").await.tokens.access_token;
    is_problem(&fixture.act(Method::POST, &bob, REMOVE, &right).await, StatusCode::NOT_FOUND);
    authenticator.counter = 8;
    assert_eq!(login(&fixture, &authenticator).await.status, StatusCode::OK);
    assert_eq!(fixture.act(Method::POST, &token, REMOVE, &right).await.status, StatusCode::NO_CONTENT);
    is_problem(&fixture.act(Method::POST, &token, REMOVE, &right).await, StatusCode::NOT_FOUND);
    assert_eq!(noted(&fixture, &token, "passkey-removed").await, ["my phone"]);
    authenticator.counter = 9;
    is_problem(&login(&fixture, &authenticator).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn passwords_are_tried_slowly_here_too() {
    let (fixture, token, _) = owner().await;
    let wrong = json!({ "password": "not the password" });
    for _ in 0..5 {
        is_problem(&fixture.act(Method::POST, &token, BEGIN, &wrong).await, StatusCode::FORBIDDEN);
    }
    is_problem(&fixture.act(Method::POST, &token, BEGIN, &wrong).await, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn they_are_told_in_the_export_and_end_with_the_password_and_the_account() {
    let (fixture, token, mut authenticator) = owner().await;
    let export = fixture.act(Method::GET, &token, "/api/v1/auth/export", &Value::Null).await;
    assert_eq!(export.text("/passkeys/0/name"), "my phone");
    // A reset takes them away, since whoever knew the password may have added some.
    begin(&fixture, &token).await;
    fixture.auth.deliver_mail().await.unwrap();
    fixture.clock.advance(Duration::from_secs(1));
    fixture.auth.request_password_reset("ada@example.org").await.unwrap();
    let secret = fixture.secret("ada@example.org").await;
    fixture.auth.reset_password(&secret, "new and better words").await.unwrap();
    authenticator.counter = 8;
    is_problem(&login(&fixture, &authenticator).await, StatusCode::UNAUTHORIZED);
    for table in ["passkeys", "passkey_challenges"] {
        let sql = format!("SELECT COUNT(*) AS n FROM {table} WHERE account_id IS NOT NULL");
        assert_eq!(fixture.count(&sql).await, 0, "{table}");
    }
    // So does the end of the account.
    let bob = fixture.register("bob").await.tokens.access_token;
    let mut other = Authenticator::new(2);
    add(&fixture, &bob, &mut other).await;
    let body = json!({ "password": PASSWORD });
    let gone = fixture.act(Method::POST, &bob, "/api/v1/auth/delete-account", &body).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    is_problem(&login(&fixture, &other).await, StatusCode::UNAUTHORIZED);
    assert_eq!(fixture.count("SELECT COUNT(*) AS n FROM passkeys").await, 0);
}

#[tokio::test]
async fn it_is_the_same_over_trpc() {
    let fixture = fixture().await;
    let token = fixture.register("ada").await.tokens.access_token;
    let call = |procedure: &'static str, body: Value| {
        let (fixture, token) = (&fixture, token.as_str());
        async move {
            let method = if body.is_null() { Method::GET } else { Method::POST };
            fixture.act(method, token, &format!("/api/auth/passkeys.{procedure}"), &body).await
        }
    };
    let data = |answer: Answer| {
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        answer.body["result"]["data"].clone()
    };
    let mut authenticator = Authenticator::new(1);
    let options = data(call("beginRegister", json!({ "password": PASSWORD })).await);
    let credential = authenticator.make(&options["publicKey"]);
    let added = data(call("finishRegister", json!({ "name": "my phone", "credential": credential })).await);
    assert_eq!(data(call("list", Value::Null).await), json!([added]));
    let options = data(call("beginLogin", json!({})).await);
    let credential = authenticator.sign(&options["publicKey"]);
    let login = json!({ "credential": credential, "cookies": true });
    let answer = call("finishLogin", login.clone()).await;
    assert!(answer.cookie("__Host-vitrine_access").is_some());
    assert_eq!(data(answer)["account"]["handle"], "ada");
    let refused = call("finishLogin", login).await;
    assert_eq!(refused.body["error"]["data"]["code"], "UNAUTHORIZED", "{refused:?}");
    data(call("remove", json!({ "id": added["id"], "password": PASSWORD })).await);
    assert_eq!(data(call("list", Value::Null).await), json!([]));
    // Answers are not tried ten at a time.
    let (one, path) = (json!({ "credential": {} }), "/api/auth/passkeys.finishLogin,passkeys.finishLogin?batch=1");
    let batch = fixture.call(Method::POST, path, &[], &json!({ "0": one, "1": one })).await;
    assert!(!batch.body.to_string().contains("is not what was asked for"), "{batch:?}");
}
