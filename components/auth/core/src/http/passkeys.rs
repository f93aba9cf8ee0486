//! Passkeys.

use super::{
    NO_STORE,
    access::entered,
    owner::{Owner, Program},
};
use crate::Auth;
use crate::wire::{
    BeginPasskeyBody, NewPasskeyBody, OptionsBody, PasskeyBody, PasskeyLoginBody, PasskeysBody, RemovePasskeyBody,
};
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use vitrine_edge::{Json, Problem};

/// Begins to add a passkey: the password is asked for once more, and a code if there is a second factor.
#[cfg_attr(feature = "openapi", utoipa::path(
    post, path = "/api/v1/auth/passkeys/register/begin", operation_id = "beginPasskey", tag = "auth",
    security(("accessToken" = [])), request_body = BeginPasskeyBody,
    responses(
        (status = 200, description = "What the browser is told; good for five minutes.", body = OptionsBody),
        super::openapi::SettingUp,
    ),
))]
pub(super) async fn begin_register(
    State(auth): State<Auth>,
    Owner(actor): Owner,
    Json(body): Json<BeginPasskeyBody>,
) -> Result<impl IntoResponse, Problem> {
    let public_key = auth.begin_passkey(actor, &body.password, body.totp.as_deref()).await?;
    Ok(([NO_STORE], Json::<OptionsBody>(OptionsBody { public_key })))
}

/// Adds the passkey that the browser has made. Whatever the answer is, the challenge has had it.
#[cfg_attr(feature = "openapi", utoipa::path(
    post, path = "/api/v1/auth/passkeys/register/finish", operation_id = "finishPasskey", tag = "auth",
    security(("accessToken" = [])), request_body = NewPasskeyBody,
    responses(
        (status = 201, description = "The passkey.", body = PasskeyBody),
        super::openapi::AddingPasskeys,
    ),
))]
pub(super) async fn finish_register(
    State(auth): State<Auth>,
    Owner(actor): Owner,
    Json(body): Json<NewPasskeyBody>,
) -> Result<impl IntoResponse, Problem> {
    let passkey = auth.finish_passkey(actor, body.name.as_deref(), &body.credential).await?;
    Ok((StatusCode::CREATED, [NO_STORE], Json::<PasskeyBody>(passkey.into())))
}

/// Begins to log in with a passkey. Who that is, the passkey tells.
#[cfg_attr(feature = "openapi", utoipa::path(
    post, path = "/api/v1/auth/passkeys/login/begin", operation_id = "beginPasskeyLogin", tag = "auth",
    responses(
        (status = 200, description = "What the browser is told; good for five minutes.", body = OptionsBody),
        super::openapi::Beginning,
    ),
))]
pub(super) async fn begin_login(State(auth): State<Auth>) -> Result<impl IntoResponse, Problem> {
    let public_key = auth.begin_passkey_login().await?;
    Ok(([NO_STORE], Json::<OptionsBody>(OptionsBody { public_key })))
}

/// Gives tokens to whoever has a passkey. No code of a second factor is asked for: the authenticator has seen its owner.
///
/// Whatever is wrong with the answer, this one is the same 401.
#[cfg_attr(feature = "openapi", utoipa::path(
    post, path = "/api/v1/auth/passkeys/login/finish", operation_id = "finishPasskeyLogin", tag = "auth",
    request_body = PasskeyLoginBody,
    responses(
        (status = 200, description = "The account and new tokens.", body = crate::wire::SignedInBody),
        super::openapi::FinishingLogin,
    ),
))]
pub(super) async fn finish_login(
    State(auth): State<Auth>,
    program: Program,
    Json(body): Json<PasskeyLoginBody>,
) -> Result<Response, Problem> {
    let signed_in = auth.finish_passkey_login(&body.credential, &program.with(None)).await?;
    Ok(entered(signed_in, body.cookies))
}

/// The caller's passkeys, the newest first.
#[cfg_attr(feature = "openapi", utoipa::path(
    get, path = "/api/v1/auth/passkeys", operation_id = "listPasskeys", tag = "auth", security(("accessToken" = [])),
    responses((status = 200, description = "The passkeys.", body = PasskeysBody), super::openapi::WithToken),
))]
pub(super) async fn list(State(auth): State<Auth>, Owner(actor): Owner) -> Result<impl IntoResponse, Problem> {
    let items = auth.passkeys(actor).await?.into_iter().map(PasskeyBody::from).collect();
    Ok(([NO_STORE], Json::<PasskeysBody>(PasskeysBody { items })))
}

/// Removes one of the caller's passkeys, for who knows the password.
#[cfg_attr(feature = "openapi", utoipa::path(
    post, path = "/api/v1/auth/passkeys/remove", operation_id = "removePasskey", tag = "auth",
    security(("accessToken" = [])), request_body = RemovePasskeyBody,
    responses((status = 204, description = "Nobody gets in by it any more."), super::openapi::Confirming),
))]
pub(super) async fn remove(
    State(auth): State<Auth>,
    Owner(actor): Owner,
    Json(body): Json<RemovePasskeyBody>,
) -> Result<StatusCode, Problem> {
    auth.remove_passkey(actor, body.id, &body.password).await?;
    Ok(StatusCode::NO_CONTENT)
}
