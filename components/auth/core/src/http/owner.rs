//! Who is calling, as the routes get it.

use super::cookies::{DEVICE, cookie};
use crate::{Actor, Auth, Client, DeviceName};
use axum::{
    extract::FromRequestParts,
    http::{header, request::Parts},
};
use std::convert::Infallible;
use vitrine_edge::Problem;
use vitrine_identity::Caller;

/// Who is logged in, by a session that is live.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Owner(pub(crate) Actor);

impl FromRequestParts<Auth> for Owner {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, auth: &Auth) -> Result<Self, Problem> {
        let caller = <Caller as FromRequestParts<Auth>>::from_request_parts(parts, auth).await?;
        Ok(Self(auth.actor(&caller).await?))
    }
}

/// Who is logged in, if anybody is: where a token that is not good is no reason to refuse what needs none.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Perhaps(pub(crate) Option<Actor>);

impl FromRequestParts<Auth> for Perhaps {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, auth: &Auth) -> Result<Self, Infallible> {
        Ok(Self(Owner::from_request_parts(parts, auth).await.ok().map(|Owner(actor)| actor)))
    }
}

/// Who is logged in and an admin: asked before the body is read, so that nobody else learns what admins may send.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Admin(pub(crate) Actor);

impl FromRequestParts<Auth> for Admin {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, auth: &Auth) -> Result<Self, Problem> {
        let Owner(actor) = Owner::from_request_parts(parts, auth).await?;
        auth.admin(actor).await?;
        Ok(Self(actor))
    }
}

/// The program that is used, by its headers.
#[derive(Debug, Clone)]
pub(crate) struct Program(Client);

impl Program {
    /// The program, with the device token of the body if it has one.
    pub(crate) fn with(self, device_token: Option<String>) -> Client {
        Client { device_token: device_token.or(self.0.device_token), ..self.0 }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Program {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let agent = parts.headers.get(header::USER_AGENT).map(|value| String::from_utf8_lossy(value.as_bytes()));
        let name = DeviceName::of(&agent.unwrap_or_default());
        Ok(Self(Client { name, device_token: cookie(&parts.headers, DEVICE) }))
    }
}
