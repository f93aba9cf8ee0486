//! Keys of programs.

use super::{NO_STORE, owner::Owner};
use crate::Auth;
use crate::wire::{ApiKeyBody, ApiKeysBody, ExchangeBody, ExchangedBody, NewKeyBody, WholeKeyBody};
use axum::{extract::State, http::StatusCode, response::IntoResponse};
use uuid::Uuid;
use vitrine_edge::{Json, Path, Problem};

/// Makes a key. It is shown once, and needs the password.
#[cfg_attr(feature = "openapi", utoipa::path(
    post, path = "/api/v1/auth/api-keys", operation_id = "createApiKey", tag = "auth", security(("accessToken" = [])),
    request_body = NewKeyBody,
    responses((status = 201, description = "The key.", body = WholeKeyBody), super::openapi::MakingKeys),
))]
pub(super) async fn create(
    State(auth): State<Auth>,
    Owner(actor): Owner,
    Json(body): Json<NewKeyBody>,
) -> Result<impl IntoResponse, Problem> {
    let (api_key, key) = auth.create_api_key(actor, &body.password, &body.name, &body.scopes).await?;
    let body = WholeKeyBody { api_key: ApiKeyBody::from(api_key), key };
    Ok((StatusCode::CREATED, [NO_STORE], Json::<WholeKeyBody>(body)))
}

/// The caller's keys, the newest first.
#[cfg_attr(feature = "openapi", utoipa::path(
    get, path = "/api/v1/auth/api-keys", operation_id = "listApiKeys", tag = "auth", security(("accessToken" = [])),
    responses((status = 200, description = "The keys.", body = ApiKeysBody), super::openapi::WithToken),
))]
pub(super) async fn list(State(auth): State<Auth>, Owner(actor): Owner) -> Result<impl IntoResponse, Problem> {
    let items = auth.api_keys(actor).await?.into_iter().map(ApiKeyBody::from).collect();
    Ok(([NO_STORE], Json::<ApiKeysBody>(ApiKeysBody { items })))
}

/// Ends one of the caller's keys, and the tokens that were made from it.
#[cfg_attr(feature = "openapi", utoipa::path(
    delete, path = "/api/v1/auth/api-keys/{id}", operation_id = "revokeApiKey", tag = "auth",
    security(("accessToken" = [])),
    params(("id" = Uuid, Path, description = "The key.")),
    responses((status = 204, description = "It has ended."), super::openapi::Finding),
))]
pub(super) async fn revoke(
    State(auth): State<Auth>,
    Owner(actor): Owner,
    Path(id): Path<Uuid>,
) -> Result<StatusCode, Problem> {
    auth.revoke_api_key(actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /_token`: an access token for a key, for the gateway.
pub(super) async fn exchange(
    State(auth): State<Auth>,
    Json(body): Json<ExchangeBody>,
) -> Result<impl IntoResponse, Problem> {
    let (access_token, expires_in) = auth.exchange(&body.api_key).await?;
    Ok(([NO_STORE], Json::<ExchangedBody>(ExchangedBody { access_token, expires_in })))
}
