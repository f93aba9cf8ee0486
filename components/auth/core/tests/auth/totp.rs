//! The second factor.

use crate::support::{Answer, Fixture, PASSWORD, fixture, is_problem};
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use std::time::Duration;
use totp_rs::{Builder, Secret, Totp};
use vitrine_clock::Clock as _;

const BEGIN: &str = "/api/v1/auth/totp/begin";
const CONFIRM: &str = "/api/v1/auth/totp/confirm";
const DISABLE: &str = "/api/v1/auth/totp/disable";

struct Owner {
    fixture: Fixture,
    token: String,
    totp: Totp,
    recovery_codes: Vec<String>,
}

/// An account with a second factor, on a clock that has gone on since it was set up.
async fn owner() -> Owner {
    let fixture = fixture().await;
    let token = fixture.register("ada").await.tokens.access_token;
    let begun = fixture.act(Method::POST, &token, BEGIN, &json!({ "password": PASSWORD })).await;
    assert_eq!((begun.status, begun.header("cache-control")), (StatusCode::OK, "no-store"));
    assert!(begun.text("/qrSvg").contains("<svg"));
    let secret = Secret::try_from_base32(begun.text("/secret")).unwrap();
    let totp = Builder::new().with_secret(secret).build().unwrap();
    let code = code_of(&totp, &fixture);
    let confirmed = fixture.act(Method::POST, &token, CONFIRM, &json!({ "code": code })).await;
    assert_eq!(confirmed.status, StatusCode::OK, "{confirmed:?}");
    let codes = confirmed.body["recoveryCodes"].as_array().unwrap();
    let recovery_codes: Vec<_> = codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect();
    assert_eq!(recovery_codes.len(), 10);
    fixture.clock.advance(Duration::from_secs(60));
    Owner { fixture, token, totp, recovery_codes }
}

fn code_of(totp: &Totp, fixture: &Fixture) -> String {
    totp.generate(u64::try_from(fixture.clock.now().as_seconds()).unwrap()).to_string()
}

impl Owner {
    fn code(&self) -> String {
        code_of(&self.totp, &self.fixture)
    }

    async fn login(&self, password: &str, code: &str) -> Answer {
        let body = json!({ "login": "ada", "password": password, "totp": code });
        self.fixture.post("/api/v1/auth/login", &body).await
    }
}

fn refused(answer: &Answer, reason: &str) {
    is_problem(answer, StatusCode::UNAUTHORIZED);
    assert_eq!(answer.body["reason"], reason);
}

#[tokio::test]
async fn a_login_needs_a_code_and_gives_nothing_before_it() {
    let owner = owner().await;
    let without = owner.fixture.login("ada", PASSWORD).await;
    refused(&without, "totp_required");
    assert!(without.body.get("tokens").is_none() && without.headers.get("set-cookie").is_none());
    refused(&owner.login(PASSWORD, "000000").await, "totp_invalid");
    refused(&owner.login(PASSWORD, "").await, "totp_invalid");
    // Who does not know the password does not learn that there is a second factor.
    let wrong = owner.login("not the password", &owner.code()).await;
    is_problem(&wrong, StatusCode::UNAUTHORIZED);
    assert!(wrong.body.get("reason").is_none());
    let answer = owner.login(PASSWORD, &owner.code()).await;
    assert_eq!((answer.status, &answer.body["account"]["totpEnabled"]), (StatusCode::OK, &json!(true)));
    assert_eq!(owner.fixture.refresh(&answer.text("/tokens/refreshToken")).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_code_counts_once() {
    let owner = owner().await;
    let code = owner.code();
    assert_eq!(owner.login(PASSWORD, &code).await.status, StatusCode::OK);
    refused(&owner.login(PASSWORD, &code).await, "totp_invalid");
    owner.fixture.clock.advance(Duration::from_secs(30));
    refused(&owner.login(PASSWORD, &code).await, "totp_invalid");
    assert_eq!(owner.login(PASSWORD, &owner.code()).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_recovery_code_stands_in_for_it_once() {
    let owner = owner().await;
    let code = owner.recovery_codes[3].to_uppercase();
    assert_eq!(owner.login(PASSWORD, &code).await.status, StatusCode::OK);
    refused(&owner.login(PASSWORD, &code).await, "totp_invalid");
    assert_eq!(owner.login(PASSWORD, &owner.recovery_codes[4]).await.status, StatusCode::OK);
    assert_eq!(owner.fixture.count("SELECT COUNT(*) AS n FROM recovery_codes").await, 8);
    let stored = format!("{:?}", owner.fixture.db.query("SELECT * FROM recovery_codes", []).await.unwrap());
    assert!(owner.recovery_codes.iter().all(|code| !stored.contains(code.as_str())));
}

#[tokio::test]
async fn codes_are_not_tried_out() {
    let owner = owner().await;
    for _ in 0..5 {
        refused(&owner.login(PASSWORD, "000000").await, "totp_invalid");
    }
    is_problem(&owner.login(PASSWORD, &owner.code()).await, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn it_ends_sessions_that_have_not_shown_it() {
    let fixture = fixture().await;
    let other = fixture.register("ada").await;
    let token = fixture.login("ada", PASSWORD).await.text("/tokens/accessToken");
    let begun = fixture.act(Method::POST, &token, BEGIN, &json!({ "password": PASSWORD })).await;
    let secret = Secret::try_from_base32(begun.text("/secret")).unwrap();
    let code = code_of(&Builder::new().with_secret(secret).build().unwrap(), &fixture);
    // Another session of the account cannot end what this one began, nor mint recovery codes by it.
    let stolen = fixture.act(Method::POST, &other.tokens.access_token, CONFIRM, &json!({ "code": code })).await;
    is_problem(&stolen, StatusCode::NOT_FOUND);
    assert_eq!(fixture.act(Method::POST, &token, CONFIRM, &json!({ "code": code })).await.status, StatusCode::OK);
    is_problem(&fixture.refresh(&other.tokens.refresh_token).await, StatusCode::UNAUTHORIZED);
    assert!(!fixture.live.is_live(fixture.session_of(&other.tokens.access_token)).await.unwrap());
    // A token from before is worth nothing now: it mints no recovery codes.
    let before = fixture.act(Method::POST, &other.tokens.access_token, BEGIN, &json!({ "password": PASSWORD })).await;
    is_problem(&before, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn setting_it_up_needs_the_password_a_code_and_one_session() {
    let fixture = fixture().await;
    let token = fixture.register("ada").await.tokens.access_token;
    let wrong = fixture.act(Method::POST, &token, BEGIN, &json!({ "password": "not the password" })).await;
    is_problem(&wrong, StatusCode::FORBIDDEN);
    assert_eq!(wrong.body["reason"], "wrong_password");
    is_problem(&fixture.act(Method::POST, &token, CONFIRM, &json!({ "code": "000000" })).await, StatusCode::NOT_FOUND);
    is_problem(
        &fixture.call(Method::POST, BEGIN, &[], &json!({ "password": PASSWORD })).await,
        StatusCode::UNAUTHORIZED,
    );
    for _ in 0..2 {
        let begun = fixture.act(Method::POST, &token, BEGIN, &json!({ "password": PASSWORD })).await;
        assert_eq!(begun.status, StatusCode::OK);
    }
    refused(&fixture.act(Method::POST, &token, CONFIRM, &json!({ "code": "000000" })).await, "totp_invalid");
    // Nothing is asked of a login before it is confirmed.
    assert_eq!(fixture.login("ada", PASSWORD).await.status, StatusCode::OK);
    fixture.clock.advance(Duration::from_secs(15 * 60));
    let token = fixture.login("ada", PASSWORD).await.text("/tokens/accessToken");
    is_problem(&fixture.act(Method::POST, &token, CONFIRM, &json!({ "code": "000000" })).await, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn it_is_taken_away_by_who_has_both() {
    let owner = owner().await;
    let disable = |password: &'static str, code: String| {
        let owner = &owner;
        async move {
            let body = json!({ "password": password, "totp": code });
            owner.fixture.act(Method::POST, &owner.token, DISABLE, &body).await
        }
    };
    is_problem(&disable("not the password", owner.code()).await, StatusCode::FORBIDDEN);
    refused(&disable(PASSWORD, "000000".to_owned()).await, "totp_invalid");
    let again = owner.fixture.act(Method::POST, &owner.token, BEGIN, &json!({ "password": PASSWORD })).await;
    is_problem(&again, StatusCode::CONFLICT);
    refused(&owner.fixture.login("ada", PASSWORD).await, "totp_required");
    owner.fixture.clock.advance(Duration::from_secs(60));
    assert_eq!(disable(PASSWORD, owner.code()).await.status, StatusCode::NO_CONTENT);
    let told = owner.fixture.subjects("ada@example.org").await;
    assert!(told.contains(&"Your second factor was taken away".to_owned()), "{told:?}");
    assert_eq!(owner.fixture.login("ada", PASSWORD).await.status, StatusCode::OK);
    assert_eq!(owner.fixture.count("SELECT COUNT(*) AS n FROM recovery_codes").await, 0);
}

#[tokio::test]
async fn deleting_the_account_needs_it_and_asking_for_it_is_no_guess() {
    let owner = owner().await;
    let delete = |code: Value| {
        let owner = &owner;
        async move {
            let body = json!({ "password": PASSWORD, "totp": code });
            owner.fixture.act(Method::POST, &owner.token, "/api/v1/auth/delete-account", &body).await
        }
    };
    for _ in 0..6 {
        let answer = delete(Value::Null).await;
        is_problem(&answer, StatusCode::FORBIDDEN);
        assert_eq!(answer.body["reason"], "totp_required");
    }
    for _ in 0..3 {
        let answer = delete(json!("000000")).await;
        is_problem(&answer, StatusCode::FORBIDDEN);
        assert_eq!(answer.body["reason"], "totp_invalid");
    }
    assert_eq!(delete(json!(owner.code())).await.status, StatusCode::NO_CONTENT);
}
