//! Who is calling, as handlers get it.

use crate::Verifier;
use axum::{
    extract::{FromRef, FromRequestParts, OptionalFromRequestParts},
    http::{HeaderMap, HeaderValue, header, request::Parts},
};
use uuid::Uuid;
use vitrine_clock::Timestamp;
use vitrine_edge::Problem;

/// Who is calling, from a verified access token. As an argument of a handler it refuses, with a 401 problem, requests
/// that bring no valid token; `Option<Caller>` lets through those that bring none, but not those that bring a bad one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The account.
    pub account_id: Uuid,
    /// Its handle when the token was signed.
    pub handle: String,
    /// Its roles when the token was signed.
    pub roles: Vec<String>,
    /// The session of the token, or the API key that it was made from.
    pub session_id: Uuid,
    /// What the token may be used for, if it was made from an API key; otherwise all that the roles allow.
    pub scopes: Option<Vec<String>>,
    /// When the token ends.
    pub expires_at: Timestamp,
}

impl Caller {
    /// Whether the account had `role`.
    #[must_use]
    pub fn has_role(&self, role: &str) -> bool {
        self.roles.iter().any(|own| own == role)
    }

    /// Lets through what the token may be used for. Roles and owners are another matter: this only narrows.
    ///
    /// # Errors
    /// A 403 problem if the token was made from an API key without `scope`.
    pub fn require_scope(&self, scope: &str) -> Result<(), Problem> {
        match &self.scopes {
            Some(scopes) if !scopes.iter().any(|own| own == scope) => {
                Err(Problem::forbidden(&format!("The API key does not have the scope {scope}; make one that has it.")))
            }
            _ => Ok(()),
        }
    }
}

/// The credentials of `Authorization: Bearer …` (RFC 6750). `None` if there is no such header; `Some(None)` if there are
/// several, or one that is no bearer token.
#[must_use]
pub fn bearer(headers: &HeaderMap) -> Option<Option<&str>> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let value = values.next()?;
    if values.next().is_some() {
        return Some(None);
    }
    Some(value.to_str().ok().and_then(|value| {
        let (scheme, token) = value.split_once(' ')?;
        let token = token.trim_matches(' ');
        (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
    }))
}

/// 401 for a token that is there and not good.
#[must_use]
pub fn invalid_token(detail: &str) -> Problem {
    let challenge = HeaderValue::from_static(r#"Bearer error="invalid_token""#);
    Problem::unauthorized(detail).with_header(header::WWW_AUTHENTICATE, challenge)
}

fn caller(headers: &HeaderMap, verifier: &Verifier) -> Result<Option<Caller>, Problem> {
    let refused = || invalid_token("The access token is not valid, or not any more; log in again.");
    match bearer(headers) {
        None => Ok(None),
        Some(None) => Err(refused()),
        Some(Some(token)) => verifier.verify(token).map(Some).map_err(|_| refused()),
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller
where
    Verifier: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        caller(&parts.headers, &Verifier::from_ref(state))?
            .ok_or_else(|| Problem::unauthorized("Send an access token in the header Authorization: Bearer <token>."))
    }
}

impl<S: Send + Sync> OptionalFromRequestParts<S> for Caller
where
    Verifier: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Self>, Problem> {
        caller(&parts.headers, &Verifier::from_ref(state))
    }
}
