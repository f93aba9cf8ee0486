//! What is proved by reading mail.

use super::{
    NO_STORE,
    owner::{Owner, Perhaps},
};
use crate::Auth;
use crate::wire::{DeviceBody, EmailBody, ResetBody, TokenBody};
use axum::{extract::State, http::StatusCode, response::IntoResponse};
use vitrine_edge::{Json, Problem};

/// Has the mail sent once more that shows whose address it is.
#[cfg_attr(feature = "openapi", utoipa::path(
    post, path = "/api/v1/auth/request-verification", operation_id = "requestVerification", tag = "auth", security(("accessToken" = [])),
    responses((status = 202, description = "A mail is on its way, unless the address is verified."), super::openapi::WithToken),
))]
pub(super) async fn request_verification(State(auth): State<Auth>, Owner(actor): Owner) -> Result<StatusCode, Problem> {
    auth.request_verification(actor).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Shows that an address is its account's own, by the secret that was sent to it.
#[cfg_attr(feature = "openapi", utoipa::path(
    post, path = "/api/v1/auth/verify-email", operation_id = "verifyEmail", tag = "auth", request_body = TokenBody,
    responses((status = 204, description = "The address is verified."), super::openapi::Sending),
))]
pub(super) async fn verify_email(
    State(auth): State<Auth>,
    Perhaps(by): Perhaps,
    Json(body): Json<TokenBody>,
) -> Result<StatusCode, Problem> {
    auth.verify_email(&body.token, by).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Has a mail sent by which the password can be changed.
///
/// The answer is the same whether an account has that address or not.
#[cfg_attr(feature = "openapi", utoipa::path(
    post, path = "/api/v1/auth/request-password-reset", operation_id = "requestPasswordReset", tag = "auth", request_body = EmailBody,
    responses((status = 202, description = "If an account has that address, a mail is on its way."), super::openapi::Sending),
))]
pub(super) async fn request_password_reset(
    State(auth): State<Auth>,
    Json(body): Json<EmailBody>,
) -> Result<StatusCode, Problem> {
    auth.request_password_reset(&body.email).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Changes the password, by the secret that was sent to the account's address. All its sessions end.
#[cfg_attr(feature = "openapi", utoipa::path(
    post, path = "/api/v1/auth/reset-password", operation_id = "resetPassword", tag = "auth", request_body = ResetBody,
    responses((status = 200, description = "The password is changed.", body = DeviceBody), super::openapi::Sending),
))]
pub(super) async fn reset_password(
    State(auth): State<Auth>,
    Json(body): Json<ResetBody>,
) -> Result<impl IntoResponse, Problem> {
    let device_token = auth.reset_password(&body.token, &body.password).await?;
    Ok(([NO_STORE], Json::<DeviceBody>(DeviceBody { device_token })))
}
