//! What is known of a request that may have come before.

use crate::{Fingerprint, IdempotencyKey, fingerprint::hex};
use axum::{
    extract::{FromRequest, FromRequestParts, MatchedPath, OptionalFromRequestParts, Request},
    http::{Method, Uri, request::Parts},
};
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use vitrine_edge::{JSON_BODY_BYTES, Problem, json_bytes, parse_json};

/// Where an answer is kept: a key of one caller on one route. The same key of another caller is another slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    pub(crate) caller: String,
    pub(crate) route: String,
    pub(crate) key: IdempotencyKey,
}

impl Slot {
    /// The slot of that key, for what is sent to `target`.
    #[must_use]
    pub fn new(caller: &str, target: &Target, key: IdempotencyKey) -> Self {
        Self { caller: caller.to_owned(), route: target.route.clone(), key }
    }
}

/// What a request is sent to: its method, its address, and the template of the route that it has taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    method: Method,
    uri: Uri,
    route: String,
}

impl Target {
    /// The fingerprint of the request, if its body has that digest.
    pub(crate) fn fingerprint(&self, body_sha256: &str) -> Fingerprint {
        Fingerprint::new(&self.method, &self.uri, body_sha256)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Target {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        // Only a fallback has no template.
        let path = parts.extensions.get::<MatchedPath>().map_or_else(|| parts.uri.path(), MatchedPath::as_str);
        let route = format!("{} {path}", parts.method);
        Ok(Self { method: parts.method.clone(), uri: parts.uri.clone(), route })
    }
}

/// One request, as [`crate::Idempotency::once`] takes it: without a slot nothing is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Where the answer is kept, if the request has a key.
    pub slot: Option<Slot>,
    /// What tells it from another request.
    pub fingerprint: Fingerprint,
}

/// A JSON body of at most `LIMIT` bytes beside what its key needs. It refuses what [`vitrine_edge::Json`] refuses, and
/// an `Idempotency-Key` that is none (400).
#[derive(Debug, Clone)]
pub struct KeyedJson<T, const LIMIT: usize = JSON_BODY_BYTES> {
    key: Option<IdempotencyKey>,
    target: Target,
    fingerprint: Fingerprint,
    value: T,
}

impl<T, const LIMIT: usize> KeyedJson<T, LIMIT> {
    /// The attempt of that caller, and what it says.
    pub fn by(self, caller: &str) -> (Attempt, T) {
        let slot = self.key.map(|key| Slot::new(caller, &self.target, key));
        (Attempt { slot, fingerprint: self.fingerprint }, self.value)
    }
}

impl<T: DeserializeOwned, S: Send + Sync, const LIMIT: usize> FromRequest<S> for KeyedJson<T, LIMIT> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        let key = <IdempotencyKey as OptionalFromRequestParts<S>>::from_request_parts(&mut parts, state).await?;
        let target = Target::from_request_parts(&mut parts, state).await?;
        let body = json_bytes(Request::from_parts(parts, body), LIMIT).await?;
        let fingerprint = target.fingerprint(&hex(&Sha256::digest(&body)));
        Ok(Self { key, target, fingerprint, value: parse_json(&body)? })
    }
}
