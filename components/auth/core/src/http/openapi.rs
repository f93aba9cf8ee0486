//! The document of the routes.

use super::{access, account, admin, api_keys, data, jwks, passkeys, recovery, sessions, totp};
use utoipa::OpenApi;

vitrine_edge::refusals! {
    /// Of a registration.
    Registering: BadRequest, Conflict, TooLarge, UnsupportedMediaType, Unprocessable;
    /// Of a login.
    LoggingIn: BadRequest, Unauthorized, TooLarge, UnsupportedMediaType, Unprocessable, RateLimited;
    /// Of what takes a refresh token.
    Refreshing: BadRequest, Unauthorized, TooLarge, UnsupportedMediaType, Unprocessable;
    /// Of what only needs a token.
    WithToken: Unauthorized, Forbidden;
    /// Of a read with conditions.
    Reading: BadRequest, Unauthorized, Forbidden, PreconditionFailed;
    /// Of a change with a condition.
    Changing: BadRequest, Unauthorized, Forbidden, PreconditionFailed, PreconditionRequired, TooLarge,
        UnsupportedMediaType, Unprocessable;
    /// Of what asks for the password once more.
    SteppingUp: BadRequest, Unauthorized, Forbidden, TooLarge, UnsupportedMediaType, Unprocessable, RateLimited;
    /// Of setting up a second factor.
    SettingUp: BadRequest, Unauthorized, Forbidden, Conflict, TooLarge, UnsupportedMediaType, Unprocessable, RateLimited;
    /// Of confirming it.
    Confirming: BadRequest, Unauthorized, Forbidden, NotFound, TooLarge, UnsupportedMediaType, Unprocessable, RateLimited;
    /// Of adding a passkey.
    AddingPasskeys: BadRequest, Unauthorized, Forbidden, NotFound, Conflict, TooLarge, UnsupportedMediaType, Unprocessable;
    /// Of beginning to log in with a passkey.
    Beginning: Forbidden, RateLimited;
    /// Of logging in with it.
    FinishingLogin: BadRequest, Unauthorized, Forbidden, TooLarge, UnsupportedMediaType, Unprocessable, RateLimited;
    /// Of making an API key.
    MakingKeys: BadRequest, Unauthorized, Forbidden, Conflict, TooLarge, UnsupportedMediaType, Unprocessable, RateLimited;
    /// Of a list.
    Listing: BadRequest, Unauthorized, Forbidden;
    /// Of what is about one thing of the caller's.
    Finding: Unauthorized, Forbidden, NotFound;
    /// Of what sends or takes a secret.
    Sending: BadRequest, TooLarge, UnsupportedMediaType, Unprocessable;
    /// Of the keys.
    Keys: ;
    /// Of what operators do.
    Operating: BadRequest, Unauthorized;
    /// Of what admins do.
    Administering: BadRequest, Unauthorized, Forbidden, NotFound, TooLarge, UnsupportedMediaType, Unprocessable;
    /// Of what everybody may read.
    Public: BadRequest, NotFound, PreconditionFailed;
}

#[derive(OpenApi)]
#[openapi(
    paths(
        access::register, access::login, access::refresh, access::logout,
        account::me, account::update, account::change_password, account::profile,
        sessions::list, sessions::revoke,
        recovery::request_verification, recovery::verify_email, recovery::request_password_reset,
        recovery::reset_password, admin::set_roles, admin::mailbox, jwks::read,
        totp::begin, totp::confirm, totp::disable,
        passkeys::begin_register, passkeys::finish_register, passkeys::begin_login, passkeys::finish_login,
        passkeys::list, passkeys::remove,
        api_keys::create, api_keys::list, api_keys::revoke,
        data::audit, data::audit_of, data::export, data::delete,
    ),
    tags((name = "auth", description = "Accounts, sessions and what proves them.")),
)]
struct Document;

/// The routes of auth as an OpenAPI document.
#[must_use]
pub fn document() -> utoipa::openapi::OpenApi {
    Document::openapi()
}
