//! Routes and wire shapes. No decisions: they are in the use cases.

mod access;
mod account;
mod admin;
mod api_keys;
pub(crate) mod cookies;
mod data;
mod jwks;
#[cfg(feature = "openapi")]
mod openapi;
pub(crate) mod owner;
mod passkeys;
mod postman;
mod problems;
mod recovery;
mod sessions;
mod totp;

#[cfg(feature = "openapi")]
pub use openapi::document;

use crate::{Auth, trpc};
use axum::{
    Router,
    extract::FromRef,
    http::{HeaderName, HeaderValue, header},
    middleware::from_fn_with_state,
    routing::{delete, get, post, put},
};
use postman::Postman;
use std::fmt;
use vitrine_events::{Spawn, outbox_router};
use vitrine_identity::{ServiceToken, Verifier};
use vitrine_mailer::Mailbox;

const ME: &str = "/api/v1/auth/me";

/// Answers hold tokens and addresses, so nothing between may keep them.
const NO_STORE: (HeaderName, HeaderValue) = (header::CACHE_CONTROL, HeaderValue::from_static("no-store"));

/// Who else may come in, and how work goes on after a response.
#[derive(Clone)]
pub struct Doors {
    /// What operators present, at the routes of the mailbox.
    pub admin: ServiceToken,
    /// What the gateway presents, at `/_token`.
    pub exchange: ServiceToken,
    /// What the relay presents, at `/_outbox`.
    pub service: ServiceToken,
    /// Mail that was not sent, where this deployment has a mailbox for it.
    pub mailbox: Option<Mailbox>,
    /// Starts work that goes on after a response.
    pub spawn: Spawn,
}

impl fmt::Debug for Doors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Doors").field("mailbox", &self.mailbox).finish_non_exhaustive()
    }
}

/// The router of auth.
pub fn router(auth: Auth, doors: Doors) -> Router {
    let ids = auth.ids();
    let postman = Postman::new(auth.clone(), doors.spawn);
    let routes = Router::new()
        .route("/api/v1/auth/register", post(access::register))
        .route("/api/v1/auth/login", post(access::login))
        .route("/api/v1/auth/refresh", post(access::refresh))
        .route("/api/v1/auth/logout", post(access::logout))
        .route("/.well-known/jwks.json", get(jwks::read))
        .route(ME, get(account::me).patch(account::update))
        .route("/api/v1/auth/password", post(account::change_password))
        .route("/api/v1/auth/profiles/{handle}", get(account::profile))
        .route("/api/v1/auth/sessions", get(sessions::list))
        .route("/api/v1/auth/sessions/{id}", delete(sessions::revoke))
        .route("/api/v1/auth/api-keys", get(api_keys::list).post(api_keys::create))
        .route("/api/v1/auth/api-keys/{id}", delete(api_keys::revoke))
        .route("/api/v1/auth/audit", get(data::audit))
        .route("/api/v1/auth/admin/audit", get(data::audit_of))
        .route("/api/v1/auth/export", get(data::export))
        .route("/api/v1/auth/delete-account", post(data::delete))
        .route("/api/v1/auth/totp/begin", post(totp::begin))
        .route("/api/v1/auth/totp/confirm", post(totp::confirm))
        .route("/api/v1/auth/totp/disable", post(totp::disable))
        .route("/api/v1/auth/passkeys", get(passkeys::list))
        .route("/api/v1/auth/passkeys/register/begin", post(passkeys::begin_register))
        .route("/api/v1/auth/passkeys/register/finish", post(passkeys::finish_register))
        .route("/api/v1/auth/passkeys/login/begin", post(passkeys::begin_login))
        .route("/api/v1/auth/passkeys/login/finish", post(passkeys::finish_login))
        .route("/api/v1/auth/passkeys/remove", post(passkeys::remove))
        .route("/api/v1/auth/request-verification", post(recovery::request_verification))
        .route("/api/v1/auth/verify-email", post(recovery::verify_email))
        .route("/api/v1/auth/request-password-reset", post(recovery::request_password_reset))
        .route("/api/v1/auth/reset-password", post(recovery::reset_password))
        .route("/api/v1/auth/admin/accounts/{id}/roles", put(admin::set_roles))
        .with_state(auth.clone());
    let private = Router::new().route("/_token", post(api_keys::exchange));
    let procedures = Router::new().nest("/api/auth", trpc::procedures().into_axum(auth.clone()));
    let outbox = outbox_router(auth.outbox(), &doors.service);
    let private = doors.exchange.guard(private).with_state(auth).merge(outbox);
    let mailbox = doors.mailbox.map_or_else(Router::new, |mailbox| {
        let route = Router::new().route("/api/v1/auth/admin/mailbox", get(admin::mailbox)).with_state(mailbox);
        doors.admin.guard(route)
    });
    vitrine_edge::finish(
        routes.merge(mailbox).merge(procedures).merge(private).layer(from_fn_with_state(postman, postman::layer)),
        ids,
    )
}

impl FromRef<Auth> for Verifier {
    fn from_ref(auth: &Auth) -> Self {
        auth.verifier()
    }
}
