//! The routes: two to ring, and what an operator asks.

use crate::{Relay, admin};
use axum::{
    Router,
    extract::State,
    http::StatusCode,
    routing::{get, post},
};
use vitrine_identity::ServiceToken;
use vitrine_random::Ids;

/// Who may do what.
#[derive(Debug, Clone)]
pub struct Tokens {
    /// Of services, at `/_ring`.
    pub service: ServiceToken,
    /// Of what rings from outside, at `/api/v1/ring`.
    pub ring: ServiceToken,
    /// Of operators, at `/api/v1/admin/events`.
    pub admin: ServiceToken,
}

/// The routes of the relay. Built once for each instance.
///
/// | route | token | what |
/// |---|---|---|
/// | `POST /_ring` | service | 202, then delivers what is due |
/// | `POST /api/v1/ring` | ring | the same, for sweeper, doorbell and a CronJob |
/// | `GET /api/v1/admin/events/stats` | admin | how each source's outbox is doing |
/// | `GET /api/v1/admin/events/metrics` | admin | the same for Prometheus |
/// | `GET /api/v1/admin/events/{source}/dead?cursor=&limit=` | admin | dead letters |
/// | `POST /api/v1/admin/events/{source}/replay` | admin | `{event?, consumer?}`: has them delivered after all, 500 a call |
pub fn router(relay: Relay, tokens: &Tokens, ids: Ids) -> Router {
    let private = tokens.service.guard(Router::new().route("/_ring", post(ring)));
    let bell = tokens.ring.guard(Router::new().route("/api/v1/ring", post(ring)));
    let admin = Router::new()
        .route("/api/v1/admin/events/stats", get(admin::stats))
        .route("/api/v1/admin/events/metrics", get(admin::metrics))
        .route("/api/v1/admin/events/{source}/dead", get(admin::dead))
        .route("/api/v1/admin/events/{source}/replay", post(admin::replay));
    let router = private.merge(bell).merge(tokens.admin.guard(admin));
    vitrine_edge::finish(router.with_state(relay), ids)
}

/// Has what is due delivered. Answers at once; the work begins after the response.
#[cfg_attr(feature = "openapi", utoipa::path(
    post, path = "/api/v1/ring", tag = "operation", security(("ringToken" = [])),
    responses((status = 202, description = "It begins after this response."), crate::openapi::WithToken),
))]
pub(crate) async fn ring(State(relay): State<Relay>) -> StatusCode {
    relay.ring();
    StatusCode::ACCEPTED
}
