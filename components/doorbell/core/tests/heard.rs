//! Messages against a router that stands for the app.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use doorbell_core::{Error, heard};
use vitrine_http_out::{HttpOutError, Limits, RouterHttpOut};
use vitrine_identity::ServiceToken;

const APP: &str = "http://127.0.0.1:3000";

fn token(letter: &str) -> ServiceToken {
    ServiceToken::new(&letter.repeat(43)).unwrap()
}

fn app() -> RouterHttpOut {
    let ring = async |headers: HeaderMap| token("a").check(&headers).map(|()| StatusCode::ACCEPTED);
    RouterHttpOut::new(Limits::default()).with(APP, Router::new().route("/api/v1/ring", post(ring)))
}

#[tokio::test]
async fn a_message_rings_once() {
    assert_eq!(heard(&app(), APP, &token("a")).await, Ok(()));
}

#[tokio::test]
async fn an_app_that_does_not_take_the_ring_is_told() {
    let refused = heard(&app(), APP, &token("b")).await;
    assert_eq!(refused, Err(Error::Refused(StatusCode::UNAUTHORIZED)));
    let away = heard(&app(), "http://elsewhere.example", &token("a")).await;
    assert_eq!(away, Err(Error::Unreachable(HttpOutError::Denied)));
}
