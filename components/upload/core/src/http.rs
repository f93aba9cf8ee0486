//! The router: what is public, what only wakes, and what is for services (`/_…`).
#[cfg(feature = "openapi")]
mod openapi;
mod photos;
mod private;
mod problems;
mod wire;

#[cfg(feature = "openapi")]
pub use openapi::document;

use axum::Router;
use axum::extract::FromRef;
use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::routing::{delete, get, post, put};
use vitrine_identity::{ServiceToken, Verifier};

use crate::drain::{Doorbell, Spawn};
use crate::service::Upload;

/// What the router needs. It holds nothing of any one request.
#[derive(Debug, Clone)]
pub struct State {
    upload: Upload,
    doorbell: Doorbell,
    verifier: Verifier,
    service_token: ServiceToken,
    ring_token: ServiceToken,
}

impl State {
    /// `service_token` is what callers of `/_…` present, `ring_token` what callers of the ring do; `spawn` starts work
    /// that goes on after a response.
    pub fn new(
        upload: Upload,
        verifier: Verifier,
        service_token: ServiceToken,
        ring_token: ServiceToken,
        spawn: Spawn,
    ) -> Self {
        let doorbell = Doorbell::new(upload.clone(), spawn);
        Self { upload, doorbell, verifier, service_token, ring_token }
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
        .route("/api/v1/photos/{id}", get(photos::by_id));
    let bell = state.ring_token.guard(Router::new().route("/api/v1/ring", post(ring)));
    let private = Router::new()
        .route("/_photos/{id}/attempts", post(private::begin_attempt))
        .route("/_photos/{id}/attempts/{attempt}", delete(private::withdraw_attempt))
        .route("/_photos/{id}/result", put(private::finish));
    let ids = state.upload.ids.clone();
    let router = public.merge(bell).merge(state.service_token.guard(private));
    vitrine_edge::finish(router.with_state(state), ids)
}

/// Delivers what is due, after the response.
#[cfg_attr(feature = "openapi", utoipa::path(
    post, path = "/api/v1/ring", tag = "operation", security(("ringToken" = [])),
    responses((status = 202, description = "It begins after this response."), openapi::WithToken),
))]
async fn ring(Shared(state): Shared<State>) -> StatusCode {
    state.doorbell.ring();
    StatusCode::ACCEPTED
}
