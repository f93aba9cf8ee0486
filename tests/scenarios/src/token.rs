//! Access tokens made by the test itself (EdDSA JWT, RFC 8037), to see that wrong ones are refused.

use anyhow::{Context as _, Result};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signer as _, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// Encodes as base64url without padding.
#[must_use]
pub fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The claims of a token, unverified.
///
/// # Errors
/// When it is not a JWT.
pub fn claims(token: &str) -> Result<Value> {
    part(token, 1)
}

/// The header of a token, unverified.
///
/// # Errors
/// When it is not a JWT.
pub fn header(token: &str) -> Result<Value> {
    part(token, 0)
}

fn part(token: &str, n: usize) -> Result<Value> {
    let part = token.split('.').nth(n).context("too few parts for a JWT")?;
    Ok(serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part)?)?)
}

/// The key id of a public key: its thumbprint (RFC 7638).
#[must_use]
pub fn thumbprint(key: &SigningKey) -> String {
    let x = base64url(key.verifying_key().as_bytes());
    base64url(&Sha256::digest(format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#)))
}

/// Signs claims as a JWT with this header.
#[must_use]
pub fn sign(key: &SigningKey, header: &Value, claims: &Value) -> String {
    let body = format!("{}.{}", base64url(header.to_string().as_bytes()), base64url(claims.to_string().as_bytes()));
    let signature = key.sign(body.as_bytes());
    format!("{body}.{}", base64url(&signature.to_bytes()))
}

/// The header that a proper token of this key has.
#[must_use]
pub fn proper_header(key: &SigningKey) -> Value {
    json!({"alg": "EdDSA", "typ": "JWT", "kid": thumbprint(key)})
}
