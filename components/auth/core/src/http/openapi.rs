//! The document of the routes.

use utoipa::OpenApi;

vitrine_edge::refusals! {
    /// Of a registration.
    Registering: BadRequest, Conflict, TooLarge, UnsupportedMediaType, Unprocessable;
    /// Of a login.
    LoggingIn: BadRequest, Unauthorized, TooLarge, UnsupportedMediaType, Unprocessable;
    /// Of what only needs a token.
    WithToken: Unauthorized;
}

#[derive(OpenApi)]
#[openapi(
    paths(super::register, super::login, super::me),
    tags((name = "auth", description = "Accounts, passwords and access tokens.")),
)]
struct Document;

/// The routes of auth as an OpenAPI document.
#[must_use]
pub fn document() -> utoipa::openapi::OpenApi {
    Document::openapi()
}
