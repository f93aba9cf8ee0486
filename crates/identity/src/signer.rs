//! Signing access tokens. Only auth holds the key for it.

use crate::{
    Claims, InvalidKey, PublicKey,
    claims::{ALGORITHM, Header},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ed25519_dalek::{Signer as _, SigningKey};
use std::fmt;

/// Signs access tokens with one key.
#[derive(Clone)]
pub struct Signer {
    key: SigningKey,
    public: PublicKey,
    header: String,
}

impl Signer {
    /// A signer with the key whose 32-byte seed (RFC 8032) is `seed`, as base64url without padding.
    ///
    /// # Errors
    /// [`InvalidKey::Private`] if it is anything else.
    pub fn from_seed(seed: &str) -> Result<Self, InvalidKey> {
        let bytes = URL_SAFE_NO_PAD.decode(seed.trim()).map_err(|_| InvalidKey::Private)?;
        let bytes = bytes.try_into().map_err(|_| InvalidKey::Private)?;
        let key = SigningKey::from_bytes(&bytes);
        let public = PublicKey::new(key.verifying_key());
        let header =
            Header { alg: ALGORITHM.to_owned(), kid: public.kid().to_owned(), typ: Some("JWT".to_owned()), crit: None };
        let header = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&header).map_err(|_| InvalidKey::Private)?);
        Ok(Self { key, public, header })
    }

    /// The key that others verify with.
    #[must_use]
    pub fn public_key(&self) -> &PublicKey {
        &self.public
    }

    /// The token that says `claims`.
    #[must_use]
    pub fn sign(&self, claims: &Claims) -> String {
        // Claims are texts, numbers and a list of texts, which always have a JSON form.
        let claims = serde_json::to_vec(claims).unwrap_or_default();
        let message = format!("{}.{}", self.header, URL_SAFE_NO_PAD.encode(claims));
        let signature = URL_SAFE_NO_PAD.encode(self.key.sign(message.as_bytes()).to_bytes());
        format!("{message}.{signature}")
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({})", self.public.kid())
    }
}
