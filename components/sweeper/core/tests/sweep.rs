//! A sweep against a router that stands for the app.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use axum::{
    Router,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use sweeper_core::{Error, sweep};
use vitrine_http_out::{HttpOutError, Limits, RouterHttpOut};
use vitrine_identity::ServiceToken;

const SECRET: &str = "0123456789012345678901234567890123456789012";

fn token() -> ServiceToken {
    ServiceToken::new(SECRET).unwrap()
}

/// An app whose route is guarded as the real one is, and answers with `status`.
fn app(status: StatusCode) -> RouterHttpOut {
    let ring = move |headers: HeaderMap| async move { token().check(&headers).map(|()| status) };
    RouterHttpOut::new(Limits::default()).with("http://127.0.0.1:3000", Router::new().route("/api/v1/ring", post(ring)))
}

#[tokio::test]
async fn a_ring_that_is_accepted_is_a_success() {
    let app = app(StatusCode::ACCEPTED);
    assert_eq!(sweep(&app, "http://127.0.0.1:3000", &token()).await, Ok(()));
    assert_eq!(sweep(&app, "http://127.0.0.1:3000/", &token()).await, Ok(()));
}

#[tokio::test]
async fn any_other_answer_is_told() {
    let failing = app(StatusCode::SERVICE_UNAVAILABLE);
    let refused = sweep(&failing, "http://127.0.0.1:3000", &token()).await;
    assert_eq!(refused, Err(Error::Refused(StatusCode::SERVICE_UNAVAILABLE)));
    let other = ServiceToken::new(&"x".repeat(43)).unwrap();
    let refused = sweep(&failing, "http://127.0.0.1:3000", &other).await;
    assert_eq!(refused, Err(Error::Refused(StatusCode::UNAUTHORIZED)));
}

#[tokio::test]
async fn an_app_that_cannot_be_asked_is_told() {
    let app = app(StatusCode::ACCEPTED);
    let denied = sweep(&app, "http://elsewhere.example", &token()).await;
    assert_eq!(denied, Err(Error::Unreachable(HttpOutError::Denied)));
    assert_eq!(sweep(&app, "not an address", &token()).await, Err(Error::PublicUrl));
    let message = sweep(&app, "", &token()).await.unwrap_err().to_string();
    assert!(!message.contains(SECRET), "{message}");
}
