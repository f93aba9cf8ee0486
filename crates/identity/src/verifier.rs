//! Checking access tokens.

use crate::{
    AUDIENCE, Caller, Claims, PublicKey,
    cache::Cache,
    claims::{ALGORITHM, Header},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use std::sync::Arc;
use vitrine_clock::{Clock, Timestamp};

/// The longest token that is looked at, in bytes.
const MAX_BYTES: usize = 4096;

/// Why a token is refused. The caller is told no more than that it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidToken {
    /// It is not three parts of base64url with the JSON that belongs in them, or it is longer than 4,096 bytes.
    #[error("malformed")]
    Malformed,
    /// It is signed with another algorithm than EdDSA, or not at all.
    #[error("signed with another algorithm")]
    Algorithm,
    /// It is signed with a key that is not known here.
    #[error("signed with an unknown key")]
    UnknownKey,
    /// The signature is not the one of its key.
    #[error("wrong signature")]
    Signature,
    /// Someone else signed it.
    #[error("other issuer")]
    Issuer,
    /// It is for someone else.
    #[error("other audience")]
    Audience,
    /// Its time is over.
    #[error("expired")]
    Expired,
    /// Its time has not come.
    #[error("not valid yet")]
    NotYetValid,
}

/// Checks access tokens, and remembers those that were right. Clones share what they remember.
#[derive(Debug, Clone)]
pub struct Verifier(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    keys: Vec<PublicKey>,
    issuer: String,
    clock: Arc<dyn Clock>,
    cache: Cache,
}

impl Verifier {
    /// Accepts what `issuer` signed with one of `keys`. While keys are changed both the old and the new one are given.
    pub fn new(keys: Vec<PublicKey>, issuer: &str, clock: Arc<dyn Clock>) -> Self {
        Self(Arc::new(Inner { keys, issuer: issuer.to_owned(), clock, cache: Cache::default() }))
    }

    /// The keys whose tokens count.
    #[must_use]
    pub fn keys(&self) -> &[PublicKey] {
        &self.0.keys
    }

    /// Who is calling with `token`. There is no leeway for clocks that differ: auth and its readers run on the clocks of
    /// one deployment, and `nbf` is the moment of signing in whole seconds, rounded down.
    ///
    /// # Errors
    /// See [`InvalidToken`].
    pub fn verify(&self, token: &str) -> Result<Caller, InvalidToken> {
        if token.len() > MAX_BYTES {
            return Err(InvalidToken::Malformed);
        }
        let (now, hash) = (self.0.clock.now(), Sha256::digest(token.as_bytes()).into());
        if let Some(caller) = self.0.cache.get(&hash, now) {
            return Ok(caller);
        }
        let caller = self.0.check(token, now)?;
        self.0.cache.insert(hash, caller.clone(), now);
        Ok(caller)
    }
}

impl Inner {
    fn check(&self, token: &str, now: Timestamp) -> Result<Caller, InvalidToken> {
        let (message, signature) = token.rsplit_once('.').ok_or(InvalidToken::Malformed)?;
        let (header, claims) = message.split_once('.').ok_or(InvalidToken::Malformed)?;
        if claims.contains('.') {
            return Err(InvalidToken::Malformed);
        }
        let header: Header = decode(header)?;
        if header.alg != ALGORITHM {
            return Err(InvalidToken::Algorithm);
        }
        if header.crit.is_some() {
            return Err(InvalidToken::Malformed);
        }
        let key = self.keys.iter().find(|key| key.kid() == header.kid).ok_or(InvalidToken::UnknownKey)?;
        let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| InvalidToken::Malformed)?;
        if !key.signed(message.as_bytes(), &signature) {
            return Err(InvalidToken::Signature);
        }
        // Nothing of the claims is looked at before the signature is right.
        let claims: Claims = decode(claims)?;
        self.accept(claims, now)
    }

    fn accept(&self, claims: Claims, now: Timestamp) -> Result<Caller, InvalidToken> {
        if claims.iss != self.issuer {
            return Err(InvalidToken::Issuer);
        }
        if claims.aud != AUDIENCE {
            return Err(InvalidToken::Audience);
        }
        let expires_at = Timestamp::from_seconds(claims.exp);
        if now >= expires_at {
            return Err(InvalidToken::Expired);
        }
        if now < Timestamp::from_seconds(claims.nbf) {
            return Err(InvalidToken::NotYetValid);
        }
        Ok(Caller {
            account_id: claims.sub,
            handle: claims.handle,
            roles: claims.roles,
            session_id: claims.sid,
            scopes: claims.scopes,
            expires_at,
        })
    }
}

fn decode<T: DeserializeOwned>(part: &str) -> Result<T, InvalidToken> {
    let json = URL_SAFE_NO_PAD.decode(part).map_err(|_| InvalidToken::Malformed)?;
    serde_json::from_slice(&json).map_err(|_| InvalidToken::Malformed)
}
