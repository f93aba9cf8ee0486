//! Keys that sign, and keys that follow each other.

use crate::support::{fixture, is_problem, settings, signer};
use auth_core::Settings;
use axum::http::{Method, StatusCode};
use serde_json::Value;
use vitrine_identity::InvalidToken;

const JWKS: &str = "/.well-known/jwks.json";

#[tokio::test]
async fn the_keys_are_for_everybody() {
    let fixture = fixture().await;
    let answer = fixture.call(Method::GET, JWKS, &[], &Value::Null).await;
    assert_eq!((answer.status, answer.header("cache-control")), (StatusCode::OK, "public, max-age=300"));
    let key = signer(7).public_key().to_jwk();
    assert_eq!(answer.body["keys"].as_array().unwrap(), &[key]);
    assert!(answer.body["keys"][0].get("d").is_none(), "the private half stays here");
}

#[tokio::test]
async fn one_key_follows_another_and_nobody_has_to_log_in_again() {
    let old = fixture().await;
    let token = old.register("ada").await.tokens.access_token;
    let next = signer(8);
    let (old_key, next_key) = (signer(7).public_key().clone(), next.public_key().clone());
    // First the new key is published, and signs nothing.
    let keys = vec![old_key.clone(), next_key.clone()];
    let published = old.restarted(Settings { public_keys: keys.clone(), ..settings() });
    let answer = published.call(Method::GET, JWKS, &[], &Value::Null).await;
    assert_eq!(answer.body["keys"].as_array().unwrap().len(), 2, "each once: {answer:?}");
    // Then it signs, and what the old one has signed still counts.
    let switched = old.restarted(Settings { signer: next, public_keys: keys, ..settings() });
    let bearer = format!("Bearer {token}");
    assert_eq!(switched.me(Some(&bearer)).await.status, StatusCode::OK);
    let new = switched.login("ada", crate::support::PASSWORD).await.text("/tokens/accessToken");
    assert_eq!(old.verifier.verify(&new), Err(InvalidToken::UnknownKey));
    assert_eq!(published.me(Some(&format!("Bearer {new}"))).await.status, StatusCode::OK);
    // In the end the old one is gone.
    let ended = old.restarted(Settings { signer: signer(8), public_keys: vec![next_key], ..settings() });
    is_problem(&ended.me(Some(&bearer)).await, StatusCode::UNAUTHORIZED);
    assert_eq!(ended.me(Some(&format!("Bearer {new}"))).await.status, StatusCode::OK);
}
