//! The router: what is public, and what is for services (`/_…`).
pub(crate) mod callers;
#[cfg(feature = "openapi")]
mod openapi;
mod own;
pub(crate) mod photos;
mod private;
mod problems;
pub(crate) mod sent;
pub(crate) mod wire;

#[cfg(feature = "openapi")]
pub use openapi::document;

use std::sync::Arc;

use axum::Router;
use axum::extract::{FromRef, Request};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::{delete, get, post, put};
use vitrine_events::{Consumer, Inbox, Outbox, Ring, Spawn, consumer_router, outbox_router};
use vitrine_identity::{ServiceToken, Verifier};

use crate::events::{Accounts, EveryPhotoEnds};
use crate::service::Upload;
use crate::sweep::{self, Broom};
use crate::trpc;

/// What the router needs. It holds nothing of any one request.
#[derive(Debug, Clone)]
pub struct State {
    pub(crate) upload: Upload,
    broom: Broom,
    verifier: Verifier,
    tokens: Tokens,
}

/// What callers of `/_…` present.
#[derive(Debug, Clone)]
pub struct Tokens {
    /// The worker, which reports attempts and results.
    pub report: ServiceToken,
    /// The relay, which claims and delivers events.
    pub service: ServiceToken,
}

impl State {
    /// `spawn` starts work that goes on after a response.
    pub fn new(upload: Upload, verifier: Verifier, tokens: Tokens, spawn: Spawn) -> Self {
        let broom = Broom::new(upload.clone(), spawn);
        Self { upload, broom, verifier, tokens }
    }
}

impl FromRef<State> for Verifier {
    fn from_ref(state: &State) -> Self {
        state.verifier.clone()
    }
}

/// The routes of the service. Built once for each instance.
pub fn router(state: State) -> Router {
    let public = Router::new()
        .route("/api/v1/photos", post(photos::create).get(photos::list))
        .route("/api/v1/photos/{id}", get(photos::by_id).patch(own::update).delete(own::delete))
        .route("/api/v1/photos/{id}/original", get(own::original))
        .route("/api/v1/photos/{id}/restore", post(own::restore));
    let procedures = Router::new().nest("/api/upload", trpc::procedures().into_axum(state.clone()));
    let private = Router::new()
        .route("/_photos/{id}/attempts", post(private::begin_attempt))
        .route("/_photos/{id}/attempts/{attempt}", delete(private::end_attempt))
        .route("/_photos/{id}/result", put(private::finish))
        .route("/_photos/{id}/written", put(private::will_write));
    let Upload { db, clock, random, ids, ring, .. } = state.upload.clone();
    let herald = state.upload.herald();
    let accounts = Consumer::new(db.clone(), Inbox::new(Arc::clone(&clock)), Arc::new(Accounts(herald.clone())));
    let accounts = consumer_router(accounts, &state.tokens.service).layer(from_fn_with_state(ring, ring_after));
    let outbox = Outbox::with_hooks(db, clock, random, Arc::new(EveryPhotoEnds(herald)));
    let outbox =
        outbox_router(outbox, &state.tokens.service).layer(from_fn_with_state(state.broom.clone(), sweep::layer));
    let private = state.tokens.report.guard(private);
    vitrine_edge::finish(public.merge(private).with_state(state).merge(procedures).merge(outbox).merge(accounts), ids)
}

/// What an event has brought about may be events too.
async fn ring_after(
    axum::extract::State(ring): axum::extract::State<Arc<dyn Ring>>,
    request: Request,
    next: Next,
) -> Response {
    let response = next.run(request).await;
    if response.status().is_success() {
        ring.ring();
    }
    response
}
