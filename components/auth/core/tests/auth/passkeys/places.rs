//! Where there can be passkeys.

use super::{BEGIN, BEGIN_LOGIN, FINISH, FINISH_LOGIN, begin, finish, login};
use crate::authenticator::Authenticator;
use crate::support::{Fixture, PASSWORD, is_problem, settings};
use auth_core::{RelyingParty, Settings};
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

#[test]
fn passkeys_are_made_for_names_reached_with_encryption_and_for_this_machine() {
    for made in [
        "https://vitrine.example",
        "https://vitrine.example:8443/",
        " https://Vitrine.Example ",
        "https://bücher.example",
        "http://localhost:3000",
        "http://app.localhost:3000",
        "http://127.0.0.1:3000",
        "http://[::1]:3000",
    ] {
        assert!(RelyingParty::of(made).unwrap().is_some(), "{made}");
    }
    for none in ["http://vitrine.example", "https://203.0.113.7", "http://192.168.0.2:3000", "https://[2001:db8::1]"] {
        assert!(RelyingParty::of(none).unwrap().is_none(), "{none}");
    }
    for wrong in [
        "",
        "vitrine.example",
        "ftp://vitrine.example",
        "https://vitrine.example/app",
        "https://a@b.example",
        "https://vitrine.example?x",
        "https://a..b",
    ] {
        let error = RelyingParty::of(wrong).unwrap_err().to_string();
        assert!(error.contains("public_url") && error.contains(&format!("`{wrong}`")), "{error}");
    }
}

#[tokio::test]
async fn on_this_machine_they_are_for_localhost() {
    let relying_party = RelyingParty::of("http://127.0.0.1:3000").unwrap();
    let fixture = Fixture::with(Settings { relying_party, ..settings() }).await;
    let token = fixture.register("ada").await.tokens.access_token;
    let options = begin(&fixture, &token).await;
    assert_eq!(options["rp"]["id"], "localhost");
    let mut authenticator = Authenticator::new(1);
    authenticator.rp_id = "localhost".to_owned();
    authenticator.origin = "http://localhost:3000".to_owned();
    assert_eq!(finish(&fixture, &token, &authenticator.make(&options)).await.status, StatusCode::CREATED);
    assert_eq!(login(&fixture, &authenticator).await.status, StatusCode::OK);
    authenticator.origin = "http://localhost:8080".to_owned();
    is_problem(&login(&fixture, &authenticator).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn where_browsers_make_none_that_is_said() {
    let fixture = Fixture::with(Settings { relying_party: None, ..settings() }).await;
    let token = fixture.register("ada").await.tokens.access_token;
    let begun = fixture.act(Method::POST, &token, BEGIN, &json!({ "password": PASSWORD })).await;
    is_problem(&begun, StatusCode::FORBIDDEN);
    assert!(begun.text("/detail").contains("without encryption"));
    is_problem(&fixture.post(BEGIN_LOGIN, &Value::Null).await, StatusCode::FORBIDDEN);
    for path in [FINISH, FINISH_LOGIN] {
        let answer = fixture.act(Method::POST, &token, path, &json!({ "credential": {} })).await;
        is_problem(&answer, StatusCode::FORBIDDEN);
    }
}
