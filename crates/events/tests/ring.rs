//! The behaviour suite of rings, on the one that calls the relay.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use axum::{
    Router,
    http::StatusCode,
    routing::{get, post},
};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};
use vitrine_clock::TokioTimer;
use vitrine_events::{ChainedRing, Spawn, suite::Subject};
use vitrine_http_out::{Limits, RouterHttpOut};
use vitrine_identity::ServiceToken;

fn subject() -> Subject {
    let token = ServiceToken::new("relay-relay-relay-relay-relay-relay-relay-re").unwrap();
    let rung = Arc::new(AtomicU64::new(0));
    let heard = Arc::clone(&rung);
    let ring = post(move || async move {
        rung.fetch_add(1, Ordering::SeqCst);
        StatusCode::ACCEPTED
    });
    let relay = token
        .guard(Router::new().route("/_ring", ring))
        .route("/heard", get(move || async move { heard.load(Ordering::SeqCst).to_string() }));
    let out = Arc::new(RouterHttpOut::new(Limits::default()).with("http://relay.test", relay));
    let spawn: Spawn = Arc::new(|work| drop(tokio::spawn(work)));
    let ring = Arc::new(ChainedRing::new(out.clone(), "http://relay.test", token, spawn));
    Subject { ring, out, heard: "http://relay.test/heard".to_owned(), timer: Arc::new(TokioTimer) }
}

vitrine_events::ring_suite!(subject());
