//! The second factor.

use super::{NO_STORE, owner::Owner};
use crate::Auth;
use crate::wire::{CodeBody, CodesBody, DisableBody, SetupBody, StepUpBody};
use axum::{extract::State, http::StatusCode, response::IntoResponse};
use vitrine_edge::{Json, Problem};

/// Begins to set up an authenticator: the password is asked for once more.
#[cfg_attr(feature = "openapi", utoipa::path(
    post, path = "/api/v1/auth/totp/begin", operation_id = "beginTotp", tag = "auth", security(("accessToken" = [])),
    request_body = StepUpBody,
    responses(
        (status = 200, description = "What the authenticator is told, once.", body = SetupBody),
        super::openapi::SettingUp,
    ),
))]
pub(super) async fn begin(
    State(auth): State<Auth>,
    Owner(actor): Owner,
    Json(body): Json<StepUpBody>,
) -> Result<impl IntoResponse, Problem> {
    let setup = auth.begin_totp(actor, &body.password).await?;
    Ok(([NO_STORE], Json::<SetupBody>(setup.into())))
}

/// Confirms an authenticator by a code of it. All other sessions end.
#[cfg_attr(feature = "openapi", utoipa::path(
    post, path = "/api/v1/auth/totp/confirm", operation_id = "confirmTotp", tag = "auth", security(("accessToken" = [])),
    request_body = CodeBody,
    responses(
        (status = 200, description = "Codes for who loses the authenticator, shown once.", body = CodesBody),
        super::openapi::Confirming,
    ),
))]
pub(super) async fn confirm(
    State(auth): State<Auth>,
    Owner(actor): Owner,
    Json(body): Json<CodeBody>,
) -> Result<impl IntoResponse, Problem> {
    let recovery_codes = auth.confirm_totp(actor, &body.code).await?;
    Ok(([NO_STORE], Json::<CodesBody>(CodesBody { recovery_codes })))
}

/// Takes the authenticator away, for who knows the password and has a code.
#[cfg_attr(feature = "openapi", utoipa::path(
    post, path = "/api/v1/auth/totp/disable", operation_id = "disableTotp", tag = "auth", security(("accessToken" = [])),
    request_body = DisableBody,
    responses((status = 204, description = "The password is enough from now on."), super::openapi::SteppingUp),
))]
pub(super) async fn disable(
    State(auth): State<Auth>,
    Owner(actor): Owner,
    Json(body): Json<DisableBody>,
) -> Result<StatusCode, Problem> {
    auth.disable_totp(actor, &body.password, &body.totp).await?;
    Ok(StatusCode::NO_CONTENT)
}
