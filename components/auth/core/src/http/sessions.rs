//! The sessions of an account.

use super::{NO_STORE, owner::Owner};
use crate::Auth;
use crate::wire::{SessionBody, SessionsBody};
use axum::{extract::State, http::StatusCode, response::IntoResponse};
use uuid::Uuid;
use vitrine_edge::{Json, Path, Problem};

/// The caller's sessions that are live, the last seen first.
#[cfg_attr(feature = "openapi", utoipa::path(
    get, path = "/api/v1/auth/sessions", operation_id = "listSessions", tag = "auth", security(("accessToken" = [])),
    responses((status = 200, description = "The sessions.", body = SessionsBody), super::openapi::WithToken),
))]
pub(super) async fn list(State(auth): State<Auth>, Owner(actor): Owner) -> Result<impl IntoResponse, Problem> {
    let sessions = auth.sessions(actor).await?;
    let items = sessions.iter().map(|session| SessionBody::new(session, actor.session)).collect();
    Ok(([NO_STORE], Json::<SessionsBody>(SessionsBody { items })))
}

/// Ends one of the caller's sessions. Its access tokens are refused within a second.
#[cfg_attr(feature = "openapi", utoipa::path(
    delete, path = "/api/v1/auth/sessions/{id}", operation_id = "revokeSession", tag = "auth", security(("accessToken" = [])),
    params(("id" = Uuid, Path, description = "The session.")),
    responses((status = 204, description = "It has ended."), super::openapi::Finding),
))]
pub(super) async fn revoke(
    State(auth): State<Auth>,
    Owner(actor): Owner,
    Path(id): Path<Uuid>,
) -> Result<StatusCode, Problem> {
    auth.revoke_session(actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
