//! The keys that access tokens are verified with.

use crate::Auth;
use crate::wire::JwksBody;
use axum::{
    extract::State,
    http::{HeaderValue, header},
    response::IntoResponse,
};
use vitrine_edge::Json;

/// How long a cache may keep them: a key is published for longer than that before it signs.
const CACHED: HeaderValue = HeaderValue::from_static("public, max-age=300");

/// The public keys of those that sign access tokens, and of those that did or will (RFC 7517).
#[cfg_attr(feature = "openapi", utoipa::path(
    get, path = "/.well-known/jwks.json", operation_id = "readKeys", tag = "auth",
    responses((status = 200, description = "The keys.", body = JwksBody), super::openapi::Keys),
))]
pub(super) async fn read(State(auth): State<Auth>) -> impl IntoResponse {
    let keys = auth.verifier().keys().iter().map(vitrine_identity::PublicKey::to_jwk).collect();
    ([(header::CACHE_CONTROL, CACHED)], Json::<JwksBody>(JwksBody { keys }))
}
