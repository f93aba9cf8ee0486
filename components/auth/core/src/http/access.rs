//! Getting in and out.

use super::{
    ME, NO_STORE,
    cookies::{self, REFRESH, cookie},
    owner::Program,
};
use crate::wire::{LoginBody, RefreshBody, RefreshedBody, RegisterBody, SignedInBody, TokensBody};
use crate::{Auth, Credentials, Error, Registration, SignedIn};
use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use vitrine_edge::{Json, Problem};

/// Makes an account.
#[cfg_attr(feature = "openapi", utoipa::path(
    post, path = "/api/v1/auth/register", operation_id = "register", tag = "auth", request_body = RegisterBody,
    responses(
        (status = 201, description = "The account and its first tokens.", body = SignedInBody,
            headers(("Location" = String, description = "Where the account is read."))),
        super::openapi::Registering,
    ),
))]
pub(super) async fn register(
    State(auth): State<Auth>,
    program: Program,
    Json(body): Json<RegisterBody>,
) -> Result<Response, Problem> {
    let registration = Registration {
        email: &body.email,
        handle: &body.handle,
        password: &body.password,
        display_name: body.display_name.as_deref(),
    };
    let signed_in = auth.register(registration, &program.with(None)).await?;
    let location = [(header::LOCATION, HeaderValue::from_static(ME))];
    Ok((StatusCode::CREATED, location, entered(signed_in, body.cookies)).into_response())
}

/// Gives tokens to whoever knows the password.
///
/// Whatever is wrong with address, handle or password, the answer is the same 401. If they are right and the account has a
/// second factor, its `reason` is `totp_required` without a code, and `totp_invalid` with a wrong one.
#[cfg_attr(feature = "openapi", utoipa::path(
    post, path = "/api/v1/auth/login", operation_id = "login", tag = "auth", request_body = LoginBody,
    responses(
        (status = 200, description = "The account and new tokens.", body = SignedInBody),
        super::openapi::LoggingIn,
    ),
))]
pub(super) async fn login(
    State(auth): State<Auth>,
    program: Program,
    Json(body): Json<LoginBody>,
) -> Result<Response, Problem> {
    let credentials = Credentials { login: &body.login, password: &body.password, totp: body.totp.as_deref() };
    let signed_in = auth.login(credentials, &program.with(body.device_token)).await?;
    Ok(entered(signed_in, body.cookies))
}

/// Gives the next tokens for a refresh token.
///
/// Each is used once. Whose answer was lost may ask once more within ten seconds; a token that is used again later ends its
/// session, since somebody else has it too.
#[cfg_attr(feature = "openapi", utoipa::path(
    post, path = "/api/v1/auth/refresh", operation_id = "refresh", tag = "auth", request_body = RefreshBody,
    responses(
        (status = 200, description = "The next tokens.", body = RefreshedBody),
        super::openapi::Refreshing,
    ),
))]
pub(super) async fn refresh(
    State(auth): State<Auth>,
    headers: HeaderMap,
    Json(body): Json<RefreshBody>,
) -> Result<Response, Problem> {
    let token = body.refresh_token.or_else(|| cookie(&headers, REFRESH)).ok_or(Error::InvalidRefresh)?;
    let (_, tokens) = auth.refresh(&token).await?;
    let set = if body.cookies { cookies::of_tokens(&tokens) } else { HeaderMap::new() };
    let body = RefreshedBody { tokens: TokensBody::new(tokens, !body.cookies) };
    Ok((set, [NO_STORE], Json::<RefreshedBody>(body)).into_response())
}

/// Ends the session of a refresh token.
///
/// The answer is the same when there is none.
#[cfg_attr(feature = "openapi", utoipa::path(
    post, path = "/api/v1/auth/logout", operation_id = "logout", tag = "auth", request_body = RefreshBody,
    responses((status = 204, description = "The session has ended."), super::openapi::Refreshing),
))]
pub(super) async fn logout(
    State(auth): State<Auth>,
    headers: HeaderMap,
    Json(body): Json<RefreshBody>,
) -> Result<Response, Problem> {
    if let Some(token) = body.refresh_token.or_else(|| cookie(&headers, REFRESH)) {
        auth.logout(&token).await?;
    }
    Ok((StatusCode::NO_CONTENT, cookies::cleared(), [NO_STORE]).into_response())
}

/// The answer to who has got in.
pub(super) fn entered(signed_in: SignedIn, as_cookies: bool) -> Response {
    let set = if as_cookies { cookies::of_login(&signed_in) } else { HeaderMap::new() };
    (set, [NO_STORE], Json::<SignedInBody>(SignedInBody::new(signed_in, !as_cookies))).into_response()
}
