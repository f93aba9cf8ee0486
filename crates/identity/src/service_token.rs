//! Tokens between services: one secret for each callee.

use crate::caller::{bearer, invalid_token};
use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue},
    middleware::{Next, from_fn_with_state},
    response::Response,
};

use sha2::{Digest, Sha256};
use std::{fmt, sync::Arc};
use subtle::ConstantTimeEq;
use vitrine_edge::Problem;

/// The fewest characters of a secret: 32 random bytes as base64url.
const MIN_CHARS: usize = 43;

/// The secret is too short, or holds characters that a header cannot carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a service token is 32 random bytes as base64url, 43 characters or more without spaces")]
pub struct InvalidSecret;

/// The secret that the callers of a private route present. It is never shown.
#[derive(Clone)]
pub struct ServiceToken(Arc<Secret>);

struct Secret {
    sha256: [u8; 32],
    authorization: HeaderValue,
}

impl ServiceToken {
    /// The token whose secret is `secret`; white space around it is passed over.
    ///
    /// # Errors
    /// [`InvalidSecret`] if it cannot be a secret.
    pub fn new(secret: &str) -> Result<Self, InvalidSecret> {
        let secret = secret.trim();
        if secret.len() < MIN_CHARS || !secret.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(InvalidSecret);
        }
        let mut authorization = HeaderValue::from_str(&format!("Bearer {secret}")).map_err(|_| InvalidSecret)?;
        authorization.set_sensitive(true);
        Ok(Self(Arc::new(Secret { sha256: digest(secret), authorization })))
    }

    /// The value of the `Authorization` header that presents this token.
    #[must_use]
    pub fn authorization(&self) -> HeaderValue {
        self.0.authorization.clone()
    }

    /// Whether `presented` is this token. Takes the same time whatever it is.
    #[must_use]
    pub fn matches(&self, presented: &str) -> bool {
        digest(presented).ct_eq(&self.0.sha256).into()
    }

    /// Refuses requests that do not present this token.
    ///
    /// # Errors
    /// A 401 problem.
    pub fn check(&self, headers: &HeaderMap) -> Result<(), Problem> {
        match bearer(headers).flatten() {
            Some(presented) if self.matches(presented) => Ok(()),
            Some(_) => Err(invalid_token("That token is not the one for this route.")),
            None => Err(Problem::unauthorized("This route needs its own token, in Authorization: Bearer <token>.")),
        }
    }

    /// Puts the check before every route that `router` has by now.
    pub fn guard<S: Clone + Send + Sync + 'static>(&self, router: Router<S>) -> Router<S> {
        router.route_layer(from_fn_with_state(self.clone(), guard))
    }
}

async fn guard(State(token): State<ServiceToken>, request: Request, next: Next) -> Result<Response, Problem> {
    token.check(request.headers())?;
    Ok(next.run(request).await)
}

fn digest(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

impl fmt::Debug for ServiceToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ServiceToken(secret)")
    }
}
