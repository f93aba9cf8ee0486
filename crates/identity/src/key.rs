//! Public keys and their ids.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ed25519_dalek::{Signature, VerifyingKey};
use sha2::{Digest, Sha256};
use std::{fmt, str::FromStr};

/// A key is not what it should be. The message says what it should be, never what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidKey {
    /// Not a public key.
    #[error("a public key is 32 bytes of Ed25519 as base64url without padding")]
    Public,
    /// Not a private key.
    #[error("a signing key is the 32 bytes of an Ed25519 seed as base64url without padding")]
    Private,
    /// An empty list.
    #[error("at least one public key is needed")]
    None,
}

/// The public half of a key that signs access tokens.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey {
    key: VerifyingKey,
    kid: String,
}

impl PublicKey {
    pub(crate) fn new(key: VerifyingKey) -> Self {
        // RFC 7638, with the members that RFC 8037 requires, in their order.
        let x = URL_SAFE_NO_PAD.encode(key.as_bytes());
        let jwk = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
        let kid = URL_SAFE_NO_PAD.encode(Sha256::digest(jwk.as_bytes()));
        Self { key, kid }
    }

    /// Reads keys that are separated by commas; white space around them is passed over.
    ///
    /// # Errors
    /// [`InvalidKey`] if one of them is none, or there are none.
    pub fn parse_list(text: &str) -> Result<Vec<Self>, InvalidKey> {
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        let keys = parts.map(str::parse).collect::<Result<Vec<_>, _>>()?;
        if keys.is_empty() { Err(InvalidKey::None) } else { Ok(keys) }
    }

    /// Its id: the SHA-256 thumbprint of its JWK (RFC 7638) as base64url.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// Its JWK (RFC 7517, RFC 8037), for those who verify with other means.
    #[must_use]
    pub fn to_jwk(&self) -> serde_json::Value {
        serde_json::json!({
            "alg": "EdDSA", "crv": "Ed25519", "kid": self.kid, "kty": "OKP", "use": "sig", "x": self.to_string()
        })
    }

    /// Whether `signature` over `message` was made with the private half. Strict: signatures and keys of small order,
    /// which several messages could share, are refused.
    pub(crate) fn signed(&self, message: &[u8], signature: &[u8]) -> bool {
        Signature::from_slice(signature).is_ok_and(|signature| self.key.verify_strict(message, &signature).is_ok())
    }
}

impl FromStr for PublicKey {
    type Err = InvalidKey;

    fn from_str(text: &str) -> Result<Self, InvalidKey> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| InvalidKey::Public)?;
        let bytes = bytes.try_into().map_err(|_| InvalidKey::Public)?;
        let key = VerifyingKey::from_bytes(&bytes).map_err(|_| InvalidKey::Public)?;
        if key.is_weak() { Err(InvalidKey::Public) } else { Ok(Self::new(key)) }
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.key.as_bytes()))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", self.kid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The key of RFC 8037, appendix A.2.
    const KEY: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

    #[test]
    fn the_id_is_the_thumbprint_of_rfc_8037() {
        let key: PublicKey = KEY.parse().unwrap();
        assert_eq!(key.kid(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
        assert_eq!(key.to_string(), KEY);
        let jwk = serde_json::json!({
            "kty": "OKP", "crv": "Ed25519", "x": KEY, "kid": key.kid(), "use": "sig", "alg": "EdDSA"
        });
        assert_eq!(key.to_jwk(), jwk);
    }

    #[test]
    fn lists_are_read_and_bad_ones_refused() {
        assert_eq!(PublicKey::parse_list(&format!(" {KEY} , {KEY},")).unwrap().len(), 2);
        assert_eq!(PublicKey::parse_list(" , "), Err(InvalidKey::None));
        for bad in ["short", &KEY[1..], &format!("{KEY}="), &"A".repeat(43), &format!("{KEY},x")] {
            assert_eq!(PublicKey::parse_list(bad), Err(InvalidKey::Public), "{bad}");
        }
    }
}
