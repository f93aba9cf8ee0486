//! Rings: after a commit, one at a time, and none of them matters.

use crate::support::Shop;
use axum::{Router, http::StatusCode, routing::post};
use futures::future::BoxFuture;
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};
use vitrine_events::{ChainedRing, OutsideError, Ring, Spawn, committed, ring_from_outside};
use vitrine_http_out::{HttpOutError, Limits, RouterHttpOut};
use vitrine_identity::ServiceToken;

const SECRET: &str = "relay-relay-relay-relay-relay-relay-relay-re";

fn token() -> ServiceToken {
    ServiceToken::new(SECRET).unwrap()
}

#[derive(Default, Clone)]
struct Queue(Arc<Mutex<Vec<BoxFuture<'static, ()>>>>);

impl Queue {
    fn spawn(&self) -> Spawn {
        let queue = self.clone();
        Arc::new(move |work| queue.0.lock().unwrap().push(work))
    }

    async fn run(&self) -> usize {
        let work = std::mem::take(&mut *self.0.lock().unwrap());
        futures::future::join_all(work).await.len()
    }
}

#[tokio::test]
async fn a_commit_rings_once_after_the_response() {
    let shop = Shop::new().await;
    let (rung, queue) = (Arc::new(AtomicUsize::new(0)), Queue::default());
    let counter = rung.clone();
    let route = post(move || async move {
        counter.fetch_add(1, Ordering::SeqCst);
        StatusCode::ACCEPTED
    });
    let out = RouterHttpOut::new(Limits::default())
        .with("http://relay.test", token().guard(Router::new().route("/_ring", route)));
    let ring = ChainedRing::new(Arc::new(out), "http://relay.test/", token(), queue.spawn());
    let (one, two) = (shop.event(1), shop.event(2));
    committed(&ring, [&one, &two]);
    assert_eq!(rung.load(Ordering::SeqCst), 0, "nothing before the response");
    committed(&ring, [&one]);
    committed(&ring, []);
    assert_eq!((queue.run().await, rung.load(Ordering::SeqCst)), (1, 2), "one call for all that rang meanwhile");
    ring.ring();
    assert_eq!((queue.run().await, rung.load(Ordering::SeqCst)), (1, 3));
}

#[tokio::test]
async fn a_relay_that_is_away_troubles_nobody() {
    let queue = Queue::default();
    let out = RouterHttpOut::new(Limits::default());
    let ring = ChainedRing::new(Arc::new(out), "http://relay.test", token(), queue.spawn());
    for _ in 0..2 {
        ring.ring();
        assert_eq!(queue.run().await, 1);
    }
}

/// An app whose route is guarded as the real one is, and answers with `status`.
fn app(status: StatusCode) -> RouterHttpOut {
    let router = token().guard(Router::new().route("/api/v1/ring", post(move || async move { status })));
    RouterHttpOut::new(Limits::default()).with("http://127.0.0.1:3000", router)
}

#[tokio::test]
async fn a_ring_from_outside_is_accepted_or_told() {
    let good = app(StatusCode::ACCEPTED);
    for url in ["http://127.0.0.1:3000", "http://127.0.0.1:3000/"] {
        assert_eq!(ring_from_outside(&good, url, &token()).await, Ok(()));
    }
    let failing = ring_from_outside(&app(StatusCode::SERVICE_UNAVAILABLE), "http://127.0.0.1:3000", &token()).await;
    assert_eq!(failing, Err(OutsideError::Refused(StatusCode::SERVICE_UNAVAILABLE)));
    let other = ServiceToken::new(&"x".repeat(43)).unwrap();
    let refused = ring_from_outside(&good, "http://127.0.0.1:3000", &other).await;
    assert_eq!(refused, Err(OutsideError::Refused(StatusCode::UNAUTHORIZED)));
    let denied = ring_from_outside(&good, "http://elsewhere.example", &token()).await;
    assert_eq!(denied, Err(OutsideError::Unreachable(HttpOutError::Denied)));
    assert_eq!(ring_from_outside(&good, "no address", &token()).await, Err(OutsideError::PublicUrl));
    let message = ring_from_outside(&good, "", &token()).await.unwrap_err().to_string();
    assert!(!message.contains(SECRET), "{message}");
}
