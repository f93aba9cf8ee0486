//! Passkeys.

mod adding;
mod logging_in;
mod owning;
mod places;

use crate::authenticator::Authenticator;
use crate::support::{Answer, Fixture, PASSWORD, fixture};
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

const PASSKEYS: &str = "/api/v1/auth/passkeys";
const BEGIN: &str = "/api/v1/auth/passkeys/register/begin";
const FINISH: &str = "/api/v1/auth/passkeys/register/finish";
const BEGIN_LOGIN: &str = "/api/v1/auth/passkeys/login/begin";
const FINISH_LOGIN: &str = "/api/v1/auth/passkeys/login/finish";
const REMOVE: &str = "/api/v1/auth/passkeys/remove";

/// What the browser is told that adds a passkey.
async fn begin(fixture: &Fixture, token: &str) -> Value {
    let begun = fixture.act(Method::POST, token, BEGIN, &json!({ "password": PASSWORD })).await;
    assert_eq!((begun.status, begun.header("cache-control")), (StatusCode::OK, "no-store"), "{begun:?}");
    begun.body["publicKey"].clone()
}

async fn finish(fixture: &Fixture, token: &str, credential: &Value) -> Answer {
    fixture.act(Method::POST, token, FINISH, &json!({ "name": "my phone", "credential": credential })).await
}

/// Adds a passkey. Gives back its id.
async fn add(fixture: &Fixture, token: &str, authenticator: &mut Authenticator) -> String {
    let made = authenticator.make(&begin(fixture, token).await);
    let added = finish(fixture, token, &made).await;
    assert_eq!(added.status, StatusCode::CREATED, "{added:?}");
    added.text("/id")
}

/// What the browser is told that logs in.
async fn begin_login(fixture: &Fixture) -> Value {
    let begun = fixture.post(BEGIN_LOGIN, &Value::Null).await;
    assert_eq!((begun.status, begun.header("cache-control")), (StatusCode::OK, "no-store"), "{begun:?}");
    begun.body["publicKey"].clone()
}

async fn finish_login(fixture: &Fixture, credential: &Value) -> Answer {
    fixture.post(FINISH_LOGIN, &json!({ "credential": credential })).await
}

async fn login(fixture: &Fixture, authenticator: &Authenticator) -> Answer {
    finish_login(fixture, &authenticator.sign(&begin_login(fixture).await)).await
}

/// What is in the audit log about a kind, the last one first.
async fn noted(fixture: &Fixture, token: &str, kind: &str) -> Vec<String> {
    let log = fixture.act(Method::GET, token, "/api/v1/auth/audit", &Value::Null).await;
    let entries = log.body["items"].as_array().unwrap().iter().filter(|entry| entry["kind"] == kind);
    entries.map(|entry| entry["detail"].as_str().unwrap().to_owned()).collect()
}

/// An account with a passkey.
async fn owner() -> (Fixture, String, Authenticator) {
    let fixture = fixture().await;
    let token = fixture.register("ada").await.tokens.access_token;
    let mut authenticator = Authenticator::new(1);
    authenticator.counter = 7;
    add(&fixture, &token, &mut authenticator).await;
    (fixture, token, authenticator)
}
